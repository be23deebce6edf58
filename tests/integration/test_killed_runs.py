"""Runs killed at random points and before each step: nothing is taken for gone, and the next run converges."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import datahub.ingestion.run.pipeline  # imported here, once, for all the processes forked below
import datahub.ingestion.source.sql.postgres  # noqa: F401
import pytest
from datahub.ingestion.fs.local_fs import LocalFileSystem
from datahub.ingestion.source.state_provider.file_ingestion_checkpointing_provider import (
    FileIngestionCheckpointingProvider as StateFile,
)

import campus_catalog.sources.system  # noqa: F401
from campus_catalog.catalog import lite
from tests.contract.standin import Standin
from tests.support.compare import stored
from tests.support.live import Catalog, School, read_lite
from tests.support.planning import command_line, in_child, kill_often
from tests.support.scheduling import AS_IT_IS, environment

DATABASE = "killed"
TABLES = [f"jw_{letter}" for letter in "abcdefgh"]
KILLS = 20
SYSTEM: dict[str, Any] = {
    "id": "jwxt", "name": "教务管理系统", "platform": "postgres", "database": DATABASE, "schema": "public",
    "connected": True, "subset": "教育资源管理子集", "unit": "教务处", "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
    "datasets": [{"table": name, "name": f"课程信息{name}"} for name in TABLES],
}  # fmt: skip
LITE = "lite:.catalog/datahub.db"


def urn(table: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,{DATABASE}.public.{table},PROD)"


#: what has gone, and so may and must be marked removed, once the database has changed
GONE = {urn("jw_b"), urn("jw_g")}


def change(postgres: Any) -> None:
    """Two tables go, one comes, one has another column."""
    postgres.execute(DATABASE, "DROP TABLE jw_b; DROP TABLE jw_g; CREATE TABLE jw_new (id integer PRIMARY KEY);"
                               "ALTER TABLE jw_c ADD COLUMN bz varchar(20)")  # fmt: skip


@pytest.fixture
def school(tmp_path: Path, postgres: Any, monkeypatch: pytest.MonkeyPatch) -> School:
    """A school with one live system, whose recipe remembers in a file what was there."""
    tables = "".join(f"CREATE TABLE {name} (id integer PRIMARY KEY, mc varchar(20));" for name in TABLES)
    postgres.create_database(DATABASE, tables, replace=True)
    monkeypatch.setenv("DB_PASSWORD", postgres.password)
    school = School(tmp_path / "home")
    school.declare(SYSTEM)
    connect(school, postgres, {"type": "file", "config": {"filename": ".catalog/state/jwxt.json"}})
    return school


def connect(school: School, postgres: Any, provider: dict[str, Any]) -> None:
    # a third of the tables goes at once, which DataHub's fail-safe takes for a mistake at 75 %
    school.connect("jwxt", {"type": "postgres", "config": {
        "host_port": postgres.host_port, "database": DATABASE, "username": postgres.user,
        "password": "${DB_PASSWORD}", "stateful_ingestion": {"enabled": True, "state_provider": provider},
    }})  # fmt: skip


def ingest(home: Path, target: str = LITE, **kill: Any) -> int:
    return in_child(partial(command_line, home, target, "ingest", "jwxt"), **kill)


def contents(home: Path) -> Catalog:
    """The catalog, read as anybody would read it, and as the database that it is."""
    path = home / ".catalog" / "datahub.db"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return read_lite(path)


def removed(catalog: Catalog) -> set[str]:
    return {urn for urn, aspects in catalog.items() if aspects.get("status", {}).get("removed")}


def remembered(home: Path) -> Any:
    """What the state file remembers; when and in which run it was written aside."""
    (record,) = json.loads((home / ".catalog" / "state" / "jwxt.json").read_text(encoding="utf-8"))
    return record["aspect"]["json"]["state"]["payload"]


def left_over(home: Path) -> list[str]:
    """Files that are nobody's: drafts, and a write-ahead log that was not taken in."""
    names = [path.name for path in (home / ".catalog").rglob("*") if path.is_file()]
    return [name for name in names if name.startswith(".") or name.endswith((".new", "-wal", "-journal"))]


@contextmanager
def started(*words: str, home: Path, target: str = LITE) -> Iterator[subprocess.Popen[bytes]]:
    """The real command in a process group of its own, which is dead afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", AS_IT_IS, "--home", str(home), "--target", target, *words],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


#: every other command that looks at the catalog or writes to it
OTHERS = ("plan", "plan --prune", "search 课程信息jw_a", "show 课程信息jw_a", "access who 课程信息jw_a --of catalog",
          "doctor", "apply --yes")  # fmt: skip


def check_others(home: Path, moment: str) -> None:
    """Every other command works on what a kill has left; then the catalog is put back as the kill left it."""
    left = home.parent / "left by a kill"
    shutil.copytree(home / ".catalog", left)
    for words in OTHERS:
        said = home.parent / "said"

        def work(words: str = words, said: Path = said) -> int:
            with said.open("w", encoding="utf-8", buffering=1) as sys.stdout:
                sys.stderr = sys.stdout
                return command_line(home, LITE, *words.split())

        assert in_child(work) == 0, f"{words}, killed {moment}: {said.read_text(encoding='utf-8')}"
    put_back(left, home)
    shutil.rmtree(left)


def put_back(kept: Path, home: Path) -> None:
    shutil.rmtree(home / ".catalog")
    shutil.copytree(kept, home / ".catalog")


# -- the steps of a run --------------------------------------------------------------------------------------------


def at_each_step(told: Callable[[str], object]) -> None:
    """Tell the name of each step of a run that changes something outside the process, right before it is done."""

    def wrap(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def stepping(*arguments: Any, **options: Any) -> Any:
            told(f"{getattr(owner, '__name__', owner)}.{name}")
            return real(*arguments, **options)

        setattr(owner, name, stepping)

    for name in ("write", "keep", "reindex", "release"):
        wrap(lite._BatchedLite, name)
    wrap(StateFile, "commit")
    wrap(Path, "replace")


def steps(home: Path) -> list[str]:
    """The steps of a whole run, in order."""
    said = home / "steps.txt"

    def work() -> int:
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        at_each_step(lambda name: os.write(file, f"{name}\n".encode()))
        return command_line(home, LITE, "ingest", "jwxt")

    assert in_child(work) == 0
    return said.read_text().split()


def killed_before(home: Path, number: int) -> int:
    """Run in a process that kills itself before the step of this number."""
    count = 0

    def tell(name: str) -> None:
        nonlocal count
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    def work() -> int:
        at_each_step(tell)
        return command_line(home, LITE, "ingest", "jwxt")

    return in_child(work)


# -- the tests -----------------------------------------------------------------------------------------------------


@pytest.fixture
def before_and_after(school: School, postgres: Any, tmp_path: Path) -> tuple[Catalog, Catalog, Path, float]:
    """The catalog before the database changed and after an undisturbed run, .catalog before, seconds of the run."""
    assert ingest(school.home) == 0
    kept = tmp_path / "kept"
    shutil.copytree(school.home / ".catalog", kept)
    before = contents(school.home)
    change(postgres)
    started = time.monotonic()
    assert ingest(school.home) == 0
    duration = time.monotonic() - started
    after = contents(school.home)
    assert removed(before) == set() and removed(after) == GONE
    return before, after, kept, duration


def check(home: Path, before: Catalog, after: Catalog, moment: str) -> None:
    """After a kill: the catalog is as before or as after, nothing between; and the next run brings it to its end."""
    found = contents(home)
    assert found in (before, after), f"killed {moment}: half a run is in the catalog"
    assert ingest(home) == 0, moment
    assert contents(home) == after, f"killed {moment}: the next run does not converge; {removed(contents(home))}"
    assert left_over(home) == [], moment


def test_killed_at_any_moment_the_next_run_converges(
    school: School, before_and_after: tuple[Catalog, Catalog, Path, float]
) -> None:
    before, after, kept, duration = before_and_after
    state = remembered(school.home)

    def killed(seconds: float) -> bool:
        put_back(kept, school.home)
        status = ingest(school.home, kill_after=seconds)
        check(school.home, before, after, f"after {seconds:.2f} s of {duration:.2f}")
        assert remembered(school.home) == state
        return status == -signal.SIGKILL

    kill_often(killed, duration, KILLS, seed=7)


def test_killed_before_any_step_all_commands_work_and_the_next_run_converges(
    school: School, before_and_after: tuple[Catalog, Catalog, Path, float]
) -> None:
    """Moments too short to be hit by the clock: between the catalog's end of transaction and the state's, say."""
    before, after, kept, _ = before_and_after
    put_back(kept, school.home)
    names = steps(school.home)
    writes = [number for number, name in enumerate(names) if name.endswith(".write")]
    last = range(writes[-1], len(names))
    assert {f"{StateFile.__name__}.commit", "_BatchedLite.keep"} <= {names[n] for n in last}
    chosen = sorted({*random.Random(7).sample(writes, 6), *last})
    for number in chosen:
        put_back(kept, school.home)
        assert killed_before(school.home, number) == -signal.SIGKILL, names[number]
        if number in last:  # before that, nothing has reached the catalog
            check_others(school.home, f"before step {number}, {names[number]}")
        check(school.home, before, after, f"before step {number}, {names[number]}, of {len(names)}")


def test_killed_while_the_state_is_written_the_old_state_stays(
    school: School, before_and_after: tuple[Catalog, Catalog, Path, float]
) -> None:
    before, after, kept, _ = before_and_after
    put_back(kept, school.home)
    state = remembered(school.home)

    def half(self: Any, path: str, content: str, **options: Any) -> None:
        Path(path).write_text(content[: len(content) // 2], encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)

    def work() -> int:
        LocalFileSystem.write = half  # type: ignore[method-assign]
        return command_line(school.home, LITE, "ingest", "jwxt")

    assert in_child(work) == -signal.SIGKILL
    assert remembered(school.home) == state
    check(school.home, before, after, "while the state is written")


def test_killed_while_a_metadata_file_is_written_the_old_one_stays(school: School, postgres: Any) -> None:
    home, target = school.home, "file:out.json"
    assert ingest(home, target) == 0
    before = school.catalog()
    change(postgres)

    def work() -> int:
        os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        return command_line(home, target, "ingest", "jwxt")

    assert in_child(work) == -signal.SIGKILL
    assert school.catalog() == before
    (draft,) = home.glob("out.json.*.new")
    an_hour_and_more_ago = time.time() - 3700
    os.utime(draft, (an_hour_and_more_ago, an_hour_and_more_ago))
    assert ingest(home, target) == 0
    assert removed(school.catalog()) == GONE
    assert list(home.glob("out.json.*")) == []


def test_twenty_kills_in_a_row(school: School, before_and_after: tuple[Catalog, Catalog, Path, float]) -> None:
    """Nothing adds up: processes of the real command, killed with all they started, on one and the same home."""
    before, after, kept, _ = before_and_after
    put_back(kept, school.home)
    with started("ingest", "jwxt", home=school.home) as process:
        began = time.monotonic()
        assert process.wait(60) == 0
        duration = time.monotonic() - began
    put_back(kept, school.home)

    def killed(seconds: float) -> bool:
        with started("ingest", "jwxt", home=school.home) as process:
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
        assert contents(school.home) in (before, after), f"killed after {seconds:.2f} s of {duration:.2f}"
        return status == -signal.SIGKILL

    kill_often(killed, duration, KILLS, seed=9, first=0.5)  # the first half of a run is Python's imports
    check(school.home, before, after, "twenty times")


@pytest.mark.parametrize("provider", ["file", "datahub"], ids=["state in a file", "state on the server"])
def test_killed_at_any_moment_on_the_way_to_a_server(school: School, postgres: Any, provider: str) -> None:
    """Into the stand-in: what was sent stays, but nothing is taken for gone that is not, and the next run converges."""
    config = {"filename": ".catalog/state/jwxt.json"} if provider == "file" else {}
    connect(school, postgres, {"type": provider, "config": config})
    kept = school.home.parent / "kept"
    with Standin() as calm, Standin() as hit:
        assert ingest(school.home, calm.url) == 0
        shutil.rmtree(school.home / ".catalog" / "state", ignore_errors=True)
        assert ingest(school.home, hit.url) == 0
        shutil.copytree(school.home / ".catalog", kept)
        change(postgres)
        began = time.monotonic()
        assert ingest(school.home, calm.url) == 0
        duration = time.monotonic() - began
        undisturbed = of_the_school(stored(calm))
        assert removed(undisturbed) == GONE
        put_back(kept, school.home)

        def killed(seconds: float) -> bool:
            status = ingest(school.home, hit.url, kill_after=seconds)
            found = removed(of_the_school(stored(hit)))
            assert found <= GONE, f"killed after {seconds:.2f} s of {duration:.2f}: {found}"
            return status == -signal.SIGKILL

        kill_often(killed, duration, KILLS, seed=11)
        assert ingest(school.home, hit.url) == 0
        assert of_the_school(stored(hit)) == undisturbed
        assert hit.rejected == [] and left_over(school.home) == []


def of_the_school(catalog: Catalog) -> Catalog:
    """Without what DataHub's sink and state write about the runs themselves."""
    own = ("urn:li:dataHub", "urn:li:dataJob:")
    return {urn: aspects for urn, aspects in catalog.items() if not urn.startswith(own)}
