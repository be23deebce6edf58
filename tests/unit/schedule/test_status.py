"""What 'schedule status' takes for trouble."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.state import State
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry
from campus_catalog.schedule.status import Standing, standings

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
DAILY = "0 1 * * *"


def entry(**more: Any) -> Entry:
    return Entry(id="x", **{"command": "validate", "schedule": DAILY, **more})


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / locks.FOLDER / "state.db")


def standing(home: Path, one: Entry, state: State) -> Standing:
    (found,) = standings(Schedule(home, "UTC", entries=[one]), state, NOW)
    return found


def ended(state: State, outcome: str, ago: timedelta = timedelta(hours=1)) -> None:
    state.add_manual("x", NOW - ago)
    state.begin("x", NOW - ago, NOW - ago)
    state.finish("x", NOW - ago, outcome, NOW - ago, "" if outcome == "succeeded" else "because")


@pytest.mark.parametrize("line", [DAILY, None])
@pytest.mark.parametrize(
    ("outcome", "trouble"), [("succeeded", ""), ("partial", "partial: b"), ("failed", "failed: b")]
)
def test_the_last_run_of_an_entry_counts_also_of_one_run_by_hand(
    tmp_path: Path, state: State, line: str | None, outcome: str, trouble: str
) -> None:
    ended(state, outcome)
    assert standing(tmp_path, entry(schedule=line), state).trouble.startswith(trouble)
    assert bool(standing(tmp_path, entry(schedule=line), state).trouble) == bool(trouble)


def test_an_entry_by_hand_that_never_ran_is_no_trouble(tmp_path: Path, state: State) -> None:
    assert standing(tmp_path, entry(schedule=None), state).trouble == ""


@pytest.mark.parametrize("seen", [False, True])
def test_an_entry_that_never_ran_is_trouble_while_no_scheduler_runs(tmp_path: Path, state: State, seen: bool) -> None:
    if seen:
        state.checked("x", f"{DAILY} UTC", NOW)
    assert standing(tmp_path, entry(), state).trouble.startswith("never ran, and no scheduler is running")
    scheduler = locks.take(tmp_path, "_scheduler")
    assert scheduler is not None and standing(tmp_path, entry(), state).trouble == ""
    locks.release(scheduler)


@pytest.mark.parametrize("more", [{"enabled": False}, {"command": None, "recipe": "jwxt", "where": "datahub"}])
def test_what_is_not_run_here_is_not_watched_here(tmp_path: Path, state: State, more: dict[str, Any]) -> None:
    ended(state, "failed")
    assert standing(tmp_path, entry(**more), state).trouble == ""


def test_a_killed_run_is_interrupted_if_it_is_started_again_and_failed_otherwise(tmp_path: Path, state: State) -> None:
    state.checked("x", f"{DAILY} UTC", NOW - timedelta(hours=2))
    state.claim("x", [NOW - timedelta(hours=1)], "due")
    state.begin("x", NOW - timedelta(hours=1), NOW)
    once = standing(tmp_path, entry(), state)
    assert once.result == "interrupted" and once.trouble.startswith("interrupted, and no scheduler is running")
    state.restart(state.runs("x")[0])
    state.begin("x", NOW - timedelta(hours=1), NOW)
    twice = standing(tmp_path, entry(), state)
    assert twice.result == "failed" and twice.trouble.startswith("failed: the run was killed before it ended; log: ")
    lock = locks.take(tmp_path, "x")
    assert lock is not None and standing(tmp_path, entry(), state).result == "running"
    locks.release(lock)
