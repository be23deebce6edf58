"""No command leaves anything in the temporary folder, however it ends."""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campus_catalog.schedule.loader import SCHEDULE
from tests.support.content import write
from tests.support.fetching import git, new_repository
from tests.support.live import School, make_database
from tests.support.scheduling import AS_IT_IS, environment, mortal

SYSTEM = {
    "id": "jwxt", "name": "教务管理系统", "platform": "sqlite", "schema": "main", "connected": True,
    "subset": "教育资源管理子集", "unit": "教务处", "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
}  # fmt: skip
TABLES = "CREATE TABLE course (id integer PRIMARY KEY); CREATE VIEW taught AS SELECT id FROM course;"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The temporary folder of the commands."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A school whose recipe ``jwxt`` reads a live database; there DataHub parses the SQL of a view."""
    school = School(tmp_path / "home")
    school.declare(SYSTEM)
    school.connect("jwxt", make_database("sqlite", "jwxt", TABLES, tmp_path, str).source)
    return school


@contextmanager
def ingesting(school: School, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real command, in the midst of a recipe that waits for a server."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(60)
        school.recipe(
            "waiting", {"type": "file", "config": {"path": f"http://127.0.0.1:{deaf.getsockname()[1]}/x.json"}}
        )
        words = ["--home", str(school.home), "--target", "file:out.json", "ingest", "jwxt", "waiting"]
        process = subprocess.Popen(
            [sys.executable, "-c", AS_IT_IS, *words], env=environment(TMPDIR=str(place)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=mortal,
        )  # fmt: skip
        try:
            with deaf.accept()[0]:
                assert list(place.rglob("sqlite.db"))
                yield process
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    "words",
    ["validate", "ingest", "plan", "apply --yes", "doctor", "search 教务", "show 教务处", "schedule once jwxt",
     "schedule list", "schedule export --systemd units", "migrate"],
)  # fmt: skip
def test_a_command_that_ends_well_leaves_nothing(school: School, place: Path, words: str) -> None:
    write(school.home / SCHEDULE, "entries: [{id: jwxt, recipe: jwxt}]")
    assert school.campus("ingest").code == 0
    done = school.campus(*words.split(), TMPDIR=str(place))
    assert done.code == 0, done.output
    assert list(place.iterdir()) == []


def test_a_run_that_fails_leaves_nothing(school: School, place: Path) -> None:
    (school.home / "broken.json").write_text("no JSON")
    school.recipe("broken", {"type": "file", "config": {"path": "broken.json"}})
    done = school.campus("ingest", "jwxt", "broken", TMPDIR=str(place))
    assert done.code == 1 and "broken" in done.output
    assert list(place.iterdir()) == []


def test_content_of_a_revision_leaves_nothing(school: School, place: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "content"]):
        git(school.home, *words)
    done = school.campus("access", "diff", TMPDIR=str(place))
    assert done.code == 0, done.output
    assert list(place.iterdir()) == []


def test_fetched_content_leaves_nothing(school: School, place: Path, tmp_path: Path) -> None:
    repository = new_repository(school.home, tmp_path)
    school.recipe("fetched", {"type": "campus-register", "config": {"home": f"git+file://{repository}"}})
    done = school.campus("ingest", "fetched", TMPDIR=str(place))
    assert done.code == 0, done.output
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_told_to_end_leaves_nothing(school: School, place: Path, sign: signal.Signals) -> None:
    with ingesting(school, place) as process:
        process.send_signal(sign)
        assert process.wait(30) == (130 if sign == signal.SIGINT else -sign)
    assert list(place.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(school: School, place: Path) -> None:
    with ingesting(school, place) as process:
        process.kill()
        process.wait()
        assert list(place.rglob("sqlite.db"))
    assert school.campus("ingest", "jwxt", TMPDIR=str(place)).code == 0
    assert list(place.iterdir()) == []


def test_a_run_beside_another_leaves_it_alone(school: School, place: Path) -> None:
    with ingesting(school, place):
        there = sorted(place.rglob("*"))
        assert school.campus("ingest", "jwxt", target="file:other.json", TMPDIR=str(place)).code == 0
        assert sorted(place.rglob("*")) == there


def test_without_a_temporary_folder_the_command_says_what_to_do(school: School) -> None:
    """Where no file may have a byte; what a full disk is to a program that runs as root."""
    done = subprocess.run(
        [sys.executable, "-c", AS_IT_IS, "--home", str(school.home), "--target", "file:out.json", "ingest", "taxonomy"],
        env=environment(CAMPUS_CATALOG_LOG="-"), capture_output=True, text=True, timeout=90,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    assert done.returncode == 3
    assert "no temporary folder can be made" in done.stderr and "TMPDIR" in done.stderr
