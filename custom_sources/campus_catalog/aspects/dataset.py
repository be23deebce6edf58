"""What is stamped on a dataset, a container or a system, and what a declared dataset looks like.

``stamp_aspects`` is the one function that decides what a declaration means in DataHub; the register source, the system
source, the transformer and the system's own entity all call it.
"""

from __future__ import annotations

import json
from functools import lru_cache

from datahub.emitter.mce_builder import make_dataset_urn_with_platform_instance
from datahub.ingestion.source.sql.sql_types import resolve_sql_type
from datahub.metadata.schema_classes import (
    ApplicationPropertiesClass,
    ApplicationsClass,
    BooleanTypeClass,
    BytesTypeClass,
    DataPlatformInstanceClass,
    DatasetPropertiesClass,
    DateTypeClass,
    DomainsClass,
    GlobalTagsClass,
    GlossaryTermsClass,
    NullTypeClass,
    NumberTypeClass,
    OtherSchemaClass,
    OwnershipClass,
    SchemaFieldClass,
    SchemaFieldDataTypeClass,
    SchemaMetadataClass,
    StatusClass,
    StringTypeClass,
    StructuredPropertiesClass,
    StructuredPropertyValueAssignmentClass,
    TimeTypeClass,
    _Aspect,
)
from datahub.metadata.urns import DataPlatformInstanceUrn

from campus_catalog.aspects.common import (
    application_urn,
    attribution,
    domain_urn,
    group_urn,
    owner,
    platform_urn,
    property_urn,
    stamp,
    tag,
    term,
    user_urn,
)
from campus_catalog.aspects.personal import dataset_tag, personal_columns, tag_columns
from campus_catalog.register.loader import DatasetKey, DeclaredDataset, DeclaredSystem
from campus_catalog.register.models import Dataset, Field
from campus_catalog.register.statements import Answer
from campus_catalog.regulation.loader import Regulation

#: structured property -> attribute of Answer
_PROPERTIES = {
    "campus.sharing_scope": "scope",
    "campus.sharing_purpose": "purpose",
    "campus.sharing_basis": "basis",
    "campus.data_standard": "data_standard",
    "campus.operation_log": "operation_log",
    "campus.backup": "backup",
}


def dataset_urn(key: DatasetKey) -> str:
    """The urn live ingestion gives the dataset; built by DataHub's own builder."""
    return make_dataset_urn_with_platform_instance(key.platform, key.name, None, key.env)


def stamp_aspects(answer: Answer, regulation: Regulation, system: str | None, personal: bool = False) -> list[_Aspect]:
    """Domain, owners, terms, tags, structured properties and system of one entity.

    Args:
        answer: what holds for the entity; subset and unit may be missing only for a system that states none.
        regulation: the school's regulation.
        system: id of the information system it belongs to; None for the system itself.
        personal: whether its declared fields hold personal information.
    """
    origins = answer.origins
    aspects: list[_Aspect] = []
    if answer.subset:
        aspects.append(DomainsClass(domains=[domain_urn(answer.subset.id)]))
    if answer.unit:
        aspects.append(_ownership(answer, regulation))
    terms = [term(answer.sharing.term, origins.get("sharing"))]
    if answer.kind:
        terms.append(term(answer.kind.id, origins.get("kind")))
    terms += [term(item.id, origins.get("items")) for item in answer.items]
    aspects.append(GlossaryTermsClass(terms=terms, auditStamp=stamp()))
    tags = [tag(answer.sharing.tag, origins.get("sharing"))]
    if personal and regulation.personal:
        tags.append(dataset_tag(regulation.personal, found=False))
    aspects.append(GlobalTagsClass(tags=tags))
    values = [
        StructuredPropertyValueAssignmentClass(
            propertyUrn=property_urn(id_),
            values=[getattr(answer, attribute)],
            attribution=attribution(origins.get(attribute)),
        )
        for id_, attribute in _PROPERTIES.items()
        if getattr(answer, attribute)
    ]
    if values:
        aspects.append(StructuredPropertiesClass(properties=values))
    if system:
        aspects.append(ApplicationsClass(applications=[application_urn(system)]))
    return aspects


def _ownership(answer: Answer, regulation: Regulation) -> OwnershipClass:
    types = regulation.ownership_types
    assert answer.unit is not None
    owners = [owner(group_urn(answer.unit.id), types["responsible_unit"].id, answer.origins.get("unit"))]
    owners += [
        owner(user_urn(person.id), types["responsible_person"].id, answer.origins.get("persons"))
        for person in answer.persons
    ]
    head = regulation.head_of(answer.unit)
    if head:
        owners.append(owner(user_urn(head.id), types["first_responsible_person"].id, answer.origins.get("unit")))
    return OwnershipClass(owners=owners, lastModified=stamp())


def system_aspects(declared: DeclaredSystem) -> list[_Aspect]:
    """An information system as a DataHub application."""
    properties = ApplicationPropertiesClass(name=declared.name, description=declared.system.description)
    return [
        properties,
        *stamp_aspects(declared.defaults, declared.regulation, None),
        StatusClass(removed=False),
    ]


def declared_aspects(entry: DeclaredDataset) -> list[_Aspect]:
    """The structure of a dataset no live source reads: properties, fields, existence."""
    system = entry.system.system
    aspects: list[_Aspect] = [
        DatasetPropertiesClass(
            name=entry.dataset.name, description=entry.dataset.description, qualifiedName=entry.key.name
        ),
        StatusClass(removed=False),
    ]
    if entry.dataset.fields:
        schema = _schema(entry.dataset, entry.key)
        personal = entry.system.regulation.personal
        if personal is not None:
            tag_columns(schema, personal, personal_columns(schema, personal))
        aspects.append(schema)
    if system.instance:
        instance = str(DataPlatformInstanceUrn(platform_urn(system.platform), system.instance))
        aspects.append(DataPlatformInstanceClass(platform=platform_urn(system.platform), instance=instance))
    return aspects


def _schema(dataset: Dataset, key: DatasetKey) -> SchemaMetadataClass:
    return SchemaMetadataClass(
        schemaName=key.name,
        platform=platform_urn(key.platform),
        version=0,
        hash="",
        platformSchema=OtherSchemaClass(rawSchema=""),
        fields=[_field(column, key.platform) for column in dataset.fields],
        primaryKeys=[column.name for column in dataset.fields if column.key] or None,
    )


_LOGICAL_TYPES = {
    "string": StringTypeClass,
    "text": StringTypeClass,
    "char": StringTypeClass,
    "varchar": StringTypeClass,
    "varchar2": StringTypeClass,
    "integer": NumberTypeClass,
    "int": NumberTypeClass,
    "number": NumberTypeClass,
    "numeric": NumberTypeClass,
    "decimal": NumberTypeClass,
    "boolean": BooleanTypeClass,
    "date": DateTypeClass,
    "datetime": TimeTypeClass,
    "timestamp": TimeTypeClass,
    "binary": BytesTypeClass,
}


@lru_cache(maxsize=4096)
def _type(native: str, platform: str) -> type:
    """DataHub's type class of a native type: the logical names first, then DataHub's own table of SQL types."""
    word = native.lower().split("(")[0].strip()
    if word in _LOGICAL_TYPES:
        return _LOGICAL_TYPES[word]
    resolved = resolve_sql_type(native.split("(")[0].strip().upper(), platform) or resolve_sql_type(word, platform)
    return type(resolved) if resolved else NullTypeClass


def _field(column: Field, platform: str) -> SchemaFieldClass:
    native = column.type or ""
    return SchemaFieldClass(
        fieldPath=column.name,
        type=SchemaFieldDataTypeClass(type=_type(native, platform)() if native else NullTypeClass()),
        nativeDataType=native or "unknown",
        description=column.description,
        nullable=column.nullable and not column.key,
        isPartOfKey=column.key,
    )


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
