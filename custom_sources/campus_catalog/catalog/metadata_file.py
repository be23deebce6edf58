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

from campus_catalog.catalog.store import Aspects, Store, merged, same
from campus_catalog.catalog.target import TargetError
from campus_catalog.content.write import DRAFT, write_whole

#: a draft this many seconds old is nobody's any more
_ABANDONED = 3600


class FileStore(Store):
    """A metadata file. It is replaced as a whole at commit, so it is never half-written.

    Args:
        path: the file; at the first commit it is made where there is none.
        read_only: do not make the folder, and refuse a file that is not there.

    Raises:
        TargetError: the file is not there (read-only) or is no list of proposals.
    """

    def __init__(self, path: Path, read_only: bool = False):
        super().__init__()
        self.path = path
        if read_only and not path.exists():
            raise TargetError(f"there is no catalog at {path} yet; run 'campus-catalog ingest' first", retry=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TargetError(f"{path} cannot be written: {error.strerror}") from error
        self._kept = self._read()
        self._records = dict(self._kept)
        self._dirty = False

    def _read(self) -> dict[tuple[str, str], dict[str, Any]]:
        if not self.path.exists():
            return {}
        try:
            records = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(records, list):
                raise TypeError("it is no list")
            return {(record["entityUrn"], record["aspectName"]): record for record in records}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TargetError(f"{self.path} is not a DataHub metadata file of proposals: {error}") from error

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
        self._records.pop((urn, aspect), None)
        self.changed += 1
        self._dirty = True

    def commit(self) -> None:
        """See Store."""
        if not self._dirty and self.path.exists():
            return
        text = ",\n".join(json.dumps(record, ensure_ascii=False, indent=1) for record in self._records.values())
        write_whole(self.path, f"[\n{text}\n]\n")
        self._clear_drafts()
        self._kept, self._dirty = dict(self._records), False

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

    def close(self) -> None:
        """Nothing to release."""
