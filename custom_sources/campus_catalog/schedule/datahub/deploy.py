"""The schedule's recipes as DataHub ingestion sources."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from importlib.metadata import metadata

from campus_catalog import __version__
from campus_catalog.apply import manifest
from campus_catalog.apply.desired import Desired
from campus_catalog.apply.plan import Plan, make_plan
from campus_catalog.apply.writers import Writer, open_writer
from campus_catalog.aspects.common import aspect_json
from campus_catalog.catalog.target import Target
from campus_catalog.content.places import Problems
from campus_catalog.content.read import read
from campus_catalog.ingest.recipes import Recipe, find_recipes
from campus_catalog.regulation.models import SchoolFile
from campus_catalog.regulation.version import SCHOOL
from campus_catalog.schedule.cron import for_datahub
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry
from campus_catalog.sources.common import HOME_VARIABLE

#: the manifest of deployed sources, apart from that of ``apply``: neither ``--prune`` removes what the other declared
RECORD = f"{manifest.URN}-schedule"
PACKAGE = "campus-catalog"
#: values of cli_version with which the executor runs in an environment that is there, and installs nothing
_INSTALL_NOTHING = ("native", "bundled")


def source_urn(entry: str) -> str:
    """The urn of an entry's ingestion source.

    Args:
        entry: the entry's id.

    Returns:
        The urn; deploying again meets the same source.
    """
    return f"urn:li:dataHubIngestionSource:campus-{entry}"


def desired_sources(schedule: Schedule) -> Iterator[Desired]:
    """One ingestion source per entry with a recipe; a disabled one stays without a schedule.

    The recipe is carried as text as it stands: ``${NAME}`` is filled in by the executor.

    Args:
        schedule: the schedule.

    Yields:
        The aspect ``dataHubIngestionSourceInfo`` of each.
    """
    from datahub.metadata.schema_classes import (
        DataHubIngestionSourceConfigClass,
        DataHubIngestionSourceInfoClass,
        DataHubIngestionSourceScheduleClass,
    )

    for entry in schedule:
        recipe = schedule.recipe(entry)
        if recipe is None or entry.where == "here":
            continue
        extra = {}
        requirements = entry.extra_pip or _requirements(recipe, entry)
        if requirements:
            extra["extra_pip_requirements"] = requirements
        if entry.variables:
            extra["extra_env_vars"] = json.dumps(entry.variables)
        info = DataHubIngestionSourceInfoClass(
            name=entry.name or entry.id,
            type=recipe.source_type,
            config=DataHubIngestionSourceConfigClass(
                recipe=json.dumps(recipe.content, ensure_ascii=False, default=str),  # YAML has dates
                executorId=entry.executor_id,
                version=entry.cli_version,
                debugMode=False,
                extraArgs=extra or None,
            ),
            schedule=DataHubIngestionSourceScheduleClass(for_datahub(entry.schedule), schedule.zone(entry))
            if entry.enabled and entry.schedule
            else None,
        )
        yield Desired("register", source_urn(entry.id), info.ASPECT_NAME, aspect_json(info), owned=True)


def _requirements(recipe: Recipe, entry: Entry) -> str:
    """What the executor must install for a recipe with plugins of ours: this very version, with the source's driver."""
    if not recipe.plugins or entry.cli_version in _INSTALL_NOTHING:
        return ""
    drivers = metadata(PACKAGE).get_all("Provides-Extra") or []
    extra = f"[{recipe.live_type}]" if recipe.live_type in drivers else ""
    return json.dumps([f"{PACKAGE}{extra}=={__version__}"])


def without_content(schedule: Schedule) -> list[str]:
    """The entries that leave it to the executor where the content is: its own environment must say so.

    Args:
        schedule: the schedule.

    Returns:
        Their ids.
    """
    recipes = ((entry, schedule.recipe(entry)) for entry in schedule)
    return [
        entry.id
        for entry, recipe in recipes
        if recipe and entry.where != "here" and HOME_VARIABLE not in entry.variables
        if not all(config.get("home") for config in recipe.plugins)
    ]


def plan_deploy(schedule: Schedule, target: Target, prune: bool = False) -> tuple[Plan, list[str]]:
    """What deploying would change in the target.

    Args:
        schedule: the schedule.
        target: a server.
        prune: also delete the sources of entries that are gone, as DataHub's own UI deletes a source.

    Returns:
        The plan, and the sources of entries that are gone which it leaves there.

    Raises:
        ContentError: a recipe cannot be read; its source would be taken for one that is gone.
        TargetError: the target cannot be reached.
        PlanError: another school's schedule is deployed there.
    """
    if any(entry.recipe and schedule.recipe(entry) is None for entry in schedule):
        find_recipes(schedule.home)[1].raise_any()
    writer = open_writer(target, read_only=True)
    try:
        desired = list(desired_sources(schedule))
        school = read(schedule.home / SCHOOL, SchoolFile, Problems(schedule.home))
        id_ = school.id if school else ""
        plan = make_plan(str(target), desired, writer.current, prune, writer.knows, RECORD, id_)
        left_over = [] if prune else _left_over(writer, {item.urn for item in desired})
    finally:
        writer.finish(keep=False)
    return plan, left_over


def can_prune(target: Target) -> bool:
    """Whether the target can keep the record of what was deployed; an older server cannot.

    Args:
        target: a server.

    Returns:
        Whether it knows the record's aspect.

    Raises:
        TargetError: it cannot be reached.
    """
    writer = open_writer(target, read_only=True)
    try:
        return writer.knows(RECORD, manifest.ASPECT)
    finally:
        writer.finish(keep=False)


def _left_over(writer: Writer, declared: Collection[str]) -> list[str]:
    """Sources we deployed, no longer declare, and that are still there."""
    known = manifest.Manifest.from_json(writer.current([RECORD]).get(RECORD, {}).get(manifest.ASPECT))
    gone = known.records.keys() - declared
    return sorted(writer.current(gone)) if gone else []
