"""Decides what to start and when. Knows neither processes nor the real time, so that weeks can be simulated."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from campus_catalog.schedule.cron import due_between, next_due
from campus_catalog.schedule.state import Row, State

logger = logging.getLogger(__name__)
#: a due time whose run is interrupted is started again once
_STARTS = 2
#: what was accounted for this far in the future shows that the clock was wrong then, not that it was set back a little
_CLOCK = timedelta(days=1)


class Runner(Protocol):
    """Starts runs, one at a time per entry."""

    def take(self, entry: str) -> Any | None:
        """The entry's lock; None while a run of it goes on, whoever started it."""

    def release(self, lock: Any) -> None:
        """Give a lock back unused."""

    def start(self, entry: str, due: datetime, lock: Any) -> None:
        """Start a run, which keeps the lock until it ends. The run records its own end in the state."""


@dataclass(frozen=True)
class Job:
    """An entry on the schedule; ``key`` changes when its cron line does."""

    entry: str
    trigger: Any
    key: str


class Scheduler:
    """Starts what is due. Everything it must remember is in the state, so it may die at any moment."""

    def __init__(self, jobs: Iterable[Job], state: State, runner: Runner):
        self._jobs, self._state, self._runner = list(jobs), state, runner
        self._said: dict[str, str] = {}

    def replace(self, jobs: Iterable[Job]) -> None:
        """From the next step on these are on the schedule; runs of others go on to their end."""
        self._jobs = list(jobs)

    def step(self, now: datetime) -> datetime | None:
        """Start what is due at ``now``; returns when something is due next."""
        for job in self._jobs:
            try:
                self._step(job, now)
                self._said.pop(job.entry, None)
            except Exception as error:  # a full disk, say: the others still run, and this one is tried again
                self._complain(job, f"{type(error).__name__}: {error}")
        coming = [due for job in self._jobs if (due := next_due(job.trigger, now)) is not None]
        return min(coming, default=None)

    def _complain(self, job: Job, why: str) -> None:
        """Once, not every few seconds until somebody has come."""
        if self._said.get(job.entry) != why:
            logger.error("%s could not be started: %s; trying again every few seconds", job.entry, why)
            logger.debug("", exc_info=True)
        self._said[job.entry] = why

    def _step(self, job: Job, now: datetime) -> None:
        checked = self._state.checked(job.entry, job.key, now)
        if checked > now + _CLOCK:
            logger.warning("%s: the clock was ahead, at %s; due times count from now on", job.entry, checked)
            self._state.set_back(job.entry, now)
            checked = now
        dues = due_between(job.trigger, checked, now)
        lock = self._runner.take(job.entry)
        if lock is None:
            if dues and self._state.claim(job.entry, dues, "skipped"):
                logger.warning("%s due %s skipped: the run before is still going on", job.entry, dues[-1])
            return
        started = False
        try:
            row = self._interrupted(job.entry, bool(dues), now)
            if dues:
                if self._state.claim(job.entry, dues, "due"):
                    if len(dues) > 1:
                        logger.warning("%s: %d missed due times are caught up by one run", job.entry, len(dues) - 1)
                    self._runner.start(job.entry, dues[-1], lock)
                    started = True
            elif row is not None:
                logger.warning("%s due %s was interrupted; starting it again", job.entry, row.due)
                self._state.restart(row)
                self._runner.start(job.entry, row.due, lock)
                started = True
        finally:
            if not started:
                self._runner.release(lock)

    def _interrupted(self, entry: str, superseded: bool, now: datetime) -> Row | None:
        """The interrupted run to start again; those not to be started again are closed."""
        again = None
        for row in self._state.unfinished(entry):
            if not superseded and row.starts < _STARTS and again is None:
                again = row
                continue
            why = "a newer run follows" if superseded else "see its log; the next run does the rest"
            reason = f"the run was killed before it ended; {why}"
            self._state.finish(entry, row.due, "failed", now, reason, row.attempts)
            logger.warning("%s due %s: %s", entry, row.due, reason)
        return again
