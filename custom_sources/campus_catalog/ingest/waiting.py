"""What a recipe says, kept aside until its source has been read: a slow source keeps nobody out of the catalog."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator

from datahub.emitter.mcp import MetadataChangeProposalWrapper

#: bytes held in memory; what is more lies in a file of the run's temporary folder that has no name
_IN_MEMORY = 32 * 1024 * 1024


class Waiting:
    """Proposals in the order they came, as they were then."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by ``close``
        self._count = 0

    def add(self, proposal: MetadataChangeProposalWrapper) -> None:
        """Keep a proposal aside.

        Args:
            proposal: an upsert.

        Raises:
            OSError: there is no room for it.
        """
        pickle.dump(proposal, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[MetadataChangeProposalWrapper]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)

    def close(self) -> None:
        """Forget them all."""
        self._file.close()
