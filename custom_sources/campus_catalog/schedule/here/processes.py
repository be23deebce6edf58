"""Runs as processes of their own, and the loop that starts them until it is told to stop."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.flag import Flag
from campus_catalog.schedule.here.report import close, tell_webhook
from campus_catalog.schedule.here.scheduler import Scheduler
from campus_catalog.schedule.here.state import Row, State
from campus_catalog.schedule.loader import Schedule

logger = logging.getLogger(__name__)
#: runs the command line in a process of its own, wherever the console script lies
COMMAND = (sys.executable, "-c", "import runpy; runpy.run_module('campus_catalog', run_name='__main__')")
#: name of the lock of the scheduler itself
SCHEDULER = "_scheduler"
#: longest sleep in seconds: interrupted runs, and a clock that jumped, are noticed this soon
_PAUSE = 5.0
#: seconds a run has to put its things in order when told to stop, a webhook that does not answer included
LAST = 45.0


class Processes:
    """Starts each run as ``campus-catalog schedule once``, which outlives the scheduler.

    Args:
        home: content folder.
        target: as given on the command line.
        state: what ran; shared with the runs.
        schedule: the one in force.
    """

    def __init__(self, home: Path, target: str, state: State, schedule: Callable[[], Schedule]):
        self._home, self._target, self._state, self._schedule = home, target, state, schedule
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def take(self, entry: str) -> int | None:
        """See Runner."""
        child = self._children.get(entry)
        if child is not None:
            child.poll()  # an ended child is to be buried
        return locks.take(self._home, entry)

    def release(self, lock: Any) -> None:
        """See Runner."""
        locks.release(lock)

    def start(self, entry: str, due: datetime, lock: Any) -> None:
        """See Runner."""
        place = ["--home", str(self._home), "--target", self._target]
        arguments = ["schedule", "once", entry, "--due", due.isoformat(), "--lock", str(lock)]
        self._children[entry] = subprocess.Popen(
            [*COMMAND, *place, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(lock,),
            start_new_session=True,  # what is sent to the scheduler's terminal is not meant for the runs
        )
        locks.release(lock)  # the child holds it
        logger.info("%s due %s started", entry, due.isoformat(timespec="seconds"))

    def close(self, row: Row, advice: str) -> None:
        """See Runner."""
        schedule = self._schedule()
        report = close(schedule, row, advice, self._state, logger.warning)
        # a webhook may take its time, which the others that are due have not
        threading.Thread(target=tell_webhook, args=(schedule, report, logger.warning)).start()

    def running(self) -> list[str]:
        """See Runner."""
        return [entry for entry, child in self._children.items() if child.poll() is None]

    def stop(self, grace: float) -> None:
        """Wait for the runs, then tell them to stop.

        Args:
            grace: seconds to wait, for all of them together.
        """
        for seconds, sign in ((grace, signal.SIGTERM), (LAST, signal.SIGKILL)):
            deadline = monotonic() + seconds
            if self.running():
                logger.info("waiting up to %.0f s for %s", seconds, ", ".join(self.running()))
            for entry in self.running():
                with suppress(subprocess.TimeoutExpired):
                    self._children[entry].wait(max(deadline - monotonic(), 0))
            for entry in self.running():
                logger.warning("%s is told to stop (%s)", entry, sign.name)
                self._children[entry].send_signal(sign)


class Told:
    """What signals have said. Heeded from the moment it is made: a scheduler that still reads its content is told, too.

    Attributes:
        stop: to end, by SIGTERM or SIGINT.
        reload: to take in the content, by SIGHUP.
        wake: that there is something to look at.
    """

    def __init__(self) -> None:
        self.stop, self.reload, self.wake = Flag(), Flag(), Flag()
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, self._take)

    def _take(self, sign: int, _frame: object) -> None:
        (self.reload if sign == signal.SIGHUP else self.stop).set()
        self.wake.set()


def serve(
    scheduler: Scheduler,
    processes: Processes,
    grace: float,
    refresh: Callable[[bool], None],
    told: Told,
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> None:
    """Run the schedule until SIGTERM or SIGINT.

    Args:
        scheduler: decides what to start.
        processes: starts it.
        grace: seconds to wait for runs at the end.
        refresh: called before each step, to take in what has changed in the content; with True after SIGHUP.
        told: what signals say.
        now: tells the time, with a time zone.
    """
    while not told.stop.is_set():
        told.wake.clear()
        force = told.reload.is_set()
        told.reload.clear()
        refresh(force)
        due = scheduler.step(now())
        pause = min(_PAUSE, (due - now()).total_seconds()) if due else _PAUSE
        if not (told.stop.is_set() or told.reload.is_set()):
            told.wake.wait(max(pause, 0.05))
    logger.info("stopping")
    processes.stop(grace)
    logger.info("stopped")
