"""Transformer ``campus-stamp``: the stamp of the register in an ordinary recipe."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import ControlRecord, EndOfStream, PipelineContext, RecordEnvelope
from datahub.ingestion.api.transform import Transformer
from datahub.metadata.schema_classes import MetadataChangeProposalClass
from pydantic import Field

from campus_catalog.aspects.patch import wants_patches
from campus_catalog.sources.common import CampusConfig, find_system, load_content
from campus_catalog.sources.entities import StampingReport
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.stock import SAMPLED

logger = logging.getLogger(__name__)


class CampusStampConfig(CampusConfig):
    """Configuration of ``campus-stamp``."""

    system: str | None = Field(
        default=None,
        description="Id of the system the recipe reads; when left out it is found by platform, database and schema.",
    )


class CampusStampTransformer(Transformer):
    """Stamps every dataset and container that passes with what the register declares.

    Args:
        config: which content, which system.
        ctx: the run's.

    Raises:
        ConfigurationError: the content has faults, or the system is not declared.
    """

    def __init__(self, config: CampusStampConfig, ctx: PipelineContext):
        register = load_content(config.home)
        system = find_system(register, config.system) if config.system else None
        self._stamping: Stamping[RecordEnvelope[Any]] = Stamping(register, system, _envelope, wants_patches(ctx))

    @property
    def report(self) -> StampingReport:
        """What was stamped, undeclared and refused."""
        return self._stamping.report

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: PipelineContext) -> CampusStampTransformer:
        """Build the transformer from a recipe.

        Args:
            config_dict: the transformer's ``config`` in the recipe.
            ctx: the run's.

        Returns:
            The transformer.

        Raises:
            ConfigurationError: the content has faults, or the system is not declared.
        """
        return cls(CampusStampConfig.model_validate(config_dict), ctx)

    def transform(self, record_envelopes: Iterable[RecordEnvelope[Any]]) -> Iterable[RecordEnvelope[Any]]:
        """Pass records on, stamped; what is held comes with the end of the stream.

        Args:
            record_envelopes: the stream; its end is a record ``EndOfStream``.

        Yields:
            The records, stamped, and further proposals with the stamp; what is refused as classified does not come
            (Art. 20).
        """
        for envelope in record_envelopes:
            if isinstance(envelope.record, EndOfStream):
                yield from self._stamping.finish()
                self._say()
                yield envelope
            elif isinstance(envelope.record, ControlRecord):
                yield envelope
            else:
                yield from self._stamping.feed(envelope, envelope.record)

    def _say(self) -> None:
        for name in self.report.undeclared:
            logger.warning("undeclared dataset: %s", name)
        for name, kind in self.report.sampled.items():
            logger.info("%s: %s (%s)", SAMPLED, name, kind)
        for name in self.report.refused:
            logger.error("refused as classified, nothing of it was passed on: %s", name)


def _envelope(proposal: MetadataChangeProposalWrapper | MetadataChangeProposalClass) -> RecordEnvelope[Any]:
    return RecordEnvelope(
        record=proposal, metadata={"workunit_id": f"campus-stamp-{proposal.entityUrn}-{proposal.aspectName}"}
    )
