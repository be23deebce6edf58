"""The file of runs keeps across versions of the package, or is refused in words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from campus_catalog.schedule.here.state import State, StateError
from campus_catalog.schedule.loader import SCHEDULE
from tests.support.content import campus, write

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


def version(path: Path, new: int | None = None) -> int:
    with closing(sqlite3.connect(path)) as connection:
        if new is not None:
            connection.execute(f"PRAGMA user_version = {new}")
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_file_from_before_it_had_a_version_keeps_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State(path).add_manual("night", NOW)
    assert version(path) == 1
    version(path, 0)
    assert [row.due for row in State(path).runs("night")] == [NOW]
    assert version(path) == 1


def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State(path).add_manual("night", NOW)
    version(path, 2)
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer campus-catalog .version 2; this one reads 1."):
        State(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opened", [False, True])
def test_a_file_somebody_else_writes_to_is_not_to_be_moved_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: bool
) -> None:
    path = tmp_path / "state.db"
    store = State(path)
    monkeypatch.setattr("campus_catalog.schedule.here.state._WAIT", 0.1)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateError, match="locked.*try again") as caught:
            store.runs("night") if opened else State(path)
    assert "move the file away" not in str(caught.value)


def test_a_due_time_that_comes_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """The clock was ahead by less than a day, was set back, and the cron line was changed."""
    store, ahead = State(tmp_path / "state.db"), NOW + timedelta(hours=5)
    store.checked("night", "old", NOW)
    assert store.claim("night", [ahead], "due")
    store.finish("night", ahead, "failed", ahead, "connection refused")
    store.checked("night", "new", NOW)
    assert store.claim("night", [ahead], "due")
    (row,) = store.runs("night")
    assert (row.due, row.outcome, row.reason) == (ahead, "due", "")


@pytest.mark.parametrize("command", ["list", "status", "run"])
def test_every_command_says_it_without_a_traceback(home: Path, command: str) -> None:
    write(home / SCHEDULE, 'entries:\n  - {id: night, command: validate, schedule: "0 1 * * *"}\n')
    path = write(home / ".catalog" / "schedule" / "state.db", "no database, but long enough to be taken for one\n" * 9)
    done = campus("schedule", command, home=home)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: {path} cannot be used: file is not a database.")
