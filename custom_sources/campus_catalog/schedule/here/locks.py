"""Locks the kernel releases when their last holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from time import sleep

from campus_catalog.schedule.here.state import unwritable

FOLDER = Path(".catalog", "schedule")


#: seconds between tries to take a lock: somebody may be looking at it just now
_PAUSES = (0.01, 0.05)


def take(home: Path, name: str) -> int | None:
    """Take a lock.

    Processes that inherit the file hold the lock too: a run keeps its entry's lock when the scheduler is killed.

    Args:
        home: content folder.
        name: an entry's id, or a name that begins with ``_``.

    Returns:
        The lock as an open file; None while somebody holds it.

    Raises:
        StateError: the home cannot be written.
    """
    path = _path(home, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    for pause in (*_PAUSES, 0.0):
        if _lock(file, fcntl.LOCK_EX):
            return file
        sleep(pause)
    os.close(file)
    return None


def release(file: int) -> None:
    """Give up this process's hold of a lock.

    Args:
        file: what ``take`` returned.
    """
    os.close(file)


def is_free(home: Path, name: str) -> bool:
    """Whether nobody holds the lock. Several may look at once, and who wants to take it meanwhile gets it.

    Args:
        home: content folder.
        name: as for ``take``.

    Returns:
        True also where the lock was never taken.

    Raises:
        StateError: the home cannot be read.
    """
    try:
        file = os.open(_path(home, name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise unwritable(_path(home, name).parent, error) from error
    try:
        return _lock(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def _path(home: Path, name: str) -> Path:
    return home / FOLDER / "locks" / f"{name}.lock"


def _lock(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
