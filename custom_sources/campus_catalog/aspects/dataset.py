"""What a declared dataset looks like: its urn, properties, fields."""

from __future__ import annotations

from functools import lru_cache

from datahub.emitter.mce_builder import make_dataset_urn_with_platform_instance
from datahub.ingestion.source.sql.sql_types import resolve_sql_type
from datahub.metadata.schema_classes import (
    BooleanTypeClass,
    BytesTypeClass,
    DataPlatformInstanceClass,
    DatasetPropertiesClass,
    DateTypeClass,
    NullTypeClass,
    NumberTypeClass,
    OtherSchemaClass,
    SchemaFieldClass,
    SchemaFieldDataTypeClass,
    SchemaMetadataClass,
    StatusClass,
    StringTypeClass,
    TimeTypeClass,
    _Aspect,
)
from datahub.metadata.urns import DataPlatformInstanceUrn

from campus_catalog.aspects.common import (
    REVIEW_KEY,
    platform_urn,
)
from campus_catalog.aspects.personal import personal_columns, tag_columns
from campus_catalog.register.identity import DatasetKey
from campus_catalog.register.models import Dataset, Field
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem


def dataset_urn(key: DatasetKey) -> str:
    """The urn live ingestion gives the dataset; built by DataHub's own builder.

    Args:
        key: what identifies the dataset.

    Returns:
        The urn.
    """
    return make_dataset_urn_with_platform_instance(key.platform, key.name, None, key.env)


def declared_aspects(entry: DeclaredDataset) -> list[_Aspect]:
    """The structure of a dataset no live source reads: properties, fields, existence."""
    reviewed = {REVIEW_KEY: str(entry.reviewed)} if entry.reviewed else {}
    aspects: list[_Aspect] = [
        DatasetPropertiesClass(
            name=entry.dataset.name,
            description=entry.dataset.description,
            qualifiedName=entry.key.plain,
            customProperties=reviewed,
        ),
        StatusClass(removed=False),
    ]
    if entry.dataset.fields:
        schema = _schema(entry.dataset, entry.key)
        personal = entry.system.regulation.personal
        if personal is not None:
            tag_columns(schema, personal, personal_columns(schema, personal, entry.dataset))
        aspects.append(schema)
    return [*aspects, *instance_aspects(entry.system)]


def instance_aspects(declared: DeclaredSystem) -> list[_Aspect]:
    """The platform instance of a system's datasets.

    Args:
        declared: the system.

    Returns:
        One aspect; none for a system without an instance.
    """
    system = declared.system
    if not system.instance:
        return []
    instance = str(DataPlatformInstanceUrn(platform_urn(system.platform), system.instance))
    return [DataPlatformInstanceClass(platform=platform_urn(system.platform), instance=instance)]


def _schema(dataset: Dataset, key: DatasetKey) -> SchemaMetadataClass:
    return SchemaMetadataClass(
        schemaName=key.plain,
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
    type_ = _type(native, platform) if native else NullTypeClass
    return SchemaFieldClass(
        fieldPath=column.name,
        type=SchemaFieldDataTypeClass(type=type_()),
        nativeDataType=native or "unknown",
        description=column.description,
        nullable=column.nullable and not column.key,
        isPartOfKey=column.key,
    )
