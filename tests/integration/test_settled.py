"""Nothing is kept that nobody settled: whatever ends a recipe, its part of a local catalog is whole or not there."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.catalog import lite, metadata_file
from campus_catalog.catalog.lite import LiteStore
from campus_catalog.catalog.metadata_file import FileStore
from campus_catalog.ingest.sink import StoreSink
from tests.support.live import School
from tests.support.planning import catalog, command_line, in_child
from tests.support.scheduling import AS_IT_IS, environment, recipe

COUNT = 200
STORES: dict[str, type[LiteStore | FileStore]] = {"lite:c.db": LiteStore, "file:c.json": FileStore}


@pytest.fixture(params=STORES, ids=["lite", "file"])
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def urns(name: str) -> set[str]:
    return {f"urn:li:dataset:(urn:li:dataPlatform:postgres,{name}.t{number},PROD)" for number in range(COUNT)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A school with two recipes, which say something of ``COUNT`` datasets each."""
    home = School(tmp_path / "home").home
    for name in ("one", "two"):
        records = [
            {"entityType": "dataset", "entityUrn": urn, "changeType": "UPSERT", "aspectName": "datasetProperties",
             "aspect": {"json": {"name": "表" * 20, "customProperties": {}, "tags": []}}}
            for urn in sorted(urns(name))
        ]  # fmt: skip
        (tmp_path / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
        recipe(home, name, tmp_path / f"{name}.json")
    return home


def ingest(
    home: Path, target: str, before: Callable[[], object] = lambda: None, names: tuple[str, ...] = ("one", "two")
) -> tuple[int, str]:
    """Run recipes in a process in which something was arranged before; returns exit code and what was said."""
    said = home.parent / "said"

    def work() -> int:
        with said.open("w", encoding="utf-8", buffering=1) as sys.stdout:
            sys.stderr = sys.stdout
            signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
            before()
            return command_line(home, target, "ingest", *names)

    code = in_child(work)
    text = said.read_text(encoding="utf-8")
    assert "Internal error" not in text and "Traceback" not in text
    return code, text


def held(home: Path, target: str) -> set[str]:
    path = home / target.partition(":")[2]
    return set(catalog(home, target)) if path.exists() else set()


def left_over(home: Path) -> list[str]:
    return sorted(
        path.name for path in home.iterdir() if path.name.startswith((".c.", "c.")) and path.suffix != ".state"
    )


def calling(owner: Any, name: str, number: int, then: Callable[[], object]) -> None:
    """Have something done right before a method is called for the n-th time."""
    real, calls = getattr(owner, name), 0

    def counting(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            then()
        return real(*arguments, **options)

    setattr(owner, name, counting)


def told(sign: signal.Signals) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), sign)


# -- told to end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
@pytest.mark.parametrize("where", ["while the source is read", "while it is written"])
def test_a_recipe_that_is_told_to_end_leaves_nothing(home: Path, target: str, sign: signal.Signals, where: str) -> None:
    owner, name = (StoreSink, "write_record_async") if where == "while the source is read" else (STORES[target], "put")
    number = COUNT + COUNT // 2  # in the middle of the second recipe
    code, said = ingest(home, target, lambda: calling(owner, name, number, told(sign)))
    assert code == (130 if sign == signal.SIGINT else -sign), said
    assert held(home, target) == urns("one")
    assert ingest(home, target)[0] == 0
    assert left_over(home) == [target.partition(":")[2]]
    assert held(home, target) == urns("one") | urns("two")


def test_a_source_that_ends_the_program_ends_its_own_recipe(home: Path, target: str) -> None:
    code, said = ingest(home, target, lambda: calling(StoreSink, "write_record_async", COUNT // 2, lambda: sys.exit(7)))
    assert code == 1 and "nothing of one was written" in said
    assert held(home, target) == urns("two")


# -- nowhere to write at the end ------------------------------------------------------------------------------------


def test_a_disk_that_is_full_at_the_end_ends_in_a_true_table(home: Path, target: str) -> None:
    path = home / target.partition(":")[2]

    def fill() -> None:
        # no file may grow beyond what the catalog is: what a full disk is, to a program of root's too
        size = max(one.stat().st_size for one in home.glob(f"{path.name}*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    code, said = ingest(home, target, lambda: calling(STORES[target], "put", COUNT + 1, fill))
    assert code == 3 and results(said) == {"one": "succeeded", "two": "unreachable"}, said
    assert "nothing of two was written" in said and f"{path} could not be written" in said
    assert held(home, target) == urns("one")
    assert ingest(home, target)[0] == 0
    assert left_over(home) == [path.name]
    assert held(home, target) == urns("one") | urns("two")


def results(said: str) -> dict[str, str]:
    """What the table says of each recipe."""
    rows = [line.split() for line in said.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) > 2 and row[0] in ("one", "two")}


def impatient() -> None:
    metadata_file.PATIENCE = 0
    lite._OPTIONS["busy_timeout"] = "0"


def test_a_lock_that_is_never_free_ends_in_a_true_table(home: Path, target: str) -> None:
    store = STORES[target](home / target.partition(":")[2])
    store.begin()
    code, said = ingest(home, target, impatient)
    store.close()
    assert code == 3 and results(said) == {"one": "unreachable", "two": "unreachable"}, said
    assert said.count("being written by another process") == 2 and "nothing of one, two was written" in said
    assert held(home, target) == set()


def test_a_browse_index_that_cannot_be_rebuilt_costs_nothing_but_itself(home: Path) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    code, said = ingest(home, "lite:c.db", lambda: calling(lite._BatchedLite, "reindex", 1, fail))
    assert code == 0 and results(said) == {"one": "succeeded", "two": "succeeded"}, said
    assert "browse index" in said and "database or disk is full" in said
    assert held(home, "lite:c.db") == urns("one") | urns("two")
    assert not browsed(home)
    code, said = ingest(home, "lite:c.db")
    assert code == 0 and "browse index" not in said and browsed(home)


def browsed(home: Path) -> bool:
    with closing(sqlite3.connect(home / "c.db")) as connection:
        return bool(connection.execute("SELECT count(*) FROM metadata_edge_v2 WHERE relnship = 'child'").fetchone()[0])


# -- two at a time -------------------------------------------------------------------------------------------------


def test_others_may_write_while_a_source_is_read(home: Path, target: str) -> None:
    path = home / target.partition(":")[2]

    def write() -> None:
        def work() -> int:
            impatient()
            store = STORES[target](path)
            store.begin()
            store.commit()
            store.close()
            return 0

        assert in_child(work) == 0

    def at_each() -> None:
        for number in (1, COUNT // 2, COUNT + COUNT // 2):
            calling(StoreSink, "write_record_async", number, write)

    code, said = ingest(home, target, at_each)
    assert code == 0, said


def test_what_another_command_wrote_meanwhile_stays(home: Path, target: str) -> None:
    """A whole run of another recipe, between the moment a run opens the catalog and the one it writes to it."""

    def other() -> None:
        words = ["--home", str(home), "--target", target, "ingest", "two"]
        subprocess.run(
            [sys.executable, "-c", AS_IT_IS, *words], env=environment(), check=True, stdout=subprocess.DEVNULL
        )

    def meanwhile() -> None:
        calling(StoreSink, "write_record_async", COUNT // 2, other)

    code, said = ingest(home, target, meanwhile, names=("one",))
    assert code == 0, said
    assert held(home, target) == urns("one") | urns("two")
