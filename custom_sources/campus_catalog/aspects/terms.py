"""Glossary terms: DataHub's own business-glossary reader, so that the stock source and ours can never differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.source.metadata.business_glossary import (
    BusinessGlossaryFileSource,
    BusinessGlossarySourceConfig,
    get_mces,
    materialize_all_node_urns,
    populate_path_vs_id,
)
from datahub.metadata.schema_classes import GlossaryNodeInfoClass, GlossaryTermInfoClass, OwnershipClass, StatusClass

from campus_catalog.aspects.common import attribution


def term_proposals(files: list[Path], ctx: PipelineContext) -> Iterator[MetadataChangeProposalWrapper]:
    """The nodes and terms of business-glossary files, their owners carrying our attribution.

    Args:
        files: in the format of DataHub's source ``datahub-business-glossary``.
        ctx: the run's.

    Yields:
        One upsert per aspect.
    """
    for path in files:
        config = BusinessGlossarySourceConfig(file=path)
        glossary = BusinessGlossaryFileSource.load_glossary_config(path)
        materialize_all_node_urns(glossary, enable_auto_id=False)
        for record in get_mces(glossary, populate_path_vs_id(glossary), config, ctx):
            if isinstance(record, MetadataChangeProposalWrapper):
                yield record
                continue
            for proposal in mcps_from_mce(record):
                if isinstance(proposal.aspect, OwnershipClass):
                    for owner in proposal.aspect.owners:
                        owner.attribution = attribution()
                yield proposal
                if isinstance(proposal.aspect, (GlossaryNodeInfoClass, GlossaryTermInfoClass)):
                    yield MetadataChangeProposalWrapper(entityUrn=proposal.entityUrn, aspect=StatusClass(removed=False))
