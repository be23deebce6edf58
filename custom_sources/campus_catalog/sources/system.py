"""Source ``campus-system``: a live system read by any stock DataHub source, stamped with what the register declares."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from datahub.configuration.common import ConfigurationError, DynamicTypedConfig
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.api.decorators import config_class, platform_name
from datahub.ingestion.api.source import (
    CapabilityReport,
    Source,
    SourceReport,
    TestableSource,
    TestConnectionReport,
)
from datahub.ingestion.api.workunit import MetadataWorkUnit
from datahub.metadata.schema_classes import StatusClass
from pydantic import Field, ValidationError

from campus_catalog.aspects.common import application_urn
from campus_catalog.aspects.patch import proposal, wants_patches
from campus_catalog.aspects.stamp import system_aspects
from campus_catalog.errors import REVIEWED, Failure, first_line, is_connection_error, judge
from campus_catalog.secrets import Redactor, redactor_of
from campus_catalog.sources.checkpoints import with_state
from campus_catalog.sources.common import CampusConfig, find_system, load_content, say_content, workunit
from campus_catalog.sources.memory import forget_in_state, left_behind
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.stock import (
    SAMPLED,
    before_processors,
    escalate,
    guard,
    inner_class,
    read_well,
    tell_unsampled,
    with_classifier,
    with_timeouts,
    withhold,
)

logger = logging.getLogger(__name__)


class CampusSystemConfig(CampusConfig):
    """Configuration of ``campus-system``."""

    system: str = Field(description="Id of the system in ingestion_recipes/systems/.")
    source: DynamicTypedConfig = Field(description="The stock source that reads the system, as in its own recipe.")
    strict: bool = Field(
        default=False,
        description="Fail the run when a live dataset is covered by no declaration, or a declared one with personal "
        "information is shared more widely than its rule says.",
    )


@platform_name("Campus Catalog", id="campus-catalog")
@config_class(CampusSystemConfig)
class CampusSystemSource(TestableSource):
    """Runs the stock source named in its config and stamps what it yields.

    Stateful ingestion belongs to the stock source's own config and works as it does without us. The report is the stock
    source's report with what stamping met added.

    Args:
        config: which system, and the stock source that reads it.
        ctx: the run's.

    Attributes:
        failure: what broke the reading off says of the system.

    Raises:
        ConfigurationError: the content has faults, the system is not declared, or the stock source cannot be made or
            cannot reach the system.
    """

    def __init__(self, config: CampusSystemConfig, ctx: PipelineContext):
        super().__init__(ctx)
        self.config = config
        self.failure = Failure.OTHER
        register = load_content(config.home)
        self.system = find_system(register, config.system)
        self.patching = wants_patches(ctx)
        self.stamping: Stamping[MetadataWorkUnit] = Stamping(
            register, self.system, workunit, self.patching, _is_profiled(config.source)
        )
        self.redact = redactor_of(config.source.config)
        try:
            self.inner = _create_inner(config, ctx)
        except ConfigurationError:
            raise
        except ValidationError as error:  # its text quotes what was given, cut in the middle
            raise ConfigurationError(f"source '{config.source.type}': {self.redact(_faults(error))}") from None
        except Exception as error:
            text = self.redact(first_line(error))
            if is_connection_error(error):
                raise ConfigurationError(f"system '{self.system.id}' could not be reached: {text}") from None
            if self.redact(str(error)) != str(error):
                raise ConfigurationError(f"source '{config.source.type}': {text}") from None
            raise
        before_processors(self.inner, self.stamping)
        forget_in_state(ctx, self.stamping.gate.refused)
        self.report = self.inner.get_report()
        self.platform = self.inner.infer_platform()
        guard(self.redact, self.report)
        withhold(self.stamping.gate, self.report)
        say_content(config.home, self.report)
        escalate(self.report)
        tell_unsampled(self.inner, self.report)
        if _samples_values(config.source):
            message = "profiling reads sample values; set profiling.include_field_sample_values to false"
            self.report.warning(message=message, context=self.system.id)

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: PipelineContext) -> CampusSystemSource:
        """Build the source from a recipe.

        Args:
            config_dict: the recipe's ``source.config``.
            ctx: the run's.

        Returns:
            The source.

        Raises:
            ConfigurationError: as the constructor says.
        """
        return cls(CampusSystemConfig.model_validate(config_dict), ctx)

    @staticmethod
    def test_connection(config_dict: dict[str, Any]) -> TestConnectionReport:
        """Whether the content is sound and the stock source reaches the system.

        Args:
            config_dict: the recipe's ``source.config``.

        Returns:
            What the stock source answers, without secrets; a fault of the content is an internal failure.
        """
        try:
            config = CampusSystemConfig.parse_obj_allow_extras(config_dict)
            find_system(load_content(config.home), config.system)
            inner = inner_class(config.source.type)
            inner_config = _inner_config(config)
        except Exception as error:  # the answer is a report, not an exception
            reason = redactor_of(config_dict)(_faults(error) if isinstance(error, ValidationError) else str(error))
            return TestConnectionReport(internal_failure=True, internal_failure_reason=reason)
        if issubclass(inner, TestableSource):
            return _without_secrets(inner.test_connection(inner_config), redactor_of(inner_config))
        reason = f"source '{config.source.type}' cannot test its connection"
        return TestConnectionReport(basic_connectivity=CapabilityReport(capable=False, failure_reason=reason))

    def get_workunits(self) -> Iterable[MetadataWorkUnit]:
        """The stock source's work units after its own processors, stamped.

        Ours are complete as they are, so they skip a second round through the processors. What goes wrong is told in
        the report, not raised.

        Yields:
            The system's own aspects, what the stock source found with the stamp, and what is withdrawn as classified
            (Art. 20).
        """
        for aspect in system_aspects(self.system):
            yield self._counted(workunit(proposal(application_urn(self.system.id), aspect, self.patching)))
        try:
            yield from self._stamped()
        except Exception as error:
            self.failure = judge(error)
            logger.exception("reading system %s failed", self.system.id)
            lost = self.failure is not Failure.OTHER
            message = "The system could not be reached" if lost else "The system could not be read"
            self.report.failure(message=message, context=f"{self.system.id}: {first_line(error)}")
            # the state of a run that did not finish would make the next one forget what was there before
            self.ctx.checkpointers.clear()
        yield from self._withdrawn()
        self._report_stamping()

    def _withdrawn(self) -> Iterator[MetadataWorkUnit]:
        """Mark as removed what earlier runs ingested and is now refused; of the rest not even the name is written."""
        remembered = getattr(self.inner, "state_provider", None)
        for urn in left_behind(self.ctx, remembered, self.stamping.gate.own):
            yield self._counted(
                workunit(MetadataChangeProposalWrapper(entityUrn=urn, aspect=StatusClass(removed=True)))
            )

    def _stamped(self) -> Iterator[MetadataWorkUnit]:
        for live in self.inner.get_workunits():
            primary = getattr(live, "is_primary_source", True)
            for out in self.stamping.feed(live, live.metadata, primary):
                yield out if out is live else self._counted(out)
        for out in self.stamping.finish():
            yield self._counted(out)

    def _counted(self, unit: MetadataWorkUnit) -> MetadataWorkUnit:
        self.report.report_workunit(unit)
        return unit

    def _report_stamping(self) -> None:
        met, cite = self.stamping.report, self.system.regulation.school.cite
        undeclared = f"undeclared dataset{cite('undeclared')}: declare it in the register"
        for name in met.undeclared:
            (self.report.failure if self.config.strict else self.report.warning)(message=undeclared, context=name)
        for name in met.refused:
            self.report.failure(message=self.stamping.refusal, context=f"{self.system.id}: {name}", log=False)
        self.report.refused = met.refused  # type: ignore[attr-defined]  # of entries a report shows a few
        for name in met.reviewed:
            self.report.info(message=REVIEWED, context=name, log=False)
        if self.config.strict:
            for name in met.wider:
                self.report.failure(message="personal information under a wider sharing class", context=name)
        for column, kind in met.sampled.items():
            self.report.info(message=SAMPLED, context=f"{column} ({kind})")
        for note in met.notes:
            self.report.warning(message="register and live system differ", context=note)

    def get_workunits_internal(self) -> Iterable[MetadataWorkUnit]:
        """Not used: ``get_workunits`` is overridden as a whole.

        Returns:
            The same as ``get_workunits``.
        """
        return self.get_workunits()

    def get_report(self) -> SourceReport:
        """The stock source's report.

        Returns:
            It, with what stamping met added.
        """
        return self.report

    def close(self) -> None:
        """Close the stock source, which hands over its state for the next run."""
        self.inner.close()


def _faults(error: ValidationError) -> str:
    """What is wrong with a config, without the values it has."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


def _without_secrets(report: TestConnectionReport, redact: Redactor) -> TestConnectionReport:
    if report.internal_failure_reason:
        report.internal_failure_reason = redact(report.internal_failure_reason)
    for part in filter(None, [report.basic_connectivity, *(report.capability_report or {}).values()]):
        part.failure_reason = redact(part.failure_reason) if part.failure_reason else None
    return report


def _create_inner(outer: CampusSystemConfig, ctx: PipelineContext) -> Source:
    config = with_state(_inner_config(outer), outer.home, ctx)
    inner = inner_class(outer.source.type)
    read_well(outer.source.type)
    return inner.create(config, ctx)


def _inner_config(outer: CampusSystemConfig) -> dict[str, Any]:
    return with_classifier(with_timeouts(outer.source), outer.home)


def _is_profiled(source: DynamicTypedConfig) -> bool:
    profiling = (source.config or {}).get("profiling")
    return isinstance(profiling, dict) and bool(profiling.get("enabled"))


def _samples_values(source: DynamicTypedConfig) -> bool:
    """Whether the recipe asks for profiling and leaves its sample values on, as DataHub has them by default."""
    profiling = (source.config or {}).get("profiling") or {}
    return _is_profiled(source) and profiling.get("include_field_sample_values", True) is not False
