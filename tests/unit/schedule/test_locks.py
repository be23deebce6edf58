"""Looking whether a lock is free gets in nobody's way."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campus_catalog.schedule.here import locks


@contextmanager
def looking(home: Path) -> Iterator[int]:
    """Somebody who looks just now."""
    file = os.open(home / locks.FOLDER / "locks" / "x.lock", os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    yield file
    os.close(file)


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    assert locks.is_free(tmp_path, "x")
    file = locks.take(tmp_path, "x")
    assert file is not None and locks.take(tmp_path, "x") is None and not locks.is_free(tmp_path, "x")
    locks.release(file)
    assert locks.is_free(tmp_path, "x")


def test_looking_writes_nothing(tmp_path: Path) -> None:
    assert locks.is_free(tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_two_may_look_at_once(tmp_path: Path) -> None:
    locks.release(locks.take(tmp_path, "x") or 0)
    with looking(tmp_path):
        assert locks.is_free(tmp_path, "x")


def test_who_takes_a_lock_waits_for_who_only_looks(tmp_path: Path) -> None:
    locks.release(locks.take(tmp_path, "x") or 0)
    with looking(tmp_path) as file:
        threading.Timer(0.02, fcntl.flock, (file, fcntl.LOCK_UN)).start()
        taken = locks.take(tmp_path, "x")
        assert taken is not None
        locks.release(taken)
