"""The family of errors; errors sorted by their words: what may pass, what will not, what only sounds like it."""

from __future__ import annotations

import ast
import builtins
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from campus_catalog.apply.plan import PlanError
from campus_catalog.apply.writers import WriteError
from campus_catalog.catalog.server import unreached
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.cli.main import _explain
from campus_catalog.content.problems import ContentError, Problem
from campus_catalog.errors import CampusError, Failure, is_connection_error, is_in_vain, judge
from campus_catalog.ingest.run import _longest
from campus_catalog.migration.revisions import RevisionError
from campus_catalog.migration.run import MigrationError
from campus_catalog.regulation.version import VersionError
from campus_catalog.schedule.here.state import StateError
from campus_catalog.sources.stock import escalate
from tests.support.content import ROOT

VIEW = "Error processing view: main.{} <class 'sqlalchemy.exc.OperationalError'>: (sqlite3.OperationalError) {}"


@pytest.mark.parametrize(
    "text",
    [
        "connection to server at \"127.0.0.1\", port 1 failed: Connection refused",
        "HTTPConnectionPool(host='h', port=80): Read timed out. (read timeout=3)",
        "ConnectTimeoutError(<connection>, 'Connection to h timed out')",
        "server closed the connection unexpectedly",
        "(1045, \"Access denied for user 'u'@'h'\")",
        VIEW.format("ins_v", "SSL connection has been closed unexpectedly: server closed the connection"),
        VIEW.format("timeout", "terminating connection due to administrator command"),
    ],
)  # fmt: skip
def test_a_lost_connection_is_seen(text: str) -> None:
    assert is_connection_error(text)


@pytest.mark.parametrize(
    "name", ["session_timeout", "timeout_log", "refused_refund", "unreachable", "refused", "timeout"]
)
def test_a_table_s_name_is_no_lost_connection(name: str) -> None:
    assert not is_connection_error(VIEW.format(name, "no such table: main.t"))


@pytest.mark.parametrize("name", ["session_timeout", "timeout_log", "refused_refund"])
def test_nor_is_it_where_the_driver_names_it(name: str) -> None:
    assert not is_connection_error(f'relation "{name}" does not exist')


@pytest.mark.parametrize(
    "text",
    [
        'FATAL: password authentication failed for user "u"',
        "(1049, \"Unknown database 'x'\")",
        "http://h refused the token (401); set DATAHUB_GMS_TOKEN",
        "there is no catalog at /srv/x.db yet",
    ],
)  # fmt: skip
def test_what_is_refused_will_be_refused_again(text: str) -> None:
    assert is_in_vain(text)


@pytest.mark.parametrize(
    "text", ["Connection refused", "503 Server Error", "server closed the connection", "timed out"]
)
def test_what_is_away_may_come_back(text: str) -> None:
    assert not is_in_vain(text)


def test_an_unread_table_is_a_failure_and_named_and_another_warning_is_none() -> None:
    said: list[tuple[str, str, str]] = []

    def note(kind: str) -> Any:
        return lambda message, context=None, **_: said.append((kind, message, context))

    report = SimpleNamespace(warning=note("warning"), failure=note("failure"))
    escalate(report)
    escalate(report)
    for number in range(30):
        report.warning("Error processing table", context=f"public.t{number}")
    report.warning("No profile", context="public.t1")
    assert report.unread == [f"public.t{number}" for number in range(30)]
    assert [kind for kind, *_ in said] == ["failure"] * 30 + ["warning"]


def test_a_table_named_in_two_ways_is_left_out_once() -> None:
    assert _longest(["db.public.a", "public.a", "public.b", "public.b"]) == ["db.public.a", "public.b"]


# -- the family ------------------------------------------------------------------------------------------------------


def test_every_error_of_ours_is_of_the_family() -> None:
    package = ROOT / "custom_sources" / "campus_catalog"
    errors = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    errors &= {name for name in errors if issubclass(getattr(builtins, name), BaseException)}
    outside = [
        f"{path.relative_to(package)}: {node.name}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in errors for base in node.bases)
    ]
    assert outside == ["errors.py: CampusError"]


@pytest.mark.parametrize(
    ("error", "code", "retry"),
    [
        (ContentError([Problem("a.yml", 1, "invalid", "不对")]), 1, False),
        (VersionError([Problem("a.yml", 1, "old-content", "旧")]), 1, False),
        (PlanError("stale"), 1, False),
        (MigrationError("no space"), 1, False),
        (StateError("locked"), 1, False),
        (RevisionError("none"), 2, False),
        (TargetError("no such form", usage=True), 2, False),
        (TargetError("away"), 3, True),
        (TargetError("token", retry=False), 3, False),
        (WriteError("away"), 3, True),
        (WriteError("no", refused=True), 1, False),
    ],
    ids=repr,
)
def test_an_error_knows_its_exit_code_and_whether_trying_again_may_help(
    error: CampusError, code: int, retry: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (error.exit_code, error.retry, _explain(error)) == (code, retry, code)
    expected = f"{error}\n1 problem(s)" if isinstance(error, ContentError) else f"Error: {error}"
    assert capsys.readouterr().err == expected + "\n"
    away = Failure.LOST if retry else Failure.TURNED_AWAY
    assert judge(error) is (away if code == 3 else Failure.OTHER)


def answer(status: int) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    return response


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (requests.HTTPError(response=answer(401)), 401),
        (requests.HTTPError(response=answer(403)), 403),
        (requests.HTTPError("503 Server Error", response=answer(503)), 503),
        (RuntimeError("Unable to emit metadata: 401 Client Error: for url"), 401),
        (requests.ConnectionError("[Errno 111] Connection refused"), None),
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), None),
        (requests.exceptions.SSLError("WRONG_VERSION_NUMBER"), None),
        (ValueError("Expecting value: line 1 column 1"), None),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_known_of_a_server_is_what_its_words_tell(error: Exception, status: int | None) -> None:
    found = unreached(Target("server", "http://h:8080"), error)
    assert (found.exit_code, found.status) == (3, status)
    assert found.retry is not is_in_vain(str(found))
