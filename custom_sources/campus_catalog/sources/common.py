"""What the plugins share: where the content is, and reading it."""

from __future__ import annotations

import os

from datahub.configuration.common import ConfigModel, ConfigurationError
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.source import CapabilityReport, SourceReport, TestConnectionReport
from datahub.ingestion.api.workunit import MetadataWorkUnit
from datahub.metadata.schema_classes import MetadataChangeProposalClass
from pydantic import Field

from campus_catalog.content import layout
from campus_catalog.content.problems import ContentError
from campus_catalog.home.find import find_home
from campus_catalog.register import loader
from campus_catalog.register.systems import DeclaredSystem, Register

#: Environment variable naming the folder with the content.
HOME_VARIABLE = "CAMPUS_CATALOG_HOME"


class CampusConfig(ConfigModel):
    """Where the content is."""

    home: str = Field(
        default_factory=lambda: os.environ.get(HOME_VARIABLE, "."),
        description="Folder with `glossary/` and `ingestion_recipes/`, or `package:NAME`, "
        "`git+https://HOST/REPO.git[@REF][#subdirectory=DIR]`, `https://HOST/FILE.zip[#sha256=HEX]`. Defaults to the "
        "environment variable CAMPUS_CATALOG_HOME, then to the current folder.",
    )


def load_content(home: str) -> Register:
    """Read glossary and register.

    Args:
        home: see ``find_home``.

    Returns:
        The register with its regulation.

    Raises:
        ConfigurationError: the content cannot be had or has faults; the message lists them all.
    """
    found = find_home(home)
    try:
        return loader.load_content(found.folder)
    except ContentError as error:
        origin = f" ({found.origin})" if found.origin else ""
        raise ConfigurationError(f"the content has faults{origin}:\n{error}") from error


def say_content(home: str, report: SourceReport) -> None:
    """Say in the run's report which content it used, where that is not simply a folder.

    Args:
        home: see ``find_home``.
        report: the run's.
    """
    origin = find_home(home).origin
    if origin:
        report.info(message="content used", context=origin, log=False)  # find_home has logged it


def find_system(register: Register, id_: str) -> DeclaredSystem:
    """A system of the register.

    Args:
        register: what the units declare.
        id_: the system's id.

    Returns:
        The system.

    Raises:
        ConfigurationError: there is none; the message names the known ones.
    """
    if id_ not in register.systems:
        known = ", ".join(sorted(register.systems)) or "none"
        raise ConfigurationError(f"system '{id_}' is not declared in {layout.SYSTEMS.place}/ (declared: {known})")
    return register.systems[id_]


def test_content(config: CampusConfig) -> TestConnectionReport:
    """The answer of ``test_connection`` for a source whose only input is the content.

    Args:
        config: of the source.

    Returns:
        Capable when the content can be had and has no faults, otherwise with all of them.
    """
    try:
        load_content(config.home)
    except ConfigurationError as error:
        return TestConnectionReport(basic_connectivity=CapabilityReport(capable=False, failure_reason=str(error)))
    return TestConnectionReport(basic_connectivity=CapabilityReport(capable=True))


def workunit(
    proposal: MetadataChangeProposalWrapper | MetadataChangeProposalClass, primary: bool = True
) -> MetadataWorkUnit:
    """A proposal, upsert or patch, as a work unit.

    Args:
        proposal: the proposal.
        primary: whether the source answers for the entity's existence.

    Returns:
        The work unit, named after entity and aspect.
    """
    id_ = f"{proposal.entityUrn}-{proposal.aspectName}"
    if isinstance(proposal, MetadataChangeProposalWrapper):
        return MetadataWorkUnit(id=id_, mcp=proposal, is_primary_source=primary)
    return MetadataWorkUnit(id=id_, mcp_raw=proposal, is_primary_source=primary)
