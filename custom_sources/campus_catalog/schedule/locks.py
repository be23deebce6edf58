"""Locks the kernel releases when their last holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from campus_catalog.schedule.state import unwritable

FOLDER = Path(".catalog", "schedule")


def take(home: Path, name: str) -> int | None:
    """The lock of this name as an open file; None while somebody holds it.

    Processes that inherit the file hold the lock too: a run keeps its entry's lock when the scheduler is killed.

    Raises:
        StateError: the home cannot be written.
    """
    folder = home / FOLDER / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def release(file: int) -> None:
    """Give up this process's hold of a lock."""
    os.close(file)


def is_free(home: Path, name: str) -> bool:
    """Whether nobody holds the lock."""
    file = take(home, name)
    if file is None:
        return False
    release(file)
    return True
