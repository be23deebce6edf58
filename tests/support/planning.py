"""Plan and apply in this process, and a look at what is in a target afterwards."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import post_json_transform
from datahub.metadata.schema_classes import ASPECT_NAME_MAP

from campus_catalog.apply.apply import Applied, apply_plan
from campus_catalog.apply.plan import Plan
from campus_catalog.apply.writers import open_writer
from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.target import parse_target
from campus_catalog.cli.main import main
from campus_catalog.school import School
from tests.support.content import OTHER_SCHOOL

Catalog = dict[str, dict[str, Any]]

COURSE = "urn:li:dataset:(urn:li:dataPlatform:postgres,teaching.core.course,PROD)"
STUDENT = "urn:li:dataset:(urn:li:dataPlatform:postgres,teaching.core.student,PROD)"
GIFTS = "urn:li:dataset:(urn:li:dataPlatform:filing-cabinet,gifts,PROD)"
STAMP = {"time": 1, "actor": "urn:li:corpuser:guest"}


def new_school(folder: Path) -> Path:
    """A copy of the second school's content."""
    return Path(shutil.copytree(OTHER_SCHOOL, folder / "school"))


def make(home: Path, target: str, prune: bool = False) -> Plan:
    """The plan of a home for a target."""
    return School(home).plan(parse_target(target, home), prune)


def attempt(home: Path, target: str, plan: Plan) -> Applied:
    """Apply a plan, whatever comes of it."""
    where = parse_target(target, home)
    return apply_plan(plan, open_writer(where), where.kind != "server")


def bring(home: Path, target: str, prune: bool = False) -> Plan:
    """Plan and apply; returns the plan."""
    plan = make(home, target, prune)
    if plan.changes:
        applied = attempt(home, target, plan)
        assert not applied.error and not applied.pending
    return plan


def catalog(home: Path, target: str) -> Catalog:
    """The entities of a local target."""
    store = open_store(parse_target(target, home), read_only=True)
    try:
        return dict(store.entities())
    finally:
        store.close()


def put(home: Path, target: str, *aspects: tuple[str, str, Any]) -> None:
    """Write (urn, aspect, JSON) as they are, as people and other tools do."""
    store = open_store(parse_target(target, home))
    for urn, name, value in aspects:
        aspect = ASPECT_NAME_MAP[name].from_obj(post_json_transform(value))
        store.put(MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect), merging=False)
    store.commit()
    store.close()


def in_child(work: Any, kill_after: float | None = None) -> int:
    """Run ``work`` in a process forked from this one; returns its exit code, negative for the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            status = int(work() or 0)
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command_line(home: Path, target: str, *words: str) -> int:
    """`campus-catalog` in this process, which ought to be a forked one; returns its exit code."""
    sys.argv = ["campus-catalog", "--home", str(home), "--target", target, *words]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def kill_often(killed: Callable[[float], bool], duration: float, times: int, seed: int, first: float = 0) -> None:
    """Kill runs at moments spread over how long one takes.

    Args:
        killed: kills a run after so many seconds, checks what came of it, and says whether the kill came in time; one
            that was through before does not count, because the machine has become faster since.
        duration: seconds an undisturbed run takes.
        times: how many kills there must be.
        seed: of the moments.
        first: the part of a run to leave out, e.g. its imports.
    """
    moments, number = random.Random(seed), 0
    for _ in range(10 * times):
        part = first + (1 - first) * (number + moments.random()) / times
        if killed(duration * part):
            number += 1
        else:
            duration *= 0.9
        if number == times:
            return
    raise AssertionError("hardly ever killed in time")


def summary(plan: Plan) -> list[str]:
    """The visible changes of a plan, each on a line."""
    return [f"{change.action} {change.urn} {change.aspect}" for change in plan.visible]


def entries(value: dict[str, Any], field: str, key: str) -> list[str]:
    """One key of each entry of an aspect's list."""
    listed: Iterable[dict[str, Any]] = value[field]
    return [entry[key] for entry in listed]
