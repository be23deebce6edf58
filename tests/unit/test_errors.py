"""Errors sorted by their words: what may pass, what will not, and what only sounds like it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from campus_catalog.errors import is_connection_error, is_in_vain
from campus_catalog.ingest.run import _longest
from campus_catalog.sources.stock import escalate

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
