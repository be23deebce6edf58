"""A metadata file as a store: a JSON list of proposals, as DataHub's file sink writes and its file source reads."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper

from campus_catalog.catalog.lock import FileLock
from campus_catalog.catalog.store import PATIENCE, Aspects, Store, check_row, is_there, make_folder, merged, same
from campus_catalog.catalog.target import TargetError
from campus_catalog.content.write import DRAFT, write_whole

#: a draft this many seconds old is nobody's any more
_ABANDONED = 3600


class FileStore(Store):
    """A metadata file. It is replaced as a whole at commit, so it is never half-written.

    From ``begin``, or the first thing put, to the end of the transaction other writers are kept out; what they wrote
    before is read again.

    Args:
        path: the file; at the first commit it is made where there is none.
        read_only: do not make the folder, and refuse a file that is not there.

    Raises:
        TargetError: the file is not there (read-only) or is no list of proposals.
    """

    def __init__(self, path: Path, read_only: bool = False):
        super().__init__()
        self.path = path
        if not is_there(path):
            if read_only:
                raise TargetError(f"there is no catalog at {path} yet; run 'campus-catalog ingest' first", retry=False)
            make_folder(path)
        self._lock = FileLock(path)
        self._dirty = False
        self._seen: tuple[int, int, int] | None = None
        self._kept: dict[tuple[str, str], dict[str, Any]] = {}
        self._read()

    def _read(self) -> None:
        """Take in the file, if it is another one than was read before."""
        try:
            seen = _looks(self.path)
            if seen is None or seen != self._seen:
                self._kept = self._parsed() if seen else {}
        except OSError as error:
            raise TargetError(f"{self.path} cannot be read: {error.strerror or error}") from error
        self._seen, self._records = seen, dict(self._kept)

    def _parsed(self) -> dict[tuple[str, str], dict[str, Any]]:
        try:
            records = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(records, list):
                raise TypeError("it is no list")
            found = {(record["entityUrn"], record["aspectName"]): record for record in records}
            for (urn, aspect), record in found.items():
                check_row(self.path, urn, aspect, record["aspect"]["json"])
            return found
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"{self.path} is not a DataHub metadata file of proposals: {error}"
            raise TargetError(message, retry=False) from error

    def begin(self) -> None:
        """See Store."""
        if self._lock.held:
            return
        try:
            if not self._lock.take(PATIENCE):
                raise TargetError(f"{self.path} is being written by another process; try again later")
        except OSError as error:
            raise TargetError(f"{self.path} cannot be written: {error.strerror or error}") from error
        self._read()

    def get(self, urn: str) -> Aspects | None:
        """See Store."""
        return dict(self.entities()).get(urn)

    def entities(self) -> Iterator[tuple[str, Aspects]]:
        """See Store."""
        grouped: dict[str, Aspects] = {}
        for (urn, aspect), record in self._records.items():
            grouped.setdefault(urn, {})[aspect] = record["aspect"]["json"]
        yield from grouped.items()

    def put(self, proposal: MetadataChangeProposalWrapper, merging: bool = True) -> bool:
        """See Store."""
        assert proposal.entityUrn and proposal.aspectName
        self.begin()
        key = (proposal.entityUrn, proposal.aspectName)
        before = self._records.get(key)
        proposal, value = merged(proposal, before["aspect"]["json"] if before and merging else None)
        if before is not None and same(value, before["aspect"]["json"]):
            self.unchanged += 1
            return False
        record = proposal.to_obj(simplified_structure=True)
        record.pop("systemMetadata", None)  # the run's clock and id: the file says what is true, not when it was seen
        self._records[key] = record
        self.changed += 1
        self._dirty = True
        return True

    def delete(self, urn: str, aspect: str) -> None:
        """See Store."""
        self.begin()
        self._records.pop((urn, aspect), None)
        self.changed += 1
        self._dirty = True

    def commit(self) -> None:
        """See Store."""
        if self._dirty or (self._lock.held and not self.path.exists()):
            text = ",\n".join(json.dumps(record, ensure_ascii=False, indent=1) for record in self._records.values())
            write_whole(self.path, f"[\n{text}\n]\n")
            self._clear_drafts()
            self._kept, self._dirty, self._seen = dict(self._records), False, _looks(self.path)
        self._lock.release()

    def _clear_drafts(self) -> None:
        """Remove drafts of runs that were killed while they wrote; none takes an hour."""
        path = Path(os.path.realpath(self.path))
        for draft in path.parent.glob(f"{escape(path.name)}.*{DRAFT}"):
            with suppress(OSError):  # another run may be at it
                if draft.stat().st_mtime < time.time() - _ABANDONED:
                    draft.unlink()

    def rollback(self) -> None:
        """See Store."""
        self._records, self._dirty = dict(self._kept), False
        self._lock.release()

    def close(self, at_once: bool = False) -> None:
        """See Store."""
        self.rollback()


def _looks(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
