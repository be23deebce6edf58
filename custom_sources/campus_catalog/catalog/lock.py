"""A lock on a file that is replaced as a whole. The kernel releases it when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

#: seconds between two tries
_LOOK = 0.1


class FileLock:
    """Keeps other writers of one file out; who only reads it needs no lock.

    The lock is a file of its own beside the other one, because that one is another after each replacement. It is
    removed when it is released, and left by a process that is killed, for the next one to take.

    Args:
        path: the file to lock, there or not; two names of one file have one lock.
    """

    def __init__(self, path: Path):
        real = Path(os.path.realpath(path))
        self._path = real.with_name(f".{real.name}.lock")
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this one holds the lock."""
        return self._file is not None

    def take(self, patience: float) -> bool:
        """Take the lock.

        Args:
            patience: seconds to wait for another holder.

        Returns:
            False when somebody else held it all the time.

        Raises:
            OSError: the folder cannot be written, or its drive knows no locks.
        """
        deadline = monotonic() + patience
        while self._file is None:
            self._file = self._try()
            if self._file is None:
                if monotonic() >= deadline:
                    return False
                sleep(_LOOK)
        return True

    def _try(self) -> int | None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):  # its holder has removed it since it was opened
                if os.path.samestat(os.fstat(file), self._path.stat()):
                    return file
        except BlockingIOError:
            pass
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        return None

    def release(self) -> None:
        """Give the lock up; nothing where it is not held."""
        if self._file is not None:
            with suppress(OSError):  # the folder has gone: so has the file
                self._path.unlink()
            os.close(self._file)
            self._file = None
