"""Temporary folders that go with the process that made them, however it ends."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "campus-catalog-"
#: beside the folder handed out; the kernel releases it when the process dies, and so tells the dead from the living
_LOCK, _FILES = ".campus-catalog.lock", "files"
#: what ends a process that does nothing about it; SIGINT is an exception in Python
_ENDS = (signal.SIGTERM, signal.SIGHUP)

#: the folders this process has handed out, and their locks as open files
_mine: dict[Path, int] = {}


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that nobody else can read, removed when left.

    Yields:
        The folder; it exists and is empty.

    Raises:
        OSError: none can be made.
    """
    folder = new_folder()
    try:
        yield folder
    finally:
        _remove(folder)


def new_folder() -> Path:
    """A folder that nobody else can read, removed when the process ends.

    A process that is killed at once leaves its folders; the next one to ask for a folder removes them.

    Returns:
        The folder. It lies in the system's temporary folder as it was at the first call: whoever leads others into a
        folder of ours by changing that is not led there, too.

    Raises:
        OSError: none can be made.
    """
    place = _place()
    _remove_dead(place)
    while True:
        outer = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        lock = _hold(outer)
        if lock is not None:
            folder = outer / _FILES
            _mine[folder] = lock
            folder.mkdir()
            return folder


@functools.cache
def _place() -> Path:
    """The system's temporary folder; from now on what is made there is removed at the end."""
    place = Path(tempfile.gettempdir())
    atexit.register(_remove_all)
    os.register_at_fork(after_in_child=_mine.clear)  # they are the parent's to remove
    if threading.current_thread() is threading.main_thread():
        for sign in _ENDS:
            if signal.getsignal(sign) == signal.SIG_DFL:
                signal.signal(sign, _end)
    return place


def _hold(outer: Path) -> int | None:
    """The lock of a new folder; None if another process took it for a dead one's and removed it."""
    try:
        lock = os.open(outer / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    fcntl.flock(lock, fcntl.LOCK_EX)
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(lock), (outer / _LOCK).stat()):
            return lock
    os.close(lock)
    return None


def _remove_dead(place: Path) -> None:
    """Remove the folders of this user whose process is no more."""
    for path in place.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):  # it went just now, is held, or is another user's
            if path.parent.lstat().st_uid != os.getuid() or path.parent.is_symlink():
                continue
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove_files(path.parent / _FILES)
            finally:
                os.close(lock)


def _remove(folder: Path) -> None:
    _remove_files(folder)
    with contextlib.suppress(KeyError):
        os.close(_mine.pop(folder))


def _remove_files(folder: Path) -> None:
    """The lock goes last: a removal that is killed is finished by another process."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folder.parent, ignore_errors=True)


def _remove_all() -> None:
    for folder in list(_mine):
        _remove(folder)


def _end(sign: int, _frame: object) -> None:
    """Remove the folders, then end as if the signal had not been heeded."""
    _remove_all()
    signal.signal(sign, signal.SIG_DFL)
    os.kill(os.getpid(), sign)
    os._exit(128 + sign)  # the first process of a container is not ended by a signal it does not heed
