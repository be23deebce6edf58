"""Personal information in aspects: tags on columns and datasets, and profiles without values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from datahub.metadata.schema_classes import (
    DatasetFieldProfileClass,
    DatasetProfileClass,
    GlobalTagsClass,
    MetadataChangeProposalClass,
    PartitionTypeClass,
    SchemaMetadataClass,
    TagAssociationClass,
)
from datahub.specific.dataset import DatasetPatchBuilder
from datahub.utilities.urns.field_paths import get_simple_field_path_from_v2_field_path

from campus_catalog.aspects.common import ATTRIBUTION_SOURCE, tag, term_urn
from campus_catalog.register.models import Dataset
from campus_catalog.register.personal import ORIGIN
from campus_catalog.regulation.personal import Personal
from campus_catalog.regulation.personal_numbers import holds_number
from campus_catalog.regulation.personal_signs import Recognised

#: Marks what was found in a live system. Another mark than the declaration's: each of the two replaces its own entries.
FOUND_SOURCE = f"{ATTRIBUTION_SOURCE}-found"
#: Where the tag of a dataset keeps which columns it is for.
COLUMNS = "columns"
#: So many of them are named.
_NAMED = 8
#: How the classifier says the kind it has found; DataHub makes a glossary term of it, which is taken off again.
SAMPLE_INFOTYPE = "campus-personal."
SAMPLE_TERM = term_urn(SAMPLE_INFOTYPE)
#: What a profile of one partition says instead of the partition's name, unless that is a year, month or day.
PARTITION = "PARTITION"
_PERIOD = re.compile(r"[0-9-]{1,10}( SAMPLE)?")


def personal_columns(
    schema: SchemaMetadataClass, personal: Personal, dataset: Dataset | None = None
) -> dict[str, Recognised]:
    """The columns that hold personal information.

    Args:
        schema: the columns, with the comments of the database or of the declaration.
        personal: how they are recognised.
        dataset: what is declared of them, by field path as people write it (``address.city``).

    Returns:
        Field path -> what was found.
    """
    table = [schema.schemaName, *([dataset.name] if dataset else [])]
    declared = {column.name: column.description for column in (dataset.fields if dataset else [])}
    found = {}
    for column in schema.fields:
        name = column.fieldPath.rsplit(".", 1)[-1]
        path = get_simple_field_path_from_v2_field_path(column.fieldPath)
        finding = personal.find(name, column.description, declared.get(path), table=table)
        if finding is not None:
            found[column.fieldPath] = finding
    return found


def take_sampled(schema: SchemaMetadataClass) -> dict[str, str]:
    """Take what the classifier has found off a schema.

    Args:
        schema: the columns; changed in place.

    Returns:
        Ids of kinds, by field path.
    """
    found = {}
    for column in schema.fields:
        if column.glossaryTerms is None:
            continue
        ours = [term.urn for term in column.glossaryTerms.terms if term.urn.startswith(SAMPLE_TERM)]
        if ours:
            found[column.fieldPath] = ours[0].removeprefix(SAMPLE_TERM)
            column.glossaryTerms.terms = [term for term in column.glossaryTerms.terms if term.urn not in ours]
            if not column.glossaryTerms.terms:
                column.glossaryTerms = None
    return found


def tag_columns(
    schema: SchemaMetadataClass,
    personal: Personal,
    columns: Mapping[str, Recognised],
    sampled: Collection[str] = (),
) -> None:
    """Put the tag on these columns, beside the tags they have.

    Args:
        schema: the columns.
        personal: names the tag.
        columns: those with personal information, by field path.
        sampled: those of them known by a sample of their values only.
    """
    for column in schema.fields:
        found = columns.get(column.fieldPath)
        if found is not None:
            ours = tag(personal.tag.id, f"{'sample' if column.fieldPath in sampled else 'rule'}:{found.kind.name}")
            others = [there for there in (column.globalTags.tags if column.globalTags else []) if there.tag != ours.tag]
            column.globalTags = GlobalTagsClass(tags=[*others, ours])


def dataset_tag(personal: Personal, columns: Mapping[str, Recognised], found: bool) -> TagAssociationClass:
    """The tag of a dataset with such columns, which says what they are.

    Args:
        personal: names the tag.
        columns: those with personal information, by field path or name.
        found: whether they were found in a live system, not declared.

    Returns:
        The tag with our mark, or with that of what was found.
    """
    out = tag(personal.tag.id, ORIGIN)
    assert out.attribution is not None and out.attribution.sourceDetail is not None
    out.attribution.sourceDetail[COLUMNS] = _said(columns)
    if found:
        out.attribution.source = FOUND_SOURCE
    return out


def _said(columns: Mapping[str, Recognised]) -> str:
    """Which columns, and what told it; those by which the sharing class changes come first."""
    ordered = sorted(columns.items(), key=lambda item: not item[1].kind.restricts)
    texts = [f"{path}（{found.kind.name}{f'，见「{found.sign}」' if found.sign else ''}）" for path, found in ordered]
    more = len(texts) - _NAMED
    return "、".join(texts[:_NAMED]) + (f" 等 {len(texts)} 个字段" if more > 0 else "")


def found_tag_patch(urn: str, personal: Personal, columns: Mapping[str, Recognised]) -> MetadataChangeProposalClass:
    """The dataset's tag as a patch, for a server where others write to the same list.

    Args:
        urn: the dataset.
        personal: names the tag.
        columns: those with personal information, by field path.

    Returns:
        The patch; it adds the tag and takes nothing away.
    """
    (patch,) = DatasetPatchBuilder(urn).add_tag(dataset_tag(personal, columns, found=True)).build()
    return patch


def keep_counts(profile: DatasetProfileClass, safe: Collection[str]) -> None:
    """Remove every value from a profile, except of the columns known to be safe and seen to be so.

    What stays of the others are the counts. Mean, median and deviation go too: of few rows they give the values away.

    Args:
        profile: of one dataset; changed in place.
        safe: field paths of the columns that hold no personal information.
    """
    profile.fieldProfiles = [
        field
        if field.fieldPath in safe and not any(map(holds_number, _values(field)))
        else DatasetFieldProfileClass(
            fieldPath=field.fieldPath,
            uniqueCount=field.uniqueCount,
            uniqueProportion=field.uniqueProportion,
            nullCount=field.nullCount,
            nullProportion=field.nullProportion,
        )
        for field in profile.fieldProfiles or []
    ] or None
    spec = profile.partitionSpec
    if spec and spec.type == PartitionTypeClass.PARTITION and not _PERIOD.fullmatch(spec.partition):
        spec.partition = PARTITION  # the value of a column, and nothing says of which


def _values(field: DatasetFieldProfileClass) -> Iterator[str]:
    """Everything in a column's profile that is one of its values, or near one."""
    frequencies, histogram = field.distinctValueFrequencies or [], field.histogram
    values = [field.min, field.max, field.mean, field.median, *(field.sampleValues or [])]
    values += [frequency.value for frequency in frequencies]
    values += [quantile.value for quantile in field.quantiles or []]
    values += histogram.boundaries if histogram else []
    return (str(value) for value in values if value is not None)
