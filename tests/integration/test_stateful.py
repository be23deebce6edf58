"""What has gone is marked removed; what could not be read is not taken for gone. State in files, no server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.standin import Standin
from tests.support.live import Proxy, School, proxy, read_lite, run

TABLES = "".join(
    f"CREATE TABLE {name} (id integer PRIMARY KEY, mc varchar(20));" for name in ("jw_kc", "jw_cj", "jw_xk", "jw_zy")
)
SYSTEM: dict[str, Any] = {
    "id": "jwxt",
    "name": "教务管理系统",
    "platform": "postgres",
    "database": "stateful",
    "schema": "public",
    "connected": True,
    "subset": "教育资源管理子集",
    "unit": "教务处",
    "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
    "datasets": [{"table": "jw_kc", "name": "课程信息"}, {"table": "jw_cj", "name": "学生成绩"}],
}
PAPER: dict[str, Any] = {
    "id": "dangan",
    "name": "纸质档案",
    "platform": "paper-archive",
    "subset": "办公室档案子集",
    "unit": "党政办公室",
    "persons": ["党政办公室数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "查档"},
    "datasets": [{"table": "minutes", "name": "会议记录"}, {"table": "letters", "name": "来信"}],
}


STATEFUL = {"enabled": True}
STATE_FILE = {"type": "file", "config": {"filename": ".catalog/state/stock.json"}}


def table(name: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,stateful.public.{name},PROD)"


def paper(name: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:paper-archive,{name},PROD)"


@pytest.fixture
def door(postgres: Any) -> Iterator[Proxy]:
    """A proxy before a fresh database `stateful`."""
    postgres.create_database("stateful", TABLES, replace=True)
    with proxy(postgres.host_port) as one:
        yield one


@pytest.fixture
def school(tmp_path: Path, postgres: Any, door: Proxy) -> School:
    """A school with a live and a paper system, both with state."""
    school = School(tmp_path)
    school.declare(SYSTEM)
    school.declare(PAPER)
    school.recipe("register", {"type": "campus-register", "config": {"stateful_ingestion": STATEFUL}})
    config = {"host_port": door.host_port, "database": "stateful", "stateful_ingestion": STATEFUL}
    access = {"username": postgres.user, "password": "${DB_PASSWORD}"}
    school.connect("jwxt", {"type": "postgres", "config": config | access})
    return school


def ingest(school: School, postgres: Any, *names: str, target: str = "file:out.json") -> tuple[int, str]:
    done = school.campus("ingest", *names, target=target, DB_PASSWORD=postgres.password)
    return done.code, done.output


def kept_state(school: School, target: str) -> Any:
    """What the state file of a target remembers; when and in which run it was written aside."""
    path = school.home / f"{target.partition(':')[2]}.state" / "jwxt.json"
    records = json.loads(path.read_text(encoding="utf-8"))
    return [record["aspect"]["json"]["state"]["payload"] for record in records]


def removed(school: School) -> set[str]:
    return {urn for urn, aspects in school.catalog().items() if aspects.get("status", {}).get("removed")}


def test_a_dropped_table_is_marked_removed_and_comes_back(school: School, postgres: Any) -> None:
    assert ingest(school, postgres, "jwxt")[0] == 0
    assert removed(school) == set()
    postgres.execute("stateful", "DROP TABLE jw_zy")

    code, output = ingest(school, postgres, "jwxt")
    assert code == 0, output
    assert f"no longer there, marked removed: {table('jw_zy')}" in output
    assert removed(school) == {table("jw_zy")}

    postgres.execute("stateful", "CREATE TABLE jw_zy (id integer PRIMARY KEY)")
    assert ingest(school, postgres, "jwxt")[0] == 0
    assert removed(school) == set()


def test_a_removed_dataset_is_no_longer_found(school: School, postgres: Any) -> None:
    assert ingest(school, postgres, "jwxt")[0] == 0
    assert school.campus("search", "jw_zy").code == 0
    postgres.execute("stateful", "DROP TABLE jw_zy")
    assert ingest(school, postgres, "jwxt")[0] == 0

    assert school.campus("search", "jw_zy").code == 1


def test_a_live_dataset_outlives_its_declaration(school: School, postgres: Any) -> None:
    """The register takes back what it said, not the table itself."""
    assert ingest(school, postgres, "register", "jwxt")[0] == 0
    school.declare({**SYSTEM, "datasets": SYSTEM["datasets"][:1]})

    code, output = ingest(school, postgres, "register")
    assert code == 0, output
    assert removed(school) == set()
    assert ingest(school, postgres, "jwxt")[0] == 0
    assert removed(school) == set()
    assert school.catalog()[table("jw_cj")]["datasetProperties"]["name"] == "jw_cj"


def test_a_declared_only_dataset_goes_with_its_declaration(school: School, postgres: Any) -> None:
    assert ingest(school, postgres, "register", "jwxt")[0] == 0
    school.declare({**PAPER, "datasets": PAPER["datasets"][:1]})

    code, output = ingest(school, postgres, "register")

    assert code == 0, output
    assert f"marked removed: {paper('letters')}" in output
    assert removed(school) == {paper("letters")}


def test_a_declared_only_system_goes_with_its_declaration(school: School, postgres: Any) -> None:
    assert ingest(school, postgres, "register")[0] == 0
    (school.home / "ingestion_recipes" / "systems" / "dangan.yml").unlink()

    code, output = ingest(school, postgres, "register")

    assert code == 0, output
    assert {paper("letters"), paper("minutes")} <= removed(school)
    assert table("jw_kc") not in removed(school)


# Where the database dies: when the schemas are asked for, at one table's columns, and in the middle of the answers.
DEATHS = {
    "while listing": lambda door: door.cut_at(b"pg_catalog.pg_class"),
    "at a table": lambda door: door.cut_at(b"jw_xk"),
    "amid the answers": lambda door: door.cut_after(6000),
}


@pytest.mark.parametrize(
    ("death", "target"), [*((death, "file:out.json") for death in DEATHS), ("at a table", "lite:out.db")]
)
def test_a_database_that_dies_half_way_removes_and_writes_nothing(
    death: str, target: str, school: School, postgres: Any, door: Proxy
) -> None:
    def catalog() -> Any:
        return school.catalog() if target.startswith("file:") else read_lite(school.home / "out.db")

    assert ingest(school, postgres, "jwxt", target=target)[0] == 0
    kept, before = kept_state(school, target), catalog()
    assert kept
    postgres.execute("stateful", "DROP TABLE jw_zy; CREATE TABLE jw_new (id integer PRIMARY KEY)")
    DEATHS[death](door)

    code, output = ingest(school, postgres, "jwxt", target=target)

    assert door.is_cut, "the database was to die during the run"
    assert code == 3, output
    assert "Traceback" not in output
    assert "nothing of jwxt was written" in output
    assert catalog() == before
    assert kept_state(school, target) == kept


def test_a_database_that_dies_half_way_is_complained_of_once_and_by_name(
    school: School, postgres: Any, door: Proxy
) -> None:
    door.cut_at(b"jw_xk")

    code, output = ingest(school, postgres, "jwxt")

    assert code == 3
    complaints = [line for line in output.splitlines() if line.startswith("jwxt: ") and "warning" not in line]
    assert len(complaints) == 1, output
    assert len(complaints[0]) < 500, "a person is to read this"
    assert "SELECT" not in output


def test_after_a_failed_run_the_next_one_finds_what_has_gone(school: School, postgres: Any, door: Proxy) -> None:
    assert ingest(school, postgres, "jwxt")[0] == 0
    postgres.execute("stateful", "DROP TABLE jw_zy")
    door.cut_at(b"jw_xk")
    assert ingest(school, postgres, "jwxt")[0] == 3

    with proxy(postgres.host_port) as again:
        recipe = school.home / "ingestion_recipes" / "jwxt.yml"
        recipe.write_text(recipe.read_text(encoding="utf-8").replace(door.host_port, again.host_port), encoding="utf-8")
        code, output = ingest(school, postgres, "jwxt")

    assert code == 0, output
    assert removed(school) == {table("jw_zy")}


def test_a_table_refused_as_classified_is_withdrawn(school: School, postgres: Any) -> None:
    """A table that turns out to be classified after it was ingested must not stay in the catalog as if it were not."""
    assert ingest(school, postgres, "jwxt")[0] == 0
    postgres.execute("stateful", "COMMENT ON TABLE jw_zy IS '机密资料'")

    code, output = ingest(school, postgres, "jwxt")

    assert code == 1, output
    assert "机密" not in (school.home / "out.json").read_text(encoding="utf-8")
    assert table("jw_zy") in removed(school)


def test_two_catalogs_of_one_home_are_remembered_apart(school: School, postgres: Any) -> None:
    for target in ("file:out.json", "lite:c.db"):
        assert ingest(school, postgres, "jwxt", target=target)[0] == 0
    postgres.execute("stateful", "DROP TABLE jw_zy")
    for target in ("file:out.json", "lite:c.db"):
        assert ingest(school, postgres, "jwxt", target=target)[0] == 0
    assert removed(school) == {table("jw_zy")}
    assert read_lite(school.home / "c.db")[table("jw_zy")]["status"]["removed"]


def test_a_server_remembers_for_the_recipe_that_a_file_remembers_for(
    school: School, postgres: Any, gms: Standin
) -> None:
    assert ingest(school, postgres, "jwxt", target=gms.url)[0] == 0
    postgres.execute("stateful", "DROP TABLE jw_zy")
    assert ingest(school, postgres, "jwxt", target=gms.url)[0] == 0
    assert gms.store.get(table("jw_zy"), "status") == {"removed": True}
    assert not list(school.home.rglob("*.state")) and not (school.home / ".catalog" / "state").exists()


def test_under_the_stock_command_the_state_is_in_the_home(school: School, postgres: Any) -> None:
    recipe = school.home / "ingestion_recipes" / "jwxt.yml"
    sink = {"type": "file", "config": {"filename": "stock.json"}}
    recipe.write_text(json.dumps({**yaml.safe_load(recipe.read_text(encoding="utf-8")), "sink": sink}), "utf-8")
    for _ in range(2):
        done = run("datahub", "ingest", "-c", recipe, cwd=school.home, DB_PASSWORD=postgres.password)
        assert done.code == 0, done.output
        postgres.execute("stateful", "DROP TABLE IF EXISTS jw_zy")
    assert (school.home / ".catalog" / "state" / "jwxt.json").exists()
    records = json.loads((school.home / "stock.json").read_text(encoding="utf-8"))
    status = [record["aspect"]["json"] for record in records if record.get("aspectName") == "status"
              and record["entityUrn"] == table("jw_zy")]  # fmt: skip
    assert status == [{"removed": True}]


@pytest.mark.parametrize("damage", ["", "[{", "\x00"], ids=["empty", "cut off", "of zeros"])
def test_a_damaged_state_is_named_and_nothing_is_written(damage: str, school: School, postgres: Any) -> None:
    assert ingest(school, postgres, "jwxt")[0] == 0
    before = school.catalog()
    path = school.home / "out.json.state" / "jwxt.json"
    path.write_text(damage, encoding="utf-8")
    postgres.execute("stateful", "DROP TABLE jw_zy")

    code, output = ingest(school, postgres, "jwxt")

    assert code == 1 and f"what earlier runs left in {path} cannot be read" in output.replace("\n", " "), output
    assert school.catalog() == before


@pytest.mark.parametrize("stamped", [False, True], ids=["stock", "stamped"])
def test_a_stock_recipe_too_takes_an_unread_view_for_unread_and_not_for_gone(
    stamped: bool, tmp_path: Path, postgres: Any
) -> None:
    """A database in which a dozen views cannot be read; one of them is called after what a lost connection says."""
    names = [f"v{number}" for number in range(11)] + ["session_timeout"]
    views = "".join(f"CREATE VIEW {name} AS SELECT id FROM t;" for name in names)
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"CREATE TABLE t (id integer); CREATE TABLE other (id integer); {views}")
    school = School(tmp_path / "home")
    school.declare({**SYSTEM, "platform": "sqlite", "database": "main", "schema": None, "datasets": []})
    source = {"type": "sqlalchemy", "config": {"platform": "sqlite", "connect_uri": f"sqlite:///{path}",
              "stateful_ingestion": {**STATEFUL, "state_provider": STATE_FILE}}}  # fmt: skip
    more = {"transformers": [{"type": "campus-stamp", "config": {"system": "jwxt"}}]} if stamped else {}
    school.recipe("stock", source, **more)
    first = school.campus("ingest", "stock", target="file:out.json")
    assert first.code == 0, first.output
    with closing(sqlite3.connect(path)) as database:
        database.executescript("DROP TABLE t")

    done = school.campus("ingest", "stock", "--format", "json", target="file:out.json")
    assert done.code == 1, done.output
    (said,) = json.loads(done.output[done.output.index("[\n") :])
    assert said["outcome"] == "partial" and sorted(said["unread"]) == sorted(f"main.{name}" for name in names)
    assert said["removed"] == [] and removed(school) == set()
