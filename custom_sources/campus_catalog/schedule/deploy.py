"""The schedule's recipes as DataHub ingestion sources."""

from __future__ import annotations

import json
from collections.abc import Iterator

from campus_catalog.catalog.desired import Desired, aspect_json
from campus_catalog.catalog.plan import Plan, make_plan
from campus_catalog.catalog.target import Target
from campus_catalog.catalog.writers import open_writer
from campus_catalog.schedule.loader import Schedule


def source_urn(entry: str) -> str:
    """The urn of an entry's ingestion source."""
    return f"urn:li:dataHubIngestionSource:campus-{entry}"


def desired_sources(schedule: Schedule) -> Iterator[Desired]:
    """One ingestion source per entry with a recipe; a disabled one stays without a schedule.

    The recipe is carried as text as it stands: ``${NAME}`` is filled in by the executor.
    """
    from datahub.metadata.schema_classes import (
        DataHubIngestionSourceConfigClass,
        DataHubIngestionSourceInfoClass,
        DataHubIngestionSourceScheduleClass,
    )

    for entry in schedule:
        recipe = schedule.recipe(entry)
        if recipe is None:
            continue
        extra = {}
        if entry.extra_pip:
            extra["extra_pip_requirements"] = entry.extra_pip
        if entry.variables:
            extra["extra_env_vars"] = json.dumps(entry.variables)
        info = DataHubIngestionSourceInfoClass(
            name=entry.name or entry.id,
            type=recipe.source_type,
            config=DataHubIngestionSourceConfigClass(
                recipe=json.dumps(recipe.content, ensure_ascii=False),
                executorId=entry.executor_id,
                version=entry.cli_version,
                debugMode=False,
                extraArgs=extra or None,
            ),
            schedule=DataHubIngestionSourceScheduleClass(entry.schedule, schedule.zone(entry))
            if entry.enabled and entry.schedule
            else None,
        )
        yield Desired("register", source_urn(entry.id), info.ASPECT_NAME, aspect_json(info), owned=True)


def plan_deploy(schedule: Schedule, target: Target) -> Plan:
    """What deploying would change in the target. Raises TargetError."""
    writer = open_writer(target, read_only=True)
    try:
        plan = make_plan(str(target), desired_sources(schedule), writer.current, knows=writer.knows)
    finally:
        writer.finish(keep=False)
    # the manifest is of what ``apply`` declares; with these in it ``apply --prune`` would remove them
    plan.changes = [change for change in plan.changes if change.phase != "manifest"]
    return plan
