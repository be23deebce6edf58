"""How the schedule does: last and next runs, health, and the same for Prometheus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campus_catalog.schedule.cron import next_due
from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.files import log_path
from campus_catalog.schedule.here.processes import SCHEDULER
from campus_catalog.schedule.here.state import STARTS, UNFINISHED, Row, State
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import OUTCOMES

#: a run this long overdue means that nobody starts it
LATE = timedelta(minutes=15)
_NOBODY = "and no scheduler is running: start 'campus-catalog schedule run'; in Kubernetes see its CronJob"


@dataclass
class Standing:
    """One entry.

    Attributes:
        last: its newest run; one that goes on counts.
        ended: its newest run that ended.
        success: its newest run that succeeded.
        trouble: what is wrong; empty when nothing is.
    """

    entry: str
    runs: str
    schedule: str
    time_zone: str
    enabled: bool
    last: Row | None
    ended: Row | None
    success: Row | None
    next: datetime | None
    trouble: str
    interrupted: bool = False

    @property
    def result(self) -> str:
        """The outcome of the newest run."""
        if self.last is None:
            return "never"
        return "interrupted" if self.interrupted else self.last.outcome


def standings(schedule: Schedule, state: State, now: datetime) -> list[Standing]:
    """How every entry does.

    Args:
        schedule: the schedule.
        state: what ran.
        now: with a time zone; what is late is late by then.

    Returns:
        One standing per entry, in the order of the content.
    """
    alive = scheduler_runs(schedule)
    found = []
    for entry in schedule:
        trigger = schedule.trigger(entry)
        zone = schedule.zone(entry)
        last, interrupted = _newest(schedule, entry.id, state)
        ended, success = state.last(entry.id, *OUTCOMES), state.last(entry.id, "succeeded")
        if last and last.outcome in OUTCOMES:
            ended = last
        trouble = ""
        if entry.enabled and entry.here:
            seen = state.known(entry.id, f"{entry.schedule} {zone}")
            since = max((moment for moment in (seen, last and last.due) if moment), default=None)
            due = next_due(trigger, since) if trigger and since else None
            if ended and ended.outcome != "succeeded":
                trouble = f"{ended.outcome}: {ended.reason}; log: {schedule.home / log_path(entry.id, ended.due)}"
            elif interrupted and not alive:
                trouble = f"interrupted, {_NOBODY}"
            elif trigger and last is None and not alive:
                trouble = f"never ran, {_NOBODY}"
            elif due and due < now - LATE:
                trouble = f"overdue since {due.astimezone(ZoneInfo(zone)).isoformat(timespec='minutes')}"
                trouble += "" if alive else f", {_NOBODY}"
        found.append(
            Standing(
                entry=entry.id,
                runs=f"ingest {entry.recipe}" if entry.recipe else entry.command or "",
                schedule=(entry.here and entry.schedule) or "",
                time_zone=zone,
                enabled=entry.enabled,
                last=last,
                ended=ended,
                success=success,
                next=next_due(trigger, now) if trigger else None,
                trouble=trouble,
                interrupted=interrupted,
            )
        )
    return found


def _newest(schedule: Schedule, entry: str, state: State) -> tuple[Row | None, bool]:
    """The entry's newest run, and whether it was interrupted. One that nobody starts again has failed."""
    outcomes = (*UNFINISHED, *OUTCOMES)
    last = state.last(entry, *outcomes)
    if last is None or last.outcome in OUTCOMES or not locks.is_free(schedule.home, entry):
        return last, False
    if state.last(entry, *outcomes) != last:  # it has come to an end meanwhile
        return _newest(schedule, entry, state)
    if last.starts < STARTS:
        return last, True
    return replace(last, outcome="failed", reason="the run was killed before it ended"), False


def scheduler_runs(schedule: Schedule) -> bool:
    """Whether ``schedule run`` is running on this home.

    Args:
        schedule: the schedule.

    Returns:
        Whether somebody holds its lock.

    Raises:
        StateError: the home cannot be read.
    """
    return not locks.is_free(schedule.home, SCHEDULER)


def prometheus(found: list[Standing], alive: bool, faults: int = 0) -> str:
    """The standings for Prometheus.

    Args:
        found: how every entry does.
        alive: whether ``schedule run`` is running.
        faults: number of faults in the content of the schedule.

    Returns:
        The text format of its textfile collector.
    """
    lines = [
        "# HELP campus_catalog_scheduler_running Whether 'schedule run' is running.",
        "# TYPE campus_catalog_scheduler_running gauge",
        f"campus_catalog_scheduler_running {int(alive)}",
        "# HELP campus_catalog_schedule_faults Faults in the schedule; with any, the one of before is in force.",
        "# TYPE campus_catalog_schedule_faults gauge",
        f"campus_catalog_schedule_faults {faults}",
        "# HELP campus_catalog_last_success_timestamp_seconds When the entry last ended well.",
        "# TYPE campus_catalog_last_success_timestamp_seconds gauge",
    ]
    lines += [
        f'campus_catalog_last_success_timestamp_seconds{{entry="{one.entry}"}} {one.success.ended.timestamp():.0f}'
        for one in found
        if one.success and one.success.ended
    ]
    lines += [
        "# HELP campus_catalog_last_duration_seconds How long the entry's last run took.",
        "# TYPE campus_catalog_last_duration_seconds gauge",
    ]
    lines += [
        f'campus_catalog_last_duration_seconds{{entry="{one.entry}"}} {one.ended.duration:.1f}'
        for one in found
        if one.ended and one.ended.duration is not None
    ]
    lines += [
        "# HELP campus_catalog_last_outcome How the entry's last run ended: 1 for the outcome, 0 for the others.",
        "# TYPE campus_catalog_last_outcome gauge",
    ]
    lines += [
        f'campus_catalog_last_outcome{{entry="{one.entry}",outcome="{outcome}"}} {int(one.ended.outcome == outcome)}'
        for one in found
        if one.ended
        for outcome in OUTCOMES
    ]
    return "\n".join(lines) + "\n"
