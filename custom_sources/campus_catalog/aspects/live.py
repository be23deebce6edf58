"""Merging a stamp into aspects a live source brings itself."""

from __future__ import annotations

import json
from typing import Any

from datahub.metadata.schema_classes import (
    DatasetPropertiesClass,
    GlobalTagsClass,
    GlossaryTermsClass,
    OwnershipClass,
    SchemaMetadataClass,
    _Aspect,
)
from datahub.utilities.urns.field_paths import get_simple_field_path_from_v2_field_path

from campus_catalog.aspects.common import platform_urn
from campus_catalog.aspects.lists import LISTS
from campus_catalog.register.systems import DeclaredDataset


def merge_stamp(aspects: list[_Aspect], stamp: dict[type, _Aspect]) -> set[type]:
    """Merge the stamp into a live source's own aspects, where they are of its types.

    Args:
        aspects: of one record; changed in place.
        stamp: by type.

    Returns:
        The types of the stamp that ``aspects`` now carry.
    """
    found = {type(aspect) for aspect in aspects if type(aspect) in stamp}
    for aspect in aspects:
        if type(aspect) in stamp:
            _merge(aspect, stamp[type(aspect)])
    return found


def _merge(live: Any, ours: Any) -> None:
    row = LISTS.get(live.ASPECT_NAME)
    if row is None:  # exactly one domain, the declared one
        live.domains = ours.domains
        return
    stated = getattr(ours, row.field)
    known = {row.identity(entry) for entry in stated}
    kept = [entry for entry in getattr(live, row.field) if row.identity(entry) not in known]
    setattr(live, row.field, [*kept, *stated])


#: aspects of the stamp that DataHub's dataset snapshot can carry
SNAPSHOT = (OwnershipClass, GlobalTagsClass, GlossaryTermsClass)


#: where a database's own comment is kept when the declaration says something else
COMMENT_KEY = "database_comment"


#: what a workbook says of itself; the rest names people (author, last_modified_by) or is cells beside the table
WORKBOOK = frozenset(
    "title subject description keywords category created modified status revision version language identifier".split()
)
_EXCEL = f"urn:li:dataset:({platform_urn('excel')},"


def keep_workbook(urn: str, live: DatasetPropertiesClass) -> None:
    """Of a sheet's properties keep what the workbook says of itself.

    Args:
        urn: of the dataset; of other platforms everything stays.
        live: changed in place.
    """
    if urn.startswith(_EXCEL):
        live.customProperties = {key: text for key, text in live.customProperties.items() if key in WORKBOOK}


def merge_properties(live: DatasetPropertiesClass, entry: DeclaredDataset) -> None:
    """Put the declared name and description on what the live source found; its own comment is kept beside them.

    Args:
        live: what the live source found; changed in place.
        entry: the dataset's declaration.
    """
    dataset = entry.dataset
    if dataset.description and live.description and live.description != dataset.description:
        live.customProperties = {**live.customProperties, COMMENT_KEY: live.description}
    live.description = dataset.description or live.description
    live.qualifiedName = live.qualifiedName or entry.key.plain
    live.name = dataset.name


def merge_schema(live: SchemaMetadataClass, entry: DeclaredDataset) -> list[str]:
    """Put declared field descriptions on the live fields.

    Args:
        live: what the live source found; changed in place.
        entry: the dataset's declaration.

    Returns:
        Names of declared fields the live table does not have.
    """
    declared = {column.name: column for column in entry.dataset.fields}
    for field in live.fields:
        column = declared.pop(get_simple_field_path_from_v2_field_path(field.fieldPath), None)
        if column is None or not column.description or column.description == field.description:
            continue
        if field.description:
            known = json.loads(field.jsonProps) if field.jsonProps else {}
            field.jsonProps = json.dumps({**known, COMMENT_KEY: field.description}, ensure_ascii=False)
        field.description = column.description
    return list(declared)
