"""One run of one entry from lock to webhook: attempts, outcome, log, report."""

from __future__ import annotations

import json
import os
import shlex
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from time import sleep
from typing import Any

from campus_catalog.catalog.target import Target
from campus_catalog.schedule import command, locks
from campus_catalog.schedule.files import log_path, rotate, write_atomically
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry, seconds
from campus_catalog.schedule.processes import COMMAND
from campus_catalog.schedule.secrets import redactor
from campus_catalog.schedule.state import State, StateError
from campus_catalog.schedule.webhook import tell

#: only one run at a time writes to a local target
_WRITER = "_target"
#: longest pause between attempts, in seconds
_LONGEST = 900
_SHOWN = 10
#: lines of a command that say why it failed; the very last one may be a mere count
_LAST = 3


@dataclass
class Report:
    """What became of a run; kept as JSON beside its log.

    Attributes:
        outcome: succeeded, partial or failed; interrupted when it was told to stop.
        reason: why it is not ``succeeded``.
        advice: what to do about it.
        missing: what a partial run left out, by name.
        recipes: what ``ingest`` says of the recipe.
    """

    entry: str
    due: str
    started: str = ""
    ended: str = ""
    outcome: str = "succeeded"
    reason: str = ""
    advice: str = ""
    missing: list[str] = field(default_factory=list)
    attempts: int = 0
    log: str = ""
    recipes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def duration(self) -> float:
        """Seconds it took."""
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.started)).total_seconds()


def _utc() -> datetime:
    return datetime.now(timezone.utc)


def run_once(
    schedule: Schedule,
    entry: Entry,
    target: tuple[str, Target],
    state: State,
    due: datetime,
    lock: int,
    stop: threading.Event,
    log_line: Callable[[str], None] = lambda line: None,
) -> Report | None:
    """Run an entry and record how it ended.

    Args:
        target: as given on the command line, and understood.
        lock: the entry's lock, held until the end, also by the command run.
        stop: set to end the run early; it then counts as interrupted.
        log_line: told the outcome in one line.

    Returns:
        None when this due time has ended already.
    """
    if not state.begin(entry.id, due, _utc()):
        return None
    path = log_path(entry.id, due)
    redact = redactor(schedule, {**os.environ, **entry.variables})
    report = Report(entry.id, due.isoformat(), log=str(path))
    report.started = _utc().isoformat(timespec="seconds")
    log = command.Log(schedule.home / path, redact)
    try:
        writer = _writer(schedule.home, target[1], stop)
        held = [lock] if writer is None else [lock, writer]
        try:
            _attempts(schedule, entry, target[0], report, log, stop, held, redact)
        finally:
            if writer is not None:
                locks.release(writer)
    except Exception as error:  # too many processes, say: the run must come to an end all the same
        report.outcome, report.reason = "failed", redact(f"{type(error).__name__}: {error}")
        report.advice = "see the scheduler's log"
    report.ended = _utc().isoformat(timespec="seconds")
    said = f"{report.outcome}{f': {report.reason}; {report.advice}' if report.reason else ''}"
    log.write(f"{report.ended} {said}")
    log.close()
    for trouble in filter(None, [log.fault, *_record(schedule, entry, due, report, state)]):
        log_line(f"{entry.id}: what became of the run could not be kept: {trouble}; make room below {schedule.home}")
    log_line(f"{entry.id} {said}{f'; log: {schedule.home / path}' if report.reason else ''}")
    if schedule.webhook and report.outcome in schedule.webhook.on:
        trouble = tell(schedule.webhook, report, os.environ)
        if trouble:
            log_line(f"{entry.id}: the webhook was not told: {trouble}")
    return report


def _record(schedule: Schedule, entry: Entry, due: datetime, report: Report, state: State) -> Iterator[str]:
    """Keep report and state; yields what could not be kept, so that a full disk does not silence the rest."""
    try:
        report_path = schedule.home / log_path(entry.id, due).with_suffix(".json")
        write_atomically(report_path, json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n")
        rotate(report_path.parent, schedule.keep)
    except OSError as error:
        yield str(error)
    try:
        state.finish(entry.id, due, report.outcome, _utc(), report.reason, report.attempts)
    except StateError as error:
        yield str(error)


def _mortal() -> list[str]:
    """The command line in a process the kernel ends with this one (PR_SET_PDEATHSIG).

    A command whose run was killed would go on without anybody to stop it in time.
    """
    tie = f"import ctypes, os; ctypes.CDLL(None).prctl(1, 9); os.getppid() == {os.getpid()} or os._exit(1)"
    return [*COMMAND[:2], f"{tie}; {COMMAND[2]}"]


def _writer(home: Path, target: Target, stop: threading.Event) -> int | None:
    """The right to write to a local target, waited for; a server takes several at once."""
    while target.kind != "server" and not stop.is_set():
        file = locks.take(home, _WRITER)
        if file is not None:
            return file
        sleep(0.2)
    return None


def _attempts(
    schedule: Schedule,
    entry: Entry,
    target: str,
    report: Report,
    log: command.Log,
    stop: threading.Event,
    held: list[int],
    redact: Callable[[str], str],
) -> None:
    words = ["ingest", "--format", "json", entry.recipe] if entry.recipe else shlex.split(entry.command or "")
    arguments = [*_mortal(), "--home", str(schedule.home), "--target", target, *words]
    # the log of ingest goes where this run's log goes: several runs may be going on
    environment = {**os.environ, **entry.variables, "CAMPUS_CATALOG_LOG": "-", "PYTHONIOENCODING": "utf-8"}
    for attempt in range(entry.retries + 1):
        if stop.is_set():
            report.outcome, report.reason = "interrupted", "told to stop"
            return
        report.attempts = attempt + 1
        log.write(f"{_utc().isoformat(timespec='seconds')} attempt {attempt + 1}: campus-catalog {' '.join(words)}")
        ended = command.run(
            arguments, environment, schedule.home, log, seconds(entry.timeout), stop, bool(entry.recipe), held
        )
        _judge(entry, ended, report, redact)
        if ended.code != command.UNREACHABLE or ended.timed_out or ended.stopped or attempt == entry.retries:
            return
        pause = min(seconds(entry.retry_after) * 2**attempt, _LONGEST)
        log.write(f"{report.reason}; trying again in {pause} s")
        stop.wait(pause)


def _judge(entry: Entry, ended: command.Ended, report: Report, redact: Callable[[str], str]) -> None:
    report.reason, report.advice, report.missing, report.recipes = "", "", [], []
    try:
        report.recipes = json.loads(redact(ended.output)) if ended.output.strip() else []
    except ValueError:
        ended.last = [*ended.last, *redact(ended.output).splitlines()[-5:]]
    failures = [text for run in report.recipes for text in run["failures"]]
    if ended.stopped:
        report.outcome, report.reason = "interrupted", "told to stop"
    elif ended.timed_out:
        report.outcome, report.reason = "failed", f"took longer than {entry.timeout} and was killed"
        report.advice = "see its log for what it waited for, or raise timeout in the schedule"
    elif ended.code == 0:
        report.outcome = "succeeded"
    elif ended.code < 0:
        report.outcome, report.reason = "failed", f"killed by signal {-ended.code}"
        report.advice = "if nobody killed it, the machine ran out of memory; the next run does the rest"
    elif report.recipes and all(run["outcome"] in ("succeeded", "partial") for run in report.recipes):
        report.outcome = "partial"
        report.missing = [name for run in report.recipes for name in run["refused"]] + failures
        report.reason = "left out: " + _few(report.missing)
        report.advice = "grant what is missing, or exclude it in the recipe; everything else was written"
    else:
        report.outcome = "failed"
        report.reason = _few(failures) or "; ".join([line.strip() for line in ended.last if line.strip()][-_LAST:])
        report.reason = report.reason or f"exit code {ended.code}"
        report.advice = (
            "check that it is up and lets this account in; the next run tries again"
            if ended.code == command.UNREACHABLE
            else "campus-catalog doctor and validate say more; its log has the rest"
        )


def _few(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
