"""Looking into metadata records: their aspects, what people wrote in them, and the datasets they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    ContainerPropertiesClass,
    DatasetPropertiesClass,
    MetadataChangeEventClass,
    QuerySubjectsClass,
    SchemaMetadataClass,
    UpstreamLineageClass,
    ViewPropertiesClass,
    _Aspect,
)


def aspects_of(record: Any) -> tuple[str | None, list[_Aspect]]:
    """Look into a metadata record.

    Args:
        record: a proposal (upsert or patch), a snapshot, or anything else of the stream.

    Returns:
        Urn and aspects; no aspects where it cannot be looked into (a patch).
    """
    if isinstance(record, MetadataChangeProposalWrapper):
        return record.entityUrn, [record.aspect] if record.aspect is not None else []
    if isinstance(record, MetadataChangeEventClass):
        return record.proposedSnapshot.urn, cast("list[_Aspect]", record.proposedSnapshot.aspects)
    return getattr(record, "entityUrn", None), []


def references(aspect: _Aspect) -> set[str]:
    """The datasets an aspect names.

    Args:
        aspect: foreign keys and lineage are looked at.

    Returns:
        Their urns.
    """
    if isinstance(aspect, SchemaMetadataClass):
        return {key.foreignDataset for key in aspect.foreignKeys or []}
    if isinstance(aspect, UpstreamLineageClass):
        return {upstream.dataset for upstream in aspect.upstreams}
    return set()


def texts_of(aspects: Iterable[_Aspect]) -> Iterator[str]:
    """Everything of an entity that people wrote: names, comments, definitions.

    Args:
        aspects: of one entity.

    Yields:
        Each text; some are empty.
    """
    for aspect in aspects:
        if isinstance(aspect, (DatasetPropertiesClass, ContainerPropertiesClass)):
            yield aspect.name or ""
            yield aspect.description or ""
            yield from aspect.customProperties.values()
        elif isinstance(aspect, SchemaMetadataClass):
            for column in aspect.fields:
                yield column.fieldPath
                yield column.description or ""
        elif isinstance(aspect, ViewPropertiesClass):
            yield aspect.viewLogic


def forget(refused: set[str], aspects: Iterable[_Aspect]) -> None:
    """Remove every reference to refused datasets.

    Args:
        refused: urns of the refused datasets.
        aspects: changed in place: foreign keys, lineage, subjects of queries.
    """
    if not refused:
        return
    for aspect in aspects:
        if isinstance(aspect, SchemaMetadataClass) and aspect.foreignKeys:
            aspect.foreignKeys = [key for key in aspect.foreignKeys if key.foreignDataset not in refused]
        elif isinstance(aspect, UpstreamLineageClass):
            aspect.upstreams = [up for up in aspect.upstreams if up.dataset not in refused]
            lines = aspect.fineGrainedLineages or []
            aspect.fineGrainedLineages = [
                line for line in lines if not any(urn in up for urn in refused for up in line.upstreams or [])
            ] or None
        elif isinstance(aspect, QuerySubjectsClass):
            aspect.subjects = [
                subject for subject in aspect.subjects if not any(urn in subject.entity for urn in refused)
            ]
