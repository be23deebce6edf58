"""Decides what to start and when. Knows neither processes nor the real time, so that weeks can be simulated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from campus_catalog.schedule.cron import due_between, next_due
from campus_catalog.schedule.here.state import STARTS, Row, State

logger = logging.getLogger(__name__)
#: what was accounted for this far in the future shows that the clock was wrong then, not that it was set back a little
_CLOCK = timedelta(days=1)


class Runner(Protocol):
    """Starts runs, one at a time per entry."""

    def take(self, entry: str) -> Any | None:
        """Take an entry's lock.

        Args:
            entry: the entry's id.

        Returns:
            The lock; None while a run of it goes on, whoever started it.
        """

    def release(self, lock: Any) -> None:
        """Give a lock back unused.

        Args:
            lock: what ``take`` returned.
        """

    def start(self, entry: str, due: datetime, lock: Any) -> None:
        """Start a run, which keeps the lock until it ends. The run records its own end in the state.

        Args:
            entry: the entry's id.
            due: the due time it is for.
            lock: what ``take`` returned.
        """

    def close(self, row: Row, advice: str) -> None:
        """Record in the state that a run has failed which has gone without a word, and tell of it.

        Args:
            row: the run; its entry's lock is held.
            advice: what follows, or is to be done.
        """

    def running(self) -> list[str]:
        """The runs it started that go on.

        Returns:
            Ids of their entries.
        """


@dataclass(frozen=True)
class Job:
    """An entry on the schedule; ``key`` changes when its cron line does."""

    entry: str
    trigger: Any
    key: str


class Scheduler:
    """Starts what is due. Everything it must remember is in the state, so it may die at any moment.

    Args:
        jobs: what is on the schedule; of several that are due the first ones start first.
        state: what ran, and up to when due times are accounted for.
        runner: starts the runs.
        at_once: so many runs go on at once; what is due beyond stays due until one ends.
    """

    def __init__(self, jobs: Iterable[Job], state: State, runner: Runner, at_once: int = 4):
        self._state, self._runner = state, runner
        self._said: dict[str, str] = {}
        self._waiting: set[str] = set()
        self.replace(jobs, at_once)

    def replace(self, jobs: Iterable[Job], at_once: int = 4) -> None:
        """From the next step on these are on the schedule; runs of others go on to their end.

        Args:
            jobs: what is on the schedule; of several that are due the first ones start first.
            at_once: so many runs go on at once.
        """
        self._jobs, self._at_once, self._new = list(jobs), at_once, True

    def step(self, now: datetime) -> datetime | None:
        """Start what is due; a fault of one entry is logged and keeps no other from starting.

        Args:
            now: with a time zone.

        Returns:
            When something is due next; None when nothing is on the schedule.
        """
        self._guarded("what left the schedule could not be put away", self._put_away)
        for job in self._jobs:
            self._guarded(f"{job.entry} could not be started", self._step, job, now)
        coming = [due for job in self._jobs if (due := next_due(job.trigger, now)) is not None]
        return min(coming, default=None)

    def _guarded(self, trouble: str, action: Callable[..., None], *arguments: Any) -> None:
        """A full disk, say: the others still run, this is tried again, and said once until it has worked."""
        try:
            action(*arguments)
            self._said.pop(trouble, None)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            if self._said.get(trouble) != why:
                logger.error("%s: %s; trying again every few seconds", trouble, why)
                logger.debug("", exc_info=True)
            self._said[trouble] = why

    def _put_away(self) -> None:
        """Entries off the schedule count from now on when they come back; their runs are not started again."""
        entries = [job.entry for job in self._jobs]
        if self._new:
            self._state.forget_all_but(entries)
            self._new = False
        for entry in set(self._state.unfinished_entries()) - set(entries):
            lock = self._runner.take(entry)
            if lock is None:
                continue
            try:
                for row in self._state.unfinished(entry):
                    self._runner.close(row, "it is not on the schedule: run it by hand")
            finally:
                self._runner.release(lock)

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
            row = self._interrupted(job.entry, bool(dues))
            if (dues or row) and self._must_wait(job.entry):
                return
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

    def _must_wait(self, entry: str) -> bool:
        """Whether as many runs go on as may."""
        if len(self._runner.running()) < self._at_once:
            self._waiting.discard(entry)
            return False
        if entry not in self._waiting:
            logger.info("%s is due and waits: %d runs go on", entry, self._at_once)
        self._waiting.add(entry)
        return True

    def _interrupted(self, entry: str, superseded: bool) -> Row | None:
        """The interrupted run to start again; those not to be started again are closed."""
        again = None
        for row in self._state.unfinished(entry):
            if not superseded and row.starts < STARTS and again is None:
                again = row
            else:
                self._runner.close(row, "a newer run follows" if superseded else "the next run does the rest")
        return again
