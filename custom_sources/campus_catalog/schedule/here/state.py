"""What ran, runs and was missed: a small SQLite file, one row per due time.

The primary key is what makes a due time run once: claiming it and moving on is one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from campus_catalog.errors import CampusError

#: how a run ends that was told to stop and is started again
INTERRUPTED = "interrupted"
#: states of a due time that are not an end; a row in one of them whose lock is free has gone without a word
UNFINISHED = ("due", "running", INTERRUPTED)
#: a due time whose run is interrupted is started again once
STARTS = 2
#: rows are kept this long
_KEPT = timedelta(days=400)

#: of the tables below, kept as SQLite's user_version; files from before it was kept have 0 and these very tables
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (entry TEXT PRIMARY KEY, schedule TEXT NOT NULL, checked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    entry TEXT NOT NULL, due TEXT NOT NULL, outcome TEXT NOT NULL,
    missed INTEGER NOT NULL DEFAULT 0, starts INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    started TEXT, ended TEXT, reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (entry, due));
"""
#: seconds another process may write to the file
_WAIT = 30
_START_ANEW = "Or move the file away: past runs are forgotten, and due times count from now on."


class StateError(CampusError):
    """The file cannot be used; the message says why and what to do."""


def unwritable(folder: Path, error: OSError) -> StateError:
    """What to say of a folder the schedule needs and cannot write to.

    Args:
        folder: the folder.
        error: what the system said.

    Returns:
        The error to raise.
    """
    why = error.strerror or error
    return StateError(f"{folder} cannot be written: {why}. This account needs to write to .catalog under the home.")


def _advice(error: sqlite3.Error) -> str:
    said = str(error)
    if "not a database" in said or "malformed" in said:
        return f"Put back a copy. {_START_ANEW}"
    if "locked" in said:
        return f"Another process has been writing to it for {_WAIT} s: wait for it to end, and try again."
    return "Is the disk full, or may this account not write there?"


@dataclass(frozen=True)
class Row:
    """One due time of one entry.

    Attributes:
        outcome: succeeded, partial or failed; skipped: the run before still went on; or one of UNFINISHED.
        missed: earlier due times nobody was there for, which this run stands for.
        starts: how often it was started; more than once after an interruption.
        attempts: how often the command was run; more than once when something could not be reached.
    """

    entry: str
    due: datetime
    outcome: str
    missed: int
    starts: int
    attempts: int
    started: datetime | None
    ended: datetime | None
    reason: str

    @property
    def duration(self) -> float | None:
        """Seconds it took."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None


def _text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class State:
    """The file. Every method opens it anew: scheduler, runs and ``status`` are processes of their own.

    Args:
        path: the file; made where it is missing.

    Raises:
        StateError: the file is of a newer version, no SQLite file, or cannot be written.
    """

    def __init__(self, path: Path):
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path.parent, error) from error
        try:
            with closing(sqlite3.connect(path, timeout=_WAIT)) as connection:
                self._prepare(connection)
        except sqlite3.Error as error:
            raise StateError(f"{path} cannot be used: {error}. {_advice(error)}") from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise StateError(
                f"{self._path} was written by a newer campus-catalog (version {version}; this one reads {_VERSION}). "
                f"Upgrade campus-catalog. {_START_ANEW}"
            )
        connection.executescript(_TABLES)
        if version < _VERSION:
            connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            opened = sqlite3.connect(self._path, timeout=_WAIT, isolation_level="IMMEDIATE")
            with closing(opened) as connection, connection:
                yield connection
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: {error}. {_advice(error)}") from error

    def checked(self, entry: str, schedule: str, now: datetime) -> datetime:
        """Up to when the entry's due times are accounted for.

        Args:
            entry: the entry's id.
            schedule: its cron line and time zone; a new or changed one counts from now on.
            now: with a time zone.

        Returns:
            The moment.
        """
        with self._open() as db:
            found = db.execute("SELECT schedule, checked FROM entries WHERE entry = ?", (entry,)).fetchone()
            if found is not None and found[0] == schedule:
                return datetime.fromisoformat(found[1])
            db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (entry, schedule, _text(now)))
            return now

    def forget_all_but(self, entries: list[str]) -> None:
        """Forget up to when the due times of other entries are accounted for: one that comes back is a new one.

        Args:
            entries: ids of those to remember.
        """
        with self._open() as db:
            db.execute(f"DELETE FROM entries WHERE entry NOT IN ({', '.join('?' * len(entries))})", entries)

    def set_back(self, entry: str, now: datetime) -> None:
        """Forget what a clock that was ahead accounted for, as if ``now`` were the last time looked at.

        Args:
            entry: the entry's id.
            now: with a time zone; runs due later are forgotten.
        """
        with self._open() as db:
            db.execute("UPDATE entries SET checked = ? WHERE entry = ?", (_text(now), entry))
            db.execute("DELETE FROM runs WHERE entry = ? AND due > ?", (entry, _text(now)))

    def claim(self, entry: str, dues: list[datetime], outcome: str) -> bool:
        """Account for due times, the last one by a row.

        Args:
            entry: the entry's id.
            dues: at least one, oldest first.
            outcome: ``due``, or ``skipped``: the run before still goes on.

        Returns:
            False when they are accounted for already.
        """
        with self._open() as db:
            last = _text(dues[-1])
            done = db.execute("UPDATE entries SET checked = ? WHERE entry = ? AND checked < ?", (last, entry, last))
            if done.rowcount != 1:
                return False
            reason = "the run before was still going on" if outcome == "skipped" else ""
            # a clock that was ahead and has been set back may bring a due time again
            db.execute(
                "INSERT OR REPLACE INTO runs (entry, due, outcome, missed, starts, reason) VALUES (?, ?, ?, ?, ?, ?)",
                (entry, last, outcome, len(dues) - 1, int(outcome == "due"), reason),
            )
            return True

    def add_manual(self, entry: str, due: datetime) -> None:
        """Note a run somebody asked for now; it is never started again by itself.

        Args:
            entry: the entry's id.
            due: now.
        """
        with self._open() as db:
            insert = "INSERT INTO runs (entry, due, outcome, starts) VALUES (?, ?, 'due', ?)"
            db.execute(insert, (entry, _text(due), STARTS))

    def restart(self, row: Row) -> None:
        """Note that an interrupted run is started again.

        Args:
            row: the run.
        """
        with self._open() as db:
            db.execute(
                "UPDATE runs SET outcome = 'due', starts = starts + 1 WHERE entry = ? AND due = ?",
                (row.entry, _text(row.due)),
            )

    def begin(self, entry: str, due: datetime, now: datetime) -> int:
        """Note that the run begins.

        Args:
            entry: the entry's id.
            due: its due time.
            now: with a time zone.

        Returns:
            How often it was started, or 0 when it has ended already.
        """
        with self._open() as db:
            done = db.execute(
                "UPDATE runs SET outcome = 'running', started = ? WHERE entry = ? AND due = ? AND outcome = 'due'",
                (_text(now), entry, _text(due)),
            )
            if done.rowcount != 1:
                return 0
            where = (entry, _text(due))
            return int(db.execute("SELECT starts FROM runs WHERE entry = ? AND due = ?", where).fetchone()[0])

    def finish(
        self, entry: str, due: datetime, outcome: str, now: datetime, reason: str = "", attempts: int = 0
    ) -> None:
        """Note how the run ended, and forget what is long past.

        Args:
            entry: the entry's id.
            due: its due time.
            outcome: succeeded, partial, failed or interrupted.
            now: with a time zone.
            reason: why it did not succeed.
            attempts: how often the command was run.
        """
        with self._open() as db:
            db.execute(
                "UPDATE runs SET outcome = ?, ended = ?, reason = ?, attempts = ? WHERE entry = ? AND due = ?",
                (outcome, _text(now), reason, attempts, entry, _text(due)),
            )
            db.execute("DELETE FROM runs WHERE due < ?", (_text(now - _KEPT),))

    def unfinished(self, entry: str) -> list[Row]:
        """The due times that have not come to an end.

        Args:
            entry: the entry's id.

        Returns:
            Their rows, oldest first.
        """
        marks = ", ".join("?" * len(UNFINISHED))
        return self._rows(f"entry = ? AND outcome IN ({marks}) ORDER BY due", entry, *UNFINISHED)

    def unfinished_entries(self) -> list[str]:
        """The entries with such due times.

        Returns:
            Their ids; also of entries no longer on the schedule.
        """
        marks = ", ".join("?" * len(UNFINISHED))
        with self._open() as db:
            found = db.execute(f"SELECT DISTINCT entry FROM runs WHERE outcome IN ({marks})", UNFINISHED).fetchall()
        return [entry for (entry,) in found]

    def runs(self, entry: str, limit: int = -1) -> list[Row]:
        """The entry's due times.

        Args:
            entry: the entry's id.
            limit: at most so many; -1 for all.

        Returns:
            Their rows, newest first.
        """
        return self._rows("entry = ? ORDER BY due DESC LIMIT ?", entry, limit)

    def last(self, entry: str, *outcomes: str) -> Row | None:
        """The newest due time with one of some outcomes.

        Args:
            entry: the entry's id.
            outcomes: at least one, as in ``Row.outcome``.

        Returns:
            Its row, or None.
        """
        marks = ", ".join("?" * len(outcomes))
        found = self._rows(f"entry = ? AND outcome IN ({marks}) ORDER BY due DESC LIMIT 1", entry, *outcomes)
        return found[0] if found else None

    def known(self, entry: str, schedule: str) -> datetime | None:
        """``checked`` without writing.

        Args:
            entry: the entry's id.
            schedule: its cron line and time zone.

        Returns:
            The moment; None when the scheduler has not seen the entry with this cron line.
        """
        with self._open() as db:
            found = db.execute(
                "SELECT checked FROM entries WHERE entry = ? AND schedule = ?", (entry, schedule)
            ).fetchone()
        return _moment(found[0]) if found else None

    def _rows(self, where: str, *values: Any) -> list[Row]:
        columns = "entry, due, outcome, missed, starts, attempts, started, ended, reason"
        with self._open() as db:
            rows = db.execute(f"SELECT {columns} FROM runs WHERE {where}", values).fetchall()
        return [
            Row(name, datetime.fromisoformat(due), outcome, missed, starts, attempts, _moment(began), _moment(end), why)
            for name, due, outcome, missed, starts, attempts, began, end, why in rows
        ]
