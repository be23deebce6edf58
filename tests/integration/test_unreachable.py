"""A system that cannot be reached: said clearly and with its name, nothing of it written, the others still read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import Proxy, Result, School, make_database, proxy

TABLES = "CREATE TABLE jw_kc (kch varchar(10) NOT NULL PRIMARY KEY, kcmc varchar(80));"
STATED = {
    "connected": True,
    "subset": "教育资源管理子集",
    "unit": "教务处",
    "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
}
SECRET = "s3cret-of-the-test"
SERVERS = ["postgres", "mariadb"]


@pytest.fixture
def school(tmp_path: Path, request: pytest.FixtureRequest) -> School:
    """A school with a sound system `sound`; the tests add one that is not, which is read first."""
    school = School(tmp_path)
    database = make_database("sqlite", "sound", TABLES, tmp_path, request.getfixturevalue)
    school.declare({"id": "sound", "name": "健全的系统", "platform": "sqlite", **database.place, **STATED})
    school.connect("sound", database.source)
    return school


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """A source and the server it reads, with a database `reachable`."""
    host = request.getfixturevalue(request.param)
    host.create_database("reachable", TABLES, replace=True)
    return request.param, host


@pytest.fixture
def door(server: tuple[str, Any]) -> Iterator[Proxy]:
    """A proxy before the server."""
    with proxy(server[1].host_port) as one:
        yield one


def add_system(
    school: School, kind: str, host_port: str, user: str, database: str = "reachable", **config: Any
) -> None:
    place = {"database": database} | ({"schema": "public"} if kind == "postgres" else {})
    school.declare({"id": "broken", "name": "连不上的系统", "platform": kind, **place, **STATED})
    access = {"host_port": host_port, "database": database, "username": user, "password": "${DB_PASSWORD}"}
    state = {"enabled": True, "state_provider": {"type": "file", "config": {"filename": ".catalog/state/broken.json"}}}
    school.connect("broken", {"type": kind, "config": {**access, "stateful_ingestion": state, **config}})


def assert_only_the_other_was_read(school: School, result: Result, password: str) -> None:
    """One line names the system and the reason; nothing of it is kept; its neighbour is there; no secret is out."""
    lines = [line for line in result.output.splitlines() if line.startswith("broken: ")]
    assert len(lines) == 1, result.output
    assert len(lines[0]) < 500, "a person is to read this"
    assert "Traceback" not in result.output
    assert "nothing of broken was written" in result.output
    written = (school.home / "out.json").read_text(encoding="utf-8")
    assert "main.jw_kc" in written
    assert "reachable" not in written and "urn:li:application:broken" not in written
    for text in (result.output, school.log, written):
        assert password not in text
    assert not (school.home / ".catalog" / "state" / "broken.json").exists()


def test_a_refused_connection(school: School, server: tuple[str, Any], door: Proxy) -> None:
    kind, host = server
    door.cut()
    add_system(school, kind, door.host_port, host.user)

    result = school.campus("ingest", "broken", "sound", DB_PASSWORD=SECRET)

    assert result.code == 3
    assert "could not be reached" in result.output
    assert_only_the_other_was_read(school, result, SECRET)


def test_a_server_that_never_answers(school: School, server: tuple[str, Any], door: Proxy) -> None:
    kind, host = server
    door.fall_silent()
    # libpq counts no less than two seconds; PyMySQL waits for the server's greeting as for any answer
    timeouts = {"connect_timeout": 2} | ({"read_timeout": 2} if kind == "mariadb" else {})
    add_system(school, kind, door.host_port, host.user, options={"connect_args": timeouts})

    began = time.monotonic()
    result = school.campus("ingest", "broken", "sound", DB_PASSWORD=SECRET)

    assert result.code == 3
    assert time.monotonic() - began < 30
    assert door.connections >= 1
    assert "could not be reached" in result.output
    assert_only_the_other_was_read(school, result, SECRET)


def test_a_wrong_password(school: School, server: tuple[str, Any]) -> None:
    kind, host = server
    add_system(school, kind, host.host_port, host.user)

    result = school.campus("ingest", "broken", "sound", DB_PASSWORD=SECRET)

    assert result.code == 3
    assert_only_the_other_was_read(school, result, SECRET)


def test_a_database_that_does_not_exist(school: School, server: tuple[str, Any]) -> None:
    kind, host = server
    add_system(school, kind, host.host_port, host.user, database="reachable_not")

    result = school.campus("ingest", "broken", "sound", DB_PASSWORD=host.password)

    assert result.code == 3
    assert any("reachable_not" in line for line in result.output.splitlines() if line.startswith("broken: "))
    assert_only_the_other_was_read(school, result, f":{host.password}@")


def test_a_host_nobody_knows(school: School) -> None:
    add_system(school, "postgres", "no-such-host.invalid:5432", "reader")

    result = school.campus("ingest", "broken", "sound", DB_PASSWORD=SECRET)

    assert result.code == 3
    assert_only_the_other_was_read(school, result, SECRET)


def test_a_sqlite_file_that_does_not_exist_is_not_taken_for_an_empty_system(school: School, tmp_path: Path) -> None:
    school.declare({"id": "broken", "name": "连不上的系统", "platform": "sqlite", "schema": "main", **STATED})
    missing = tmp_path / "moved-away" / "reachable.db"
    config = {"platform": "sqlite", "connect_uri": f"sqlite:///{missing}"}
    school.connect("broken", {"type": "sqlalchemy", "config": config})

    result = school.campus("ingest", "broken", "sound")

    assert result.code == 3
    assert_only_the_other_was_read(school, result, SECRET)


def test_a_missing_variable_is_named_before_anything_is_tried(school: School) -> None:
    add_system(school, "postgres", "127.0.0.1:1", "reader")

    result = school.campus("ingest", "broken", "sound")

    assert result.code == 1
    assert "broken: environment variable DB_PASSWORD is not set" in result.output
    assert_only_the_other_was_read(school, result, SECRET)


def test_the_result_as_json_says_the_same(school: School, server: tuple[str, Any], door: Proxy) -> None:
    kind, host = server
    door.cut()
    add_system(school, kind, door.host_port, host.user)

    result = school.campus("ingest", "broken", "sound", "--format", "json", DB_PASSWORD=SECRET)

    assert result.code == 3
    runs = {run["recipe"]: run for run in json.loads(result.output)}
    assert (runs["broken"]["outcome"], runs["broken"]["kept"]) == ("unreachable", False)
    assert (runs["sound"]["outcome"], runs["sound"]["kept"]) == ("succeeded", True)
