"""The servers a test talks to, as its fixtures hand them out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LiveServer:
    """A real DataHub server, named by DATAHUB_GMS_URL (and DATAHUB_GMS_TOKEN where it wants one)."""

    url: str
    token: str | None = None


@contextmanager
def data_directory() -> Iterator[Path]:
    """A short-lived folder for a server's data.

    Not one of pytest's: those are closed to other accounts, and as root PostgreSQL runs under another account.
    """
    folder = Path(tempfile.mkdtemp(prefix="campus-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
