"""The schedule in force: that of the content, or while the content has faults the last one without.

It is kept as a file, because runs are processes of their own and a scheduler may be started again at any time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from campus_catalog.content.layout import content_files, require_content
from campus_catalog.content.problems import ContentError
from campus_catalog.content.write import write_whole
from campus_catalog.ingest.recipes import find_recipes
from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.scheduler import Job
from campus_catalog.schedule.here.webhook import unset
from campus_catalog.schedule.loader import Schedule, load_schedule
from campus_catalog.schedule.models import ScheduleFile

logger = logging.getLogger(__name__)
_KEPT = locks.FOLDER / "current.json"


def load_or_kept(home: Path, commands: Collection[str]) -> tuple[Schedule, list[str]]:
    """The schedule in force.

    Args:
        home: content folder.
        commands: the commands of campus-catalog.

    Returns:
        The schedule, and the faults of the content as ``file:line: [code] message``; with any, it is the last one
        without.

    Raises:
        ContentError: the content has faults and no schedule was in force before.
    """
    try:
        return load_schedule(home, commands), []
    except ContentError as error:
        kept = _kept(home)
        if kept is None:
            require_content(home)
            raise
        return kept, [str(problem) for problem in error.problems]


def _kept(home: Path) -> Schedule | None:
    try:
        model = ScheduleFile.model_validate_json((home / _KEPT).read_bytes())
    except (OSError, ValidationError):
        return None
    recipes = {recipe.name: recipe for recipe in find_recipes(home)[0]}  # what is wrong with them, the faults say
    return Schedule(home, model.time_zone, model.keep, model.webhook, model.entries, recipes, model.at_once)


class CurrentSchedule:
    """What ``schedule run`` goes by; :meth:`refresh` takes in what has changed in the content.

    Args:
        home: content folder.
        commands: the commands of campus-catalog.

    Raises:
        ContentError: the content has faults and no schedule was in force before.
    """

    def __init__(self, home: Path, commands: Collection[str]):
        self._home, self._commands = home, commands
        self._seen = self._signature()
        self.schedule = self._load()

    def refresh(self, force: bool = False) -> bool:
        """Read the content again if it changed since.

        Args:
            force: read it in any case.

        Returns:
            Whether the schedule may be another one now.
        """
        seen = self._signature()
        if seen == self._seen and not force:
            return False
        self._seen = seen
        try:
            self.schedule = self._load()
        except ContentError as error:  # and what was kept has gone, too
            self._say([str(problem) for problem in error.problems])
            return False
        return True

    def jobs(self) -> list[Job]:
        """The entries on the schedule.

        Returns:
            One job per entry that runs by itself here.
        """
        triggers = ((entry, self.schedule.trigger(entry)) for entry in self.schedule)
        return [
            Job(entry.id, trigger, f"{entry.schedule} {self.schedule.zone(entry)}")
            for entry, trigger in triggers
            if trigger
        ]

    def _load(self) -> Schedule:
        schedule, faults = load_or_kept(self._home, self._commands)
        for name in unset(schedule.webhook, os.environ) if schedule.webhook else ():
            logger.warning("environment variable %s is not set: the webhook will not be told", name)
        if faults:
            self._say(faults)
            return schedule
        model = ScheduleFile(
            time_zone=schedule.time_zone,
            keep=schedule.keep,
            at_once=schedule.at_once,
            webhook=schedule.webhook,
            entries=schedule.entries,
        )
        try:
            write_whole(self._home / _KEPT, model.model_dump_json(exclude_none=True))
        except OSError as error:
            logger.error("%s cannot be written: %s", self._home / _KEPT, error.strerror)
        logger.info("%d of %d entries are on the schedule", schedule.running, len(schedule.entries))
        return schedule

    def _say(self, faults: list[str]) -> None:
        logger.error("the schedule has faults; the one of before stays in force until they are mended:")
        for fault in faults:
            logger.error("%s", fault)

    def _signature(self) -> object:
        """Changes when a file of the content does; they are looked at every few seconds, so their text is not read."""
        try:
            return [_looks(path) for path in content_files(self._home)]
        except ContentError as error:  # loading says it
            return str(error)


def _looks(path: Path) -> tuple[str, int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), status.st_ino, status.st_size, status.st_mtime_ns
