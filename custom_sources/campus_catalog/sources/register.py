"""Source ``campus-register``: what the units declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.api.decorators import config_class, platform_name
from datahub.ingestion.api.source import TestableSource, TestConnectionReport
from datahub.ingestion.api.workunit import MetadataWorkUnit
from datahub.ingestion.source.state.stale_entity_removal_handler import (
    StaleEntityRemovalSourceReport,
    StatefulStaleMetadataRemovalConfig,
)
from datahub.ingestion.source.state.stateful_ingestion_base import (
    StatefulIngestionConfigBase,
    StatefulIngestionSourceBase,
)
from datahub.ingestion.workunit_processors import AutoStaleEntityRemovalProcessor, AutoWorkunitsReporterProcessor
from pydantic import Field

from campus_catalog.aspects.patch import proposal, wants_patches
from campus_catalog.aspects.register import register_aspects
from campus_catalog.register.systems import DeclaredSystem
from campus_catalog.sources.checkpoints import with_state
from campus_catalog.sources.common import CampusConfig, find_system, load_content, say_content, test_content, workunit


class CampusRegisterConfig(CampusConfig, StatefulIngestionConfigBase[StatefulStaleMetadataRemovalConfig]):
    """Configuration of ``campus-register``."""

    systems: list[str] = Field(default=[], description="Ids of the systems to register; all of them when empty.")


@dataclass
class CampusRegisterReport(StaleEntityRemovalSourceReport):
    """What was registered."""

    systems: int = 0
    datasets: int = 0


@platform_name("Campus Catalog", id="campus-catalog")
@config_class(CampusRegisterConfig)
class CampusRegisterSource(StatefulIngestionSourceBase, TestableSource):
    """Registers declared systems (applications) and datasets; see ``aspects.register`` for what each of them gets.

    Args:
        config: which content, which systems.
        ctx: the run's.

    Raises:
        ConfigurationError: the content has faults, or a system is not declared.
    """

    def __init__(self, config: CampusRegisterConfig, ctx: PipelineContext):
        super().__init__(config, ctx)  # type: ignore[arg-type]  # invariant in DataHub, covariant in use
        self.config = config
        self.report: CampusRegisterReport = CampusRegisterReport()
        register = load_content(config.home)
        say_content(config.home, self.report)
        self.systems = [find_system(register, id_) for id_ in config.systems] or list(register)

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: PipelineContext) -> CampusRegisterSource:
        """Build the source from a recipe.

        Args:
            config_dict: the recipe's ``source.config``.
            ctx: the run's.

        Returns:
            The source.

        Raises:
            ConfigurationError: the content has faults, a system is not declared, or the state has no place.
        """
        home = CampusRegisterConfig.model_validate(config_dict).home
        return cls(CampusRegisterConfig.model_validate(with_state(config_dict, home, ctx)), ctx)

    @staticmethod
    def test_connection(config_dict: dict[str, Any]) -> TestConnectionReport:
        """Whether the content can be read without a fault.

        Args:
            config_dict: the recipe's ``source.config``.

        Returns:
            Capable when it can, otherwise with the faults.
        """
        return test_content(CampusRegisterConfig.parse_obj_allow_extras(config_dict))

    def get_allowed_workunit_processors(self) -> list[Any]:
        """Only counting and stale removal: the proposals are complete as they are.

        Returns:
            The classes of the two processors.
        """
        return [AutoWorkunitsReporterProcessor, AutoStaleEntityRemovalProcessor]

    def get_config(self) -> CampusRegisterConfig:
        """The configuration, for the stale-removal processor.

        Returns:
            The source's configuration.
        """
        return self.config

    def get_workunits_internal(self) -> Iterable[MetadataWorkUnit]:
        """What the chosen systems and their datasets declare.

        Yields:
            One work unit per aspect.
        """
        for declared in self.systems:
            yield from register_workunits(declared, wants_patches(self.ctx))
            self.report.systems += 1
            self.report.datasets += len(declared.datasets)

    def get_report(self) -> CampusRegisterReport:
        """What was registered.

        Returns:
            Counts and stale entities.
        """
        return self.report


def register_workunits(declared: DeclaredSystem, patching: bool = False) -> Iterator[MetadataWorkUnit]:
    """The work units of one system and its datasets.

    The datasets of a connected system are not this source's to remove when their declaration goes: the live source
    answers for their existence. They are marked as not primary, which stale removal respects.

    Args:
        declared: the system.
        patching: whether they go to a server, where lists are patched (see ``aspects.patch``).

    Yields:
        One work unit per aspect; the system's own first.
    """
    for item in register_aspects(declared):
        yield workunit(proposal(item.urn, item.aspect, patching), primary=item.owned)
