"""Source ``campus-taxonomy``: the regulation's vocabulary and organisation."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
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

from campus_catalog.aspects.patch import proposal, wants_patches
from campus_catalog.aspects.taxonomy import taxonomy_proposals
from campus_catalog.aspects.terms import term_proposals
from campus_catalog.sources.common import CampusConfig, load_content, say_content, test_content, workunit


class CampusTaxonomyConfig(CampusConfig, StatefulIngestionConfigBase[StatefulStaleMetadataRemovalConfig]):
    """Configuration of ``campus-taxonomy``."""


@platform_name("Campus Catalog", id="campus-catalog")
@config_class(CampusTaxonomyConfig)
class CampusTaxonomySource(StatefulIngestionSourceBase, TestableSource):
    """Registers domains, units, people, ownership types, tags, platforms, structured properties and glossary terms.

    Args:
        config: which content.
        ctx: the run's.

    Raises:
        ConfigurationError: the content has faults.
    """

    def __init__(self, config: CampusTaxonomyConfig, ctx: PipelineContext):
        super().__init__(config, ctx)  # type: ignore[arg-type]  # invariant in DataHub, covariant in use
        self.config = config
        self.report: StaleEntityRemovalSourceReport = StaleEntityRemovalSourceReport()
        self.regulation = load_content(config.home).regulation
        say_content(config.home, self.report)

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: PipelineContext) -> CampusTaxonomySource:
        """Build the source from a recipe.

        Args:
            config_dict: the recipe's ``source.config``.
            ctx: the run's.

        Returns:
            The source.

        Raises:
            ConfigurationError: the content has faults.
        """
        return cls(CampusTaxonomyConfig.model_validate(config_dict), ctx)

    @staticmethod
    def test_connection(config_dict: dict[str, Any]) -> TestConnectionReport:
        """Whether the content can be read without a fault.

        Args:
            config_dict: the recipe's ``source.config``.

        Returns:
            Capable when it can, otherwise with the faults.
        """
        return test_content(CampusTaxonomyConfig.parse_obj_allow_extras(config_dict))

    def get_allowed_workunit_processors(self) -> list[Any]:
        """Only counting and stale removal: the proposals are complete as they are.

        Returns:
            The classes of the two processors.
        """
        return [AutoWorkunitsReporterProcessor, AutoStaleEntityRemovalProcessor]

    def get_config(self) -> CampusTaxonomyConfig:
        """The configuration, for the stale-removal processor.

        Returns:
            The source's configuration.
        """
        return self.config

    def get_workunits_internal(self) -> Iterable[MetadataWorkUnit]:
        """What the regulation declares.

        Yields:
            One work unit per aspect.
        """
        patching = wants_patches(self.ctx)
        terms = term_proposals(self.regulation.term_files, self.ctx)
        for declared in chain(taxonomy_proposals(self.regulation), terms):
            assert declared.entityUrn and declared.aspect
            yield workunit(proposal(declared.entityUrn, declared.aspect, patching))

    def get_report(self) -> StaleEntityRemovalSourceReport:
        """What was registered.

        Returns:
            Counts and stale entities.
        """
        return self.report
