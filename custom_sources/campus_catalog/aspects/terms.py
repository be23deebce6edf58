"""Glossary terms: DataHub's own business-glossary reader, so that the stock source and ours can never differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.source.metadata.business_glossary import (
    BusinessGlossaryConfig,
    BusinessGlossarySourceConfig,
    get_mces,
    materialize_all_node_urns,
    populate_path_vs_id,
)
from datahub.metadata.schema_classes import GlossaryNodeInfoClass, GlossaryTermInfoClass, OwnershipClass, StatusClass

from campus_catalog.aspects.common import attribution


def term_proposals(files: Mapping[Path, Any], ctx: PipelineContext) -> Iterator[MetadataChangeProposalWrapper]:
    """The nodes and terms of business-glossary files, their owners carrying our attribution.

    DataHub's own way to open a file fills in variables of the environment and reads it in the locale's encoding, so it
    is given what our reader found.

    Args:
        files: what each file says.
        ctx: of the run.

    Yields:
        One proposal per aspect.
    """
    for path, said in files.items():
        config = BusinessGlossarySourceConfig(file=path)
        glossary = BusinessGlossaryConfig.model_validate(said)
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
