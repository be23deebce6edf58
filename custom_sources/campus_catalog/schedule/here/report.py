"""How a run ended: kept in its log, a report and the state, said in a line, told to the webhook."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

from campus_catalog.content.write import write_whole
from campus_catalog.schedule.here.command import Log
from campus_catalog.schedule.here.files import log_path, rotate
from campus_catalog.schedule.here.state import INTERRUPTED, Row, State, StateError
from campus_catalog.schedule.here.webhook import tell
from campus_catalog.schedule.loader import Schedule


@dataclass
class Report:
    """What became of a run; kept as JSON beside its log.

    Attributes:
        outcome: succeeded, partial or failed; interrupted when it was told to stop and is started again.
        reason: why it is not ``succeeded``.
        advice: what to do about it.
        missing: what a partial run left out, by name.
        attempts: how often the command was run; 0 of a run that was killed.
        recipes: what ``ingest`` says of the recipes.
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


def keep(
    schedule: Schedule, report: Report, due: datetime, state: State, log: Log, log_line: Callable[[str], None]
) -> None:
    """Keep how a run ended, in each place whatever becomes of the others.

    Args:
        schedule: the schedule; says how many runs are kept.
        report: how the run ended; gets the time of its end.
        due: the run's due time.
        state: gets the outcome.
        log: of the run; gets its last line and is closed.
        log_line: told the outcome in one line, and what could not be kept.
    """
    report.ended = now()
    said = report.outcome + (": " + "; ".join(filter(None, [report.reason, report.advice])) if report.reason else "")
    log.write(f"{report.ended} {said}")
    log.close()
    home = schedule.home
    for trouble in filter(None, [log.fault, *_record(schedule, report, due, state)]):
        log_line(f"{report.entry}: what became of the run could not be kept: {trouble}; make room below {home}")
    log_line(f"{report.entry} {said}{f'; log: {home / report.log}' if report.reason else ''}")


def _record(schedule: Schedule, report: Report, due: datetime, state: State) -> Iterator[str]:
    """Keep report and state; yields what could not be kept, so that a full disk does not silence the rest."""
    if report.outcome != INTERRUPTED:  # which is no end yet
        try:
            path = (schedule.home / report.log).with_suffix(".json")
            write_whole(path, json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n")
            rotate(path.parent, schedule.keep)
        except OSError as error:
            yield str(error)
    try:
        ended = datetime.fromisoformat(report.ended)
        state.finish(report.entry, due, report.outcome, ended, report.reason, report.attempts)
    except StateError as error:
        yield str(error)


def tell_webhook(schedule: Schedule, report: Report, log_line: Callable[[str], None]) -> None:
    """Tell the webhook, if the schedule has one that wants to know; may take half a minute.

    Args:
        schedule: the schedule.
        report: how the run ended.
        log_line: told when the webhook could not be.
    """
    if schedule.webhook and report.outcome in schedule.webhook.on:
        trouble = tell(schedule.webhook, report, os.environ)
        if trouble:
            log_line(f"{report.entry}: the webhook was not told: {trouble}")


def close(
    schedule: Schedule, row: Row, advice: str, state: State, log_line: Callable[[str], None], reason: str = ""
) -> Report:
    """End a run as failed that has gone without a word. The caller holds the entry's lock, and tells the webhook.

    Args:
        schedule: the schedule.
        row: the run.
        advice: what follows, or is to be done.
        state: gets the outcome.
        log_line: told the outcome in one line.
        reason: why it ended, where that is known.

    Returns:
        The run's report.

    Raises:
        StateError: the state cannot be written; nothing has been said then.
    """
    path = log_path(row.entry, row.due)
    report = Report(
        row.entry,
        row.due.isoformat(),
        started=row.started.isoformat(timespec="seconds") if row.started else "",
        outcome="failed",
        reason=reason or _why(row),
        advice=advice,
        attempts=row.attempts,
        log=str(path),
    )
    # first of all: what the state cannot take would be found, and told, every few seconds
    state.finish(row.entry, row.due, report.outcome, datetime.now(timezone.utc), report.reason, report.attempts)
    keep(schedule, report, row.due, state, Log(schedule.home / path, str), log_line)
    return report


def close_left(
    schedule: Schedule, entry: str, advice: str, state: State, log_line: Callable[[str], None], reason: str = ""
) -> None:
    """:func:`close` every run of the entry that has not come to an end, and tell the webhook.

    Args:
        schedule: the schedule.
        entry: the entry's id.
        advice: what follows, or is to be done.
        state: gets the outcomes.
        log_line: told each outcome in one line.
        reason: why they ended, where that is known.

    Raises:
        StateError: the state cannot be written.
    """
    for row in state.unfinished(entry):
        tell_webhook(schedule, close(schedule, row, advice, state, log_line, reason), log_line)


def _why(row: Row) -> str:
    if row.outcome == INTERRUPTED:
        return row.reason
    return "the run was killed before it ended" if row.started else "the run was killed before it began"


def now() -> str:
    """This second, as reports and logs have it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
