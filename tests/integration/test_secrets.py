"""A secret planted where a run meets one is found nowhere afterwards: not printed, not logged, not in the target."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from campus_catalog.schedule.loader import SCHEDULE
from campus_catalog.secrets import HIDDEN
from tests.contract.standin import Standin
from tests.support.content import write
from tests.support.live import Result, School, run
from tests.support.scheduling import robot

SECRET = "Pl4nted-n3edle"
#: what must be quoted in a uri; a driver's parser that trips over it quotes the whole uri in its message
AWKWARD = "Pl4nted@n3edle/x:y"
TABLES = "CREATE TABLE jw_kc (kch varchar(10) PRIMARY KEY, kcmc varchar(80));"
STATED = {
    "id": "jwxt", "name": "教务管理系统", "connected": True, "subset": "教育资源管理子集", "unit": "教务处",
    "persons": ["教务处数据管理员"], "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
}  # fmt: skip
DATABASE = "secrets"


def school_with(folder: Path, kind: str, config: dict[str, Any]) -> School:
    school = School(folder)
    schema = {"schema": "public"} if kind == "postgres" else {}
    school.declare({**STATED, "platform": kind, "database": DATABASE, **schema})
    school.connect("jwxt", {"type": kind, "config": config})
    return school


def places_with(secret: str, home: Path, *results: Result) -> list[str]:
    """Where the secret can be read: files below the home, and what commands printed."""
    parts = [part for part in secret.replace("/", "@").split("@") if len(part) > 3]
    forms = [form.encode() for form in {secret, quote(secret, safe=""), *parts}]
    texts = {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    texts |= {f"output {index}": result.output.encode() for index, result in enumerate(results)}
    return [place for place, text in texts.items() if any(form in text for form in forms)]


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Any]:
    """A source and the server it reads, with an account whose password is the secret."""
    host = request.getfixturevalue(request.param)
    host.create_database(DATABASE, TABLES, replace=True)
    if request.param == "postgres":
        if not host.execute("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'planted'"):
            host.execute("postgres", f"CREATE ROLE planted LOGIN PASSWORD '{SECRET}'")
    else:
        host.execute("", f"CREATE OR REPLACE USER planted@'%' IDENTIFIED BY '{SECRET}'")
        host.execute("", "GRANT SHOW VIEW ON secrets.* TO planted@'%'")
    return request.param, host


def both(school: School, **env: str) -> list[Result]:
    """The recipe by our command into DataHub Lite, and by the stock command."""
    ours = school.campus("ingest", target="lite:out.db", **env)
    recipe = school.home / "ingestion_recipes" / "jwxt.yml"
    stock = run("datahub", "ingest", "-c", recipe, cwd=school.home, CAMPUS_CATALOG_HOME=str(school.home), **env)
    return [ours, stock]


def test_a_stock_recipe_s_password_is_found_nowhere(tmp_path: Path) -> None:
    """A source of DataHub's own under our command, by a uri whose password a driver takes for a host."""
    school = School(tmp_path)
    uri = "postgresql+psycopg2://planted:${DB_CONNECTION_SUFFIX}@127.0.0.1:1/secrets"
    school.recipe("stock", {"type": "postgres", "config": {"sqlalchemy_uri": uri, "host_port": "127.0.0.1:1"}})
    plan = {"entries": [{"id": "stock", "recipe": "stock", "retries": 0}], "webhook": {"url_env": "HOOK_ADDRESS"}}
    write(school.home / SCHEDULE, yaml.safe_dump(plan))
    with robot() as (url, received):
        secrets = {"DB_CONNECTION_SUFFIX": AWKWARD, "HOOK_ADDRESS": url}
        commands = (["ingest", "stock"], ["schedule", "once", "stock"], ["schedule", "status"])
        results = [school.campus(*words, target="lite:out.db", **secrets) for words in commands]

    assert results[0].code == 3 and HIDDEN in results[0].output, results[0].output
    assert len(received) == 1
    assert places_with(AWKWARD, tmp_path, *results, Result(0, str(received[0].body))) == []


def test_a_report_to_the_server_has_the_recipe_as_it_is_written(tmp_path: Path, postgres: Any, gms: Standin) -> None:
    """DataHub writes the recipe of a run into the catalog where a recipe asks for it."""
    postgres.create_database(DATABASE, TABLES, replace=True)
    school = School(tmp_path)
    uri = f"postgresql+psycopg2://{postgres.user}:${{DB_CONNECTION_SUFFIX}}@{postgres.host_port}/{DATABASE}"
    school.declare({**STATED, "platform": "postgres", "database": DATABASE, "schema": "public"})
    config = {"connect_uri": uri, "platform": "postgres"}
    school.connect("jwxt", {"type": "sqlalchemy", "config": config})
    path = school.home / "ingestion_recipes" / "jwxt.yml"
    path.write_text(path.read_text("utf-8") + "reporting: [{type: datahub, config: {}}]\n", encoding="utf-8")
    result = school.campus("ingest", "jwxt", target=gms.url, DB_CONNECTION_SUFFIX=quote(postgres.password, safe=""))

    sources = gms.store.urns("dataHubIngestionSource")
    assert result.code == 0 and sources, result.output
    stored = str({urn: gms.store.entity(urn) for urn in gms.store.urns()})
    assert "${DB_CONNECTION_SUFFIX}" in stored and f":{postgres.password}@" not in stored


@pytest.mark.parametrize("place", ["swagger_file", "home"])
def test_a_token_in_a_query_is_found_nowhere(tmp_path: Path, place: str) -> None:
    school = School(tmp_path)
    address = "http://127.0.0.1:1/content.zip?token=${FILES_OPENER}"
    if place == "home":
        school.recipe("jwxt", {"type": "campus-register", "config": {"home": address}})
    else:
        school.declare({**STATED, "platform": "openapi"})
        config = {"name": "x", "url": "http://127.0.0.1:1/", "swagger_file": "openapi.json?apikey=${FILES_OPENER}"}
        school.connect("jwxt", {"type": "openapi", "config": config})
    results = both(school, FILES_OPENER="Pl4nted n3edle/é")

    assert results[0].code == 3, results[0].output
    assert places_with("Pl4nted n3edle/é", tmp_path, *results[:1]) == []


def test_what_a_test_of_the_connection_says_has_no_part_of_the_password(tmp_path: Path) -> None:
    uri = "postgresql+psycopg2://planted:${DB_PASSWORD}@127.0.0.1:1/secrets"
    school = school_with(tmp_path, "postgres", {"sqlalchemy_uri": uri, "host_port": "127.0.0.1:1"})
    recipe = school.home / "ingestion_recipes" / "jwxt.yml"
    command = ("ingest", "-c", recipe, "--test-source-connection")
    result = run("datahub", *command, cwd=school.home, CAMPUS_CATALOG_HOME=str(school.home), DB_PASSWORD=AWKWARD)

    assert "failure_reason" in result.output
    assert places_with(AWKWARD, tmp_path, result) == []


@pytest.mark.parametrize("command", [["ingest"], ["schedule", "export", "--systemd", "units"], ["doctor"]])
def test_a_login_in_the_target_is_refused_and_not_repeated(tmp_path: Path, command: list[str]) -> None:
    school = School(tmp_path)
    write(school.home / SCHEDULE, "entries: []")
    result = school.campus(*command, target=f"http://planted:{SECRET}@127.0.0.1:1")

    assert result.code == 2 and "DATAHUB_GMS_TOKEN" in result.output
    assert places_with(SECRET, tmp_path, result) == []


def test_a_password_in_the_environment_is_found_nowhere(server: tuple[str, Any], tmp_path: Path) -> None:
    kind, host = server
    config = {"host_port": host.host_port, "database": DATABASE, "username": "planted", "password": "${DB_PASSWORD}"}
    school = school_with(tmp_path, kind, config)
    results = both(school, DB_PASSWORD=SECRET)

    assert results[0].code == 0, results[0].output
    assert places_with(SECRET, tmp_path, *results) == []


def test_a_refused_password_is_found_nowhere(server: tuple[str, Any], tmp_path: Path) -> None:
    kind, host = server
    config = {"host_port": host.host_port, "database": DATABASE, "username": "planted", "password": "${DB_PASSWORD}"}
    results = both(school_with(tmp_path, kind, config), DB_PASSWORD=AWKWARD)

    assert results[0].code == 3, results[0].output
    assert places_with(AWKWARD, tmp_path, *results) == []


@pytest.mark.parametrize(
    ("uri", "password"),
    [
        ("{driver}://planted:${{DB_PASSWORD}}@{host}/secrets", SECRET),
        ("{driver}://planted:${{DB_PASSWORD}}@{host}/nowhere", SECRET),
        ("{driver}://planted:${{DB_PASSWORD}}@127.0.0.1:1/secrets", SECRET),
        ("{driver}://planted:${{DB_PASSWORD}}@127.0.0.1:port/secrets", SECRET),
        ("{driver}://planted:${{DB_PASSWORD}}@{host}/secrets", AWKWARD),
        ("{driver} ://planted:${{DB_PASSWORD}}@{host}/secrets", SECRET),
        ("no-such-driver://planted:${{DB_PASSWORD}}@{host}/secrets", SECRET),
    ],
    ids=["right", "no database", "no server", "no port", "not quoted", "no uri", "no driver"],
)
def test_a_password_inside_a_uri_is_found_nowhere(
    server: tuple[str, Any], tmp_path: Path, uri: str, password: str
) -> None:
    kind, host = server
    driver = {"postgres": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}[kind]
    address = uri.format(driver=driver, host=host.host_port)
    config = {"sqlalchemy_uri": address, "host_port": host.host_port, "database": DATABASE}
    results = both(school_with(tmp_path, kind, config), DB_PASSWORD=password)

    assert places_with(password, tmp_path, *results) == []


@pytest.mark.parametrize(
    "config",
    [
        {"pasword": "${DB_PASSWORD}"},
        {"password": "${DB_PASSWORD}", "host_port": ["a", "list"]},
        {"password": {"is": "${DB_PASSWORD}"}},
        {"host_port": "${DB_PASSWORD}", "profiling": "${DB_PASSWORD}"},
        {"password": "${DB_PASSWORD}", "options": "connect_args=${DB_PASSWORD}"},
    ],
    ids=["misspelt key", "wrong host", "wrong shape", "wrong key", "wrong options"],
)
def test_a_password_in_a_recipe_with_a_mistake_is_found_nowhere(tmp_path: Path, config: dict[str, Any]) -> None:
    results = both(school_with(tmp_path, "postgres", config), DB_PASSWORD=SECRET)

    assert results[0].code != 0
    assert places_with(SECRET, tmp_path, *results) == []


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """A server that repeats in every answer the headers it was asked with, as a careless proxy's error page does."""

    class Echo(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = f'{{"message": "refused: {self.headers.get("Authorization")}", "status": {status}}}'.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_token_repeated_by_the_server_is_found_nowhere(tmp_path: Path, status: int) -> None:
    school = School(tmp_path)
    with echoing(status) as url:
        commands = (["ingest"], ["plan"], ["apply", "--yes"], ["doctor"], ["search", "课程"])
        results = [school.campus(*command, target=url, DATAHUB_GMS_TOKEN=SECRET) for command in commands]

    assert all(result.code != 0 for result in results[:3])
    assert places_with(SECRET, tmp_path, *results) == []
