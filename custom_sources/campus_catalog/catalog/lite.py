"""DataHub Lite as a store.

DataHub's own class commits every record and rebuilds its browse index over the whole catalog at each close. Here the
writes of a run share one transaction and the index is rebuilt once, only if something changed. The file stays an
ordinary DataHub Lite database: ``datahub lite`` reads it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.lite.sqlite_lite import SqliteLite
from datahub.lite.sqlite_lite_config import SqliteLiteConfig

from campus_catalog.catalog.store import (
    PATIENCE,
    Aspects,
    Store,
    check_row,
    damaged,
    is_there,
    make_folder,
    merged,
    same,
)
from campus_catalog.catalog.target import TargetError
from campus_catalog.errors import first_line

#: NORMAL keeps crash safety under WAL; the time-out comes first, because setting the mode may have to wait already
_OPTIONS = {"busy_timeout": str(PATIENCE * 1000), "journal_mode": "WAL", "synchronous": "NORMAL"}
_CURRENT = "SELECT urn, aspect_name, metadata FROM metadata_aspect_v2 WHERE version = 0"


class _BatchedLite(SqliteLite):
    """SqliteLite whose commits wait for :meth:`keep`."""

    def _commit(self) -> None:
        """Do nothing: the whole run is one transaction."""

    def keep(self) -> None:
        """Commit what was written."""
        self.sqlite_client.commit()

    def forget(self) -> None:
        """Roll back what was written since the last ``keep``."""
        self.sqlite_client.rollback()

    def current(self, urn: str, aspect: str) -> Any:
        """The current aspect as JSON, or None."""
        row = self._execute_one(f"{_CURRENT} AND urn = ? AND aspect_name = ?", [urn, aspect])
        return json.loads(row[2]) if row else None

    def rows(self, urn: str | None = None) -> Iterator[tuple[str, str, Any]]:
        """(urn, aspect name, JSON) of every current aspect, grouped by urn."""
        where, params = (" AND urn = ?", [urn]) if urn else ("", [])
        for row in self.sqlite_client.execute(f"{_CURRENT}{where} ORDER BY urn", params):
            yield row[0], row[1], json.loads(row[2])

    def lock(self) -> None:
        """Take the write lock, unless this connection has it; waits as long as ``busy_timeout`` says."""
        if not self.sqlite_client.in_transaction:
            self.sqlite_client.execute("BEGIN IMMEDIATE")

    @property
    def stale(self) -> bool:
        """Whether the browse index is older than the aspects; kept in the database, so that a kill cannot lose it."""
        return bool(self._execute("PRAGMA user_version")[0][0])

    @stale.setter
    def stale(self, value: bool) -> None:
        self.sqlite_client.execute(f"PRAGMA user_version = {int(value)}")

    def drop(self, urn: str, aspect: str) -> None:
        """Delete an aspect with its history: DataHub's own write needs the versions without gaps."""
        self.sqlite_client.execute("DELETE FROM metadata_aspect_v2 WHERE urn = ? AND aspect_name = ?", [urn, aspect])

    def release(self) -> None:
        """Close the connection without DataHub's rebuild of the index."""
        self._close_connection()


def _has_tables(path: Path) -> bool:
    """Whether the file is a DataHub Lite database with its tables; not, when its making was interrupted.

    Raises:
        TargetError: it is a database of something else, to which opening would add DataHub's tables.
    """
    address = f"{path.resolve().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, timeout=PATIENCE, uri=True)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "metadata_aspect_v2" not in tables:
        message = f"{path} is a SQLite database of something else; choose another file for the catalog"
        raise TargetError(message, retry=False)
    return bool(tables)


class LiteStore(Store):
    """A DataHub Lite database.

    Args:
        path: the SQLite file.
        read_only: open an existing database without taking a write lock.

    Raises:
        TargetError: the file is not there (read-only), is no DataHub Lite database, or is locked.
    """

    def __init__(self, path: Path, read_only: bool = False):
        super().__init__()
        self.path = path
        self._read_only = read_only
        there = is_there(path)
        if read_only and not there:
            raise TargetError(f"there is no catalog at {path} yet; run 'campus-catalog ingest' first", retry=False)
        if not read_only:
            make_folder(path)
        try:
            has_tables = there and _has_tables(path)
            self._empty = read_only and not has_tables
            options = {"busy_timeout": _OPTIONS["busy_timeout"]} if read_only else _OPTIONS
            self._lite = _BatchedLite(SqliteLiteConfig(file=str(path), read_only=read_only, options=options))
            if not read_only:
                self._lite.keep()
            self._reindex = self._is_stale()
        except (sqlite3.Error, OSError) as error:
            raise TargetError(f"{path} cannot be opened as a DataHub Lite database: {error}") from error

    def _is_stale(self) -> bool:
        """Whether the browse index is to be rebuilt; not by those who only read."""
        return not self._read_only and self._lite.stale

    def begin(self) -> None:
        """See Store."""
        try:
            self._lite.lock()
        except sqlite3.Error as error:
            raise _unwritten(self.path, error) from error

    def _rows(self, urn: str | None = None) -> Iterator[tuple[str, str, Any]]:
        """(urn, aspect name, JSON) of every current aspect, or of an entity's, grouped by urn."""
        if self._empty:
            return
        with self._reading():
            for row in self._lite.rows(urn):
                check_row(self.path, *row)
                yield row

    def _current(self, urn: str, aspect: str) -> Any:
        """The current aspect as JSON, or None."""
        with self._reading():
            value = self._lite.current(urn, aspect)
            if value is not None:
                check_row(self.path, urn, aspect, value)
            return value

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Say of the file what is wrong with its pages, its tables, or what should be JSON in them."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
            if _is_busy(error):
                raise _unwritten(self.path, error) from error
            raise damaged(self.path, first_line(error)) from error

    def get(self, urn: str) -> Aspects | None:
        """See Store."""
        return {aspect: value for _, aspect, value in self._rows(urn)} or None

    def entities(self) -> Iterator[tuple[str, Aspects]]:
        """See Store."""
        current = ""
        aspects: Aspects = {}
        for urn, aspect, value in self._rows():
            if urn != current:
                if current:
                    yield current, aspects
                current, aspects = urn, {}
            aspects[aspect] = value
        if current:
            yield current, aspects

    def put(self, proposal: MetadataChangeProposalWrapper, merging: bool = True) -> bool:
        """See Store."""
        assert proposal.entityUrn and proposal.aspectName
        self.begin()
        before = self._current(proposal.entityUrn, proposal.aspectName)
        proposal, value = merged(proposal, before if merging else None)
        if before is not None and same(value, before):
            self.unchanged += 1
            return False
        self._touch()
        self._lite.write(proposal)
        return True

    def delete(self, urn: str, aspect: str) -> None:
        """See Store."""
        self.begin()
        self._touch()
        self._lite.drop(urn, aspect)

    def _touch(self) -> None:
        self.changed += 1
        if not self._reindex:
            self._lite.stale = self._reindex = True

    def index(self) -> None:
        """See Store."""
        if self._reindex:
            self.begin()
            self._lite.reindex()
            self._lite.stale = self._reindex = False

    def commit(self) -> None:
        """See Store."""
        self._lite.keep()

    def rollback(self) -> None:
        """See Store."""
        self._lite.forget()
        self._reindex = self._is_stale()

    def close(self, at_once: bool = False) -> None:
        """See Store. What is derived is the browse index; as long as it is behind, the database says so."""
        try:
            self.rollback()
            if not at_once:
                self.index()
                self.commit()
        finally:
            self._lite.release()


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _unwritten(path: Path, error: Exception) -> TargetError:
    """What to say of a catalog whose lock was not to be had."""
    if _is_busy(error):
        return TargetError(f"{path} is being written by another process; try again later")
    return TargetError(f"{path} cannot be written: {first_line(error)}")
