"""An apply that is killed, cannot write, or runs beside another leaves a sound catalog, and the next one finishes."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.catalog import lite
from tests.support.content import replace
from tests.support.planning import bring, catalog, in_child, kill_often, make, new_school

TARGETS = {"lite": "lite:c.db", "file": "file:c.json"}
MOMENTS = 20


@pytest.fixture(params=TARGETS.values(), ids=list(TARGETS))
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


def clear(home: Path) -> None:
    for path in home.glob("c.*"):
        path.unlink()


def state(home: Path, target: str) -> list[str]:
    """Every entity and aspect as text; for Lite also its browse index, which `datahub lite` reads."""
    found = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in sorted(catalog(home, target).items())]
    if target.startswith("lite"):
        with sqlite3.connect(home / "c.db") as connection:
            edges = connection.execute("SELECT src_id, relnship, dst_id, dst_label FROM metadata_edge_v2")
            found += sorted(map(str, edges))
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return found


def test_killed_at_any_moment_the_next_apply_ends_with_the_same_catalog(school: Path, target: str) -> None:
    bring(school, target)  # also imports everything, so that the moments fall into the work
    undisturbed = state(school, target)
    clear(school)
    started = time.monotonic()
    assert in_child(lambda: bring(school, target) and 0) == 0
    duration = time.monotonic() - started

    def killed(seconds: float) -> bool:
        clear(school)
        status = in_child(lambda: bring(school, target) and 0, kill_after=seconds)
        bring(school, target)
        assert state(school, target) == undisturbed
        assert make(school, target).changes == []
        return status == -signal.SIGKILL

    kill_often(killed, duration, MOMENTS, seed=3)


def killed_in(place: str, work: Callable[[], Any]) -> None:
    """Run ``work`` in a process that dies when it comes to a step of a Lite store."""

    def dying() -> int:
        owner = lite._BatchedLite
        setattr(owner, place, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        work()
        return 0

    assert in_child(dying) == -signal.SIGKILL


@pytest.mark.parametrize("place", ["write", "keep", "reindex", "release"])
def test_killed_in_each_step_of_a_lite_apply(place: str, school: Path) -> None:
    bring(school, "lite:c.db")
    undisturbed = state(school, "lite:c.db")
    clear(school)
    killed_in(place, lambda: bring(school, "lite:c.db"))
    bring(school, "lite:c.db")
    assert state(school, "lite:c.db") == undisturbed


def test_a_database_whose_making_was_killed_is_an_empty_catalog(school: Path) -> None:
    bring(school, "lite:c.db")
    undisturbed = state(school, "lite:c.db")
    for statement in ("", "PRAGMA journal_mode=WAL"):  # a file without a byte, a file without a table
        clear(school)
        (school / "c.db").touch()
        sqlite3.connect(school / "c.db").execute(statement).connection.close()
        bring(school, "lite:c.db")
        assert state(school, "lite:c.db") == undisturbed


# -- nowhere to write ---------------------------------------------------------------------------------------------


def start(home: Path, target: str, *before: str, **options: Any) -> subprocess.Popen[str]:
    """Start ``campus-catalog apply`` as a user does."""
    program = str(Path(sys.executable).with_name("campus-catalog"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPUS_", "DATAHUB_GMS"))}
    return subprocess.Popen(
        [*before, program, "--home", str(home), "--target", target, "apply"],
        env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def ends(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


def changed(home: Path, target: str) -> list[str]:
    """Apply the school, change all its definitions; returns the catalog's state before they are applied."""
    bring(home, target)
    terms = home / "glossary" / "terms" / "all.yml"
    terms.write_text(terms.read_text(encoding="utf-8").replace("description: ", "description: " + "新的" * 99), "utf-8")
    return state(home, target)


def test_a_full_disk_is_said_and_leaves_the_catalog_as_it_was(school: Path, target: str) -> None:
    before = changed(school, target)
    size = sum(path.stat().st_size for path in school.glob("c.*")) // 2

    def limit() -> None:
        # no file may grow beyond this: what a full disk is to a program that runs as root, too
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    code, _, err = ends(start(school, target, preexec_fn=limit))
    assert code == 3, err
    assert f"{target.partition(':')[0]}:{school}/c." in err and "is as it was before" in err
    assert "Internal error" not in err and "Traceback" not in err
    assert state(school, target) == before
    bring(school, target)
    assert make(school, target).changes == []


def test_a_target_that_may_not_be_written_is_said_and_stays(school: Path, target: str) -> None:
    before = changed(school, target)
    # root may write anywhere unless it gives up that right
    unable = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    if unable and not shutil.which("setpriv"):
        pytest.fail("util-linux's setpriv is needed to run this as root")
    for path in school.glob("c.*"):
        path.chmod(0o444)
    school.chmod(0o555)
    try:
        code, out, err = ends(start(school, target, *unable))
    finally:
        school.chmod(0o755)
        for path in school.glob("c.*"):
            path.chmod(0o644)
    assert code == 3, out + err
    assert f"{school}/c." in err
    assert "Internal error" not in err and "Traceback" not in err
    assert state(school, target) == before


def test_a_folder_that_cannot_be_made_is_said(school: Path) -> None:
    (school / "taken").write_text("", encoding="utf-8")
    for target in ("lite:taken/c.db", "file:taken/c.json"):
        code, _, err = ends(start(school, target))
        assert code == 3 and "taken" in err and "Internal error" not in err, err


# -- two at a time ------------------------------------------------------------------------------------------------


def test_two_applies_at_once_wait_or_say_so(school: Path, target: str) -> None:
    bring(school, target)
    undisturbed = state(school, target)
    for _ in range(3):
        clear(school)
        both = [start(school, target) for _ in range(2)]
        results = [ends(process) for process in both]
        assert 0 in [code for code, _, _ in results]
        for code, _, err in results:
            assert code == 0 or (code == 1 and "the catalog changed since the plan was made" in err), err
        bring(school, target)
        assert state(school, target) == undisturbed


def test_an_apply_waits_for_a_writer(school: Path) -> None:
    bring(school, "lite:c.db")
    replace(school / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的经历。")
    writer = sqlite3.connect(school / "c.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    process = start(school, "lite:c.db")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    writer.execute("COMMIT")
    writer.close()
    code, out, err = ends(process)
    assert code == 0 and "1 written" in out, err


def test_opening_waits_while_another_process_closes(school: Path) -> None:
    """The last one to close keeps everybody out while it writes its log back, longer than SQLite waits by itself."""
    bring(school, "lite:c.db")
    replace(school / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的经历。")
    other = sqlite3.connect(school / "c.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    process = start(school, "lite:c.db")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=12)  # five seconds are SQLite's own patience, the rest is for starting
    other.execute("COMMIT")
    other.close()
    code, out, err = ends(process)
    assert code == 0 and "1 written" in out, err


def test_many_writers_of_a_file_never_leave_half_of_it(school: Path) -> None:
    bring(school, "file:c.json")
    undisturbed = state(school, "file:c.json")
    for _ in range(5):
        clear(school)
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                try:
                    bring(school, "file:c.json")
                finally:
                    os._exit(0)
            children.append(child)
        while children:
            done, _ = os.waitpid(-1, os.WNOHANG)
            if done:
                children.remove(done)
            if (school / "c.json").exists():
                json.loads((school / "c.json").read_text(encoding="utf-8"))  # at every moment a whole file
        bring(school, "file:c.json")
        assert state(school, "file:c.json") == undisturbed
