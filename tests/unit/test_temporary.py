"""Temporary folders go with the process that made them, however it ends, and nobody else's are touched."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campus_catalog import temporary
from campus_catalog.temporary import new_folder, temporary_folder
from tests.support.planning import in_child
from tests.support.scheduling import mortal

#: makes a folder with a file in it, says so, and waits to be ended
WAITING = """
import time
from campus_catalog.temporary import new_folder
(new_folder() / "file").write_text("x")
print("made", flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The system's temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temporary._place.cache_clear()
    yield tmp_path
    temporary._place.cache_clear()


@contextmanager
def waiting(place: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with a folder."""
    environment = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen([sys.executable, "-c", WAITING], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=mortal) as process:  # fmt: skip
        try:
            assert process.stdout and process.stdout.readline() == "made\n"
            yield process
        finally:
            process.kill()


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.name == "file"]


def test_a_folder_is_its_owners_alone_and_goes_when_left(place: Path) -> None:
    with temporary_folder() as first, temporary_folder() as second:
        assert first != second
        (first / "file").write_text("x")
        (made,) = (path for path in place.iterdir() if first.is_relative_to(path))
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert list(place.iterdir()) == []


def test_a_folder_goes_also_after_an_error(place: Path) -> None:
    with pytest.raises(RuntimeError), temporary_folder() as folder:
        (folder / "file").write_text("x")
        raise RuntimeError
    assert list(place.iterdir()) == []


def test_a_folder_for_the_life_of_the_process_goes_at_its_end(tmp_path: Path) -> None:
    code = "from campus_catalog.temporary import new_folder; (new_folder() / 'file').write_text('x')"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_told_to_end_a_process_removes_its_folder_and_ends_by_the_signal(tmp_path: Path, sign: signal.Signals) -> None:
    with waiting(tmp_path) as process:
        process.send_signal(sign)
        assert process.wait(30) == -sign
    assert list(tmp_path.iterdir()) == []


def test_a_signal_the_process_heeds_or_ignores_stays_heeded_or_ignored(tmp_path: Path) -> None:
    code = (
        "import os, signal; from campus_catalog.temporary import new_folder\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('heeded')); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "folder = new_folder()\n"
        "[os.kill(os.getpid(), sign) for sign in (signal.SIGTERM, signal.SIGHUP)]; print(folder.is_dir())"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)},
                          capture_output=True, text=True)  # fmt: skip
    assert done.stdout.split() == ["heeded", "True"], done.stderr


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(place: Path) -> None:
    with waiting(place) as process:
        process.kill()
        process.wait()
    assert len(files(place)) == 1
    with temporary_folder():
        assert files(place) == []


def test_the_folder_of_a_living_process_stays(place: Path) -> None:
    with waiting(place):
        with temporary_folder():
            pass
        assert len(files(place)) == 1


def test_what_is_called_like_a_folder_of_ours_and_is_none_stays(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An unpacked archive of this project, say, or a link that leads to somebody's folder."""
    unpacked = place / "campus-catalog-0.1.0"
    unpacked.mkdir()
    (unpacked / "file").write_text("x")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in (temporary._LOCK, "file"):
        (elsewhere / name).write_text("x")
    (place / "campus-catalog-link").symlink_to(elsewhere)
    with temporary_folder():
        pass
    assert (unpacked / "file").exists() and (elsewhere / "file").exists() and (elsewhere / temporary._LOCK).exists()


def test_a_removal_that_was_killed_is_finished(place: Path) -> None:
    with waiting(place) as process:
        process.kill()
        process.wait()
    (left,) = place.iterdir()
    next(left.rglob("file")).unlink()
    with temporary_folder():
        assert not left.exists()


def test_a_forked_process_leaves_its_parents_folder(place: Path) -> None:
    with temporary_folder() as folder:
        assert in_child(temporary._remove_all) == 0
        assert folder.is_dir()


def test_a_folder_taken_for_a_dead_one_is_made_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process looks between the making of the folder and of its lock."""
    real, tries = tempfile.mkdtemp, []

    def mkdtemp(**options: object) -> str:
        tries.append(real(**options))  # type: ignore[call-overload]
        if len(tries) == 1:
            Path(tries[0]).rmdir()
        return str(tries[-1])

    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    with temporary_folder() as folder:
        assert folder.is_dir() and len(tries) == 2
    assert list(place.iterdir()) == []


def test_new_folders_lie_beside_one_that_others_are_led_into(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_folder() as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        inner = new_folder()
        assert not inner.is_relative_to(folder)
    assert inner.is_dir()
    temporary._remove(inner)
