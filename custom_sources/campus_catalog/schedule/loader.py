"""Reads ``ingestion_recipes/schedule/schedule.yml`` and checks it against recipes and commands."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campus_catalog.content import layout
from campus_catalog.content.places import Problems
from campus_catalog.content.plaintext import check_secrets
from campus_catalog.content.problems import ContentError, did_you_mean, unreadable
from campus_catalog.content.read import read
from campus_catalog.ingest.recipes import Recipe, find_recipes
from campus_catalog.regulation.version import check_version
from campus_catalog.schedule.cron import parse_cron
from campus_catalog.schedule.models import Entry, ScheduleFile, Webhook

SCHEDULE = layout.SCHEDULE.path


@dataclass
class Schedule:
    """What runs when.

    Attributes:
        recipes: the recipes entries run, by name.
        home: content folder.
        time_zone: of entries that name none, e.g. ``Asia/Shanghai``.
        keep: how many runs' logs and reports are kept of each entry.
        at_once: how many runs may go on at once.
    """

    home: Path
    time_zone: str = "Asia/Shanghai"
    keep: int = 30
    webhook: Webhook | None = None
    entries: list[Entry] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    at_once: int = 4

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find(self, id_: str) -> Entry | None:
        """An entry by its id.

        Args:
            id_: the id.

        Returns:
            The entry, or None.
        """
        return next((entry for entry in self.entries if entry.id == id_), None)

    def zone(self, entry: Entry) -> str:
        """The entry's time zone.

        Args:
            entry: one of the schedule.

        Returns:
            Its name, e.g. ``Asia/Shanghai``.
        """
        return entry.time_zone or self.time_zone

    def trigger(self, entry: Entry) -> Any | None:
        """When the entry is due.

        Args:
            entry: one of the schedule.

        Returns:
            What ``cron.next_due`` takes; None when it only runs by hand, or in DataHub.
        """
        if not entry.enabled or not entry.here or entry.schedule is None:
            return None
        return parse_cron(entry.schedule, ZoneInfo(self.zone(entry)))

    @property
    def running(self) -> int:
        """How many entries run by themselves."""
        return sum(1 for entry in self.entries if self.trigger(entry) is not None)

    def recipe(self, entry: Entry) -> Recipe | None:
        """The recipe an entry runs.

        Args:
            entry: one of the schedule.

        Returns:
            The recipe; None for a command, or a recipe that cannot be read.
        """
        return self.recipes.get(entry.recipe) if entry.recipe else None


def load_schedule(home: Path, commands: Collection[str]) -> Schedule:
    """Read the schedule.

    Args:
        home: content folder.
        commands: the commands of campus-catalog.

    Returns:
        The schedule.

    Raises:
        ContentError: with every fault; a VersionError when the content is of another version.
    """
    try:
        return _load(home, commands)
    except OSError as error:  # a folder that may not be looked into, a network drive that has gone
        raise ContentError([unreadable(error, home)]) from error


def _load(home: Path, commands: Collection[str]) -> Schedule:
    check_version(home)
    problems = Problems(home)
    recipes, _ = find_recipes(home)  # a recipe at fault is the run's to report
    schedule = Schedule(home, recipes={recipe.name: recipe for recipe in recipes})
    names = {path.stem for path in layout.RECIPES.files(home)}
    path = home / SCHEDULE
    model = read(path, ScheduleFile, problems)
    if model is not None:
        schedule.time_zone, schedule.keep, schedule.webhook = model.time_zone, model.keep, model.webhook
        schedule.at_once = model.at_once
        schedule.entries = model.complete()
        check_secrets(model.variables, model.extra_pip, path, [], problems)
        seen: set[str] = set()
        for index, entry in enumerate(model.entries):
            _check(entry, path, ["entries", index], names, commands, problems)
            if entry.id in seen:
                problems.add(path, ["entries", index, "id"], "duplicate-id", f"定时项 id「{entry.id}」重复")
            seen.add(entry.id)
    problems.raise_any()
    return schedule


def _check(
    entry: Entry, path: Path, place: list[Any], recipes: Collection[str], commands: Collection[str], problems: Problems
) -> None:
    if (entry.recipe is None) == (entry.command is None):
        problems.add(path, place, "invalid", "recipe 与 command 须写且只写一个")
    elif entry.recipe is not None and entry.recipe not in recipes:
        message = f"没有名为「{entry.recipe}」的采集配置{did_you_mean(entry.recipe, recipes)}"
        problems.add(path, [*place, "recipe"], "invalid", message)
    elif entry.command is not None:
        word = shlex.split(entry.command)[0]
        if word not in commands or word == "schedule":
            known = [name for name in commands if name != "schedule"]
            message = f"campus-catalog 没有可定时运行的命令「{word}」{did_you_mean(word, known)}"
            problems.add(path, [*place, "command"], "invalid", message)
        if entry.where == "datahub":
            problems.add(path, [*place, "where"], "invalid", "DataHub 只运行采集配置，命令只能在本机运行")
    check_secrets(entry.variables, entry.extra_pip, path, place, problems)
