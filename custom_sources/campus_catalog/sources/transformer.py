"""Transformer ``campus-stamp``: the stamp of the register in an ordinary recipe."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import ControlRecord, EndOfStream, PipelineContext, RecordEnvelope
from datahub.ingestion.api.transform import Transformer
from datahub.metadata.schema_classes import MetadataChangeProposalClass, StatusClass
from pydantic import Field

from campus_catalog.aspects.patch import wants_patches
from campus_catalog.errors import REFUSED_LOG, REVIEWED
from campus_catalog.sources.common import CampusConfig, find_system, load_content
from campus_catalog.sources.entities import StampingReport
from campus_catalog.sources.memory import forget_in_state, left_behind
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.stock import SAMPLED

logger = logging.getLogger(__name__)
_names = logging.getLogger(REFUSED_LOG)


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
        self._ctx = ctx
        self.stamping: Stamping[RecordEnvelope[Any]] = Stamping(
            register, system, _envelope, wants_patches(ctx), _is_profiled(ctx)
        )
        forget_in_state(ctx, self.stamping.gate.refused)

    @property
    def report(self) -> StampingReport:
        """What was stamped, undeclared and refused."""
        return self.stamping.report

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
                yield from self.stamping.finish()
                for urn in left_behind(self._ctx, None, self.stamping.gate.own):
                    yield _envelope(MetadataChangeProposalWrapper(entityUrn=urn, aspect=StatusClass(removed=True)))
                self._say()
                yield envelope
            elif isinstance(envelope.record, ControlRecord):
                yield envelope
            else:
                yield from self.stamping.feed(envelope, envelope.record)

    def _say(self) -> None:
        for name in self.report.undeclared:
            logger.warning("undeclared dataset: %s", name)
        for name, kind in self.report.sampled.items():
            logger.info("%s: %s (%s)", SAMPLED, name, kind)
        for name in self.report.reviewed:
            _names.info("%s: %s", REVIEWED, name)
        for name in self.report.refused:
            _names.error("%s: %s", self.stamping.refusal, name)


def _is_profiled(ctx: PipelineContext) -> bool:
    """Whether the recipe's source profiles its tables."""
    source = ctx.pipeline_config.source if ctx.pipeline_config else None
    profiling = (getattr(source, "config", None) or {}).get("profiling")
    return isinstance(profiling, dict) and bool(profiling.get("enabled"))


def _envelope(proposal: MetadataChangeProposalWrapper | MetadataChangeProposalClass) -> RecordEnvelope[Any]:
    return RecordEnvelope(
        record=proposal, metadata={"workunit_id": f"campus-stamp-{proposal.entityUrn}-{proposal.aspectName}"}
    )
