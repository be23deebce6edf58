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

from tests.support.live import Result, School, run

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
