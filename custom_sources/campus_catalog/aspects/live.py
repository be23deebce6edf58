"""Merging a stamp into aspects a live source brings itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from datahub.metadata.schema_classes import (
    ApplicationsClass,
    DatasetPropertiesClass,
    DomainsClass,
    GlobalTagsClass,
    GlossaryTermsClass,
    OwnershipClass,
    SchemaMetadataClass,
    StructuredPropertiesClass,
    _Aspect,
)

from campus_catalog.register.systems import DeclaredDataset


def merge_stamp(aspects: list[_Aspect], stamp: dict[type, _Aspect]) -> set[type]:
    """Merge the stamp into ``aspects`` where they are of its types; returns the types so carried."""
    found = {type(aspect) for aspect in aspects if type(aspect) in stamp}
    for aspect in aspects:
        if type(aspect) in stamp:
            MERGERS[type(aspect)](aspect, stamp[type(aspect)])
    return found


def _merge_ownership(live: OwnershipClass, ours: OwnershipClass) -> None:
    known = {(owner.owner, owner.typeUrn) for owner in ours.owners}
    live.owners = [owner for owner in live.owners if (owner.owner, owner.typeUrn) not in known] + ours.owners


def _merge_terms(live: GlossaryTermsClass, ours: GlossaryTermsClass) -> None:
    known = {association.urn for association in ours.terms}
    live.terms = [association for association in live.terms if association.urn not in known] + ours.terms


def _merge_tags(live: GlobalTagsClass, ours: GlobalTagsClass) -> None:
    known = {association.tag for association in ours.tags}
    live.tags = [association for association in live.tags if association.tag not in known] + ours.tags


def _merge_structured(live: StructuredPropertiesClass, ours: StructuredPropertiesClass) -> None:
    known = {value.propertyUrn for value in ours.properties}
    live.properties = [value for value in live.properties if value.propertyUrn not in known] + ours.properties


def _merge_domains(live: DomainsClass, ours: DomainsClass) -> None:
    live.domains = ours.domains  # exactly one domain, the declared one


def _merge_applications(live: ApplicationsClass, ours: ApplicationsClass) -> None:
    live.applications = list(dict.fromkeys([*live.applications, *ours.applications]))


MERGERS: dict[type, Callable[[Any, Any], None]] = {
    OwnershipClass: _merge_ownership,
    GlossaryTermsClass: _merge_terms,
    GlobalTagsClass: _merge_tags,
    StructuredPropertiesClass: _merge_structured,
    DomainsClass: _merge_domains,
    ApplicationsClass: _merge_applications,
}


#: aspects of the stamp that DataHub's dataset snapshot can carry
SNAPSHOT = (OwnershipClass, GlobalTagsClass, GlossaryTermsClass)


#: where a database's own comment is kept when the declaration says something else
COMMENT_KEY = "database_comment"


def merge_properties(live: DatasetPropertiesClass, entry: DeclaredDataset) -> None:
    """Put the declared name and description on what the live source found; its own comment is kept beside them."""
    dataset = entry.dataset
    if dataset.description and live.description and live.description != dataset.description:
        live.customProperties = {**live.customProperties, COMMENT_KEY: live.description}
    live.description = dataset.description or live.description
    live.qualifiedName = live.qualifiedName or entry.key.name
    live.name = dataset.name


def merge_schema(live: SchemaMetadataClass, entry: DeclaredDataset) -> list[str]:
    """Put declared field descriptions on the live fields.

    Returns:
        Names of declared fields the live table does not have.
    """
    declared = {column.name: column for column in entry.dataset.fields}
    for field in live.fields:
        column = declared.pop(field.fieldPath.rsplit(".", 1)[-1], None)
        if column is None or not column.description or column.description == field.description:
            continue
        if field.description:
            known = json.loads(field.jsonProps) if field.jsonProps else {}
            field.jsonProps = json.dumps({**known, COMMENT_KEY: field.description}, ensure_ascii=False)
        field.description = column.description
    return list(declared)
