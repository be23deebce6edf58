"""What webhooks are told, signed where a robot wants it, again where that may help; and what they never give away."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from campus_catalog.schedule.here import locks, webhook
from campus_catalog.schedule.here.report import Report
from campus_catalog.schedule.models import Webhook
from tests.support.content import campus, new_home
from tests.support.scheduling import recipe, reports, robot, schedule, scheduler, until

SECRET = "s3cr3t/of the+test"
KEY = "SEC0123456789abcdef+/of=the test"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


@pytest.fixture
def report() -> Report:
    return Report(
        "jwxt", "2026-03-01T01:40:00+08:00", outcome="failed", reason="连不上", advice="next run", log="a.log"
    )


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which are not waited for."""
    taken: list[float] = []
    monkeypatch.setattr(webhook, "time", SimpleNamespace(time=webhook.time.time, sleep=taken.append))
    return taken


@pytest.mark.parametrize("kind", ["generic", "wecom", "dingtalk"])
def test_a_secret_is_in_nothing_a_run_leaves_behind(home: Path, kind: str) -> None:
    """The secret is in the environment, in the error the source raises, and in the webhook's address; so is the key."""
    signing = {"secret_env": "SIGNS"} if kind == "dingtalk" else {}
    schedule(home, {"id": "leaky", "recipe": "leaky"},
             webhook={"url_env": "HOOK", "kind": kind, "on": ["failed"], **signing})  # fmt: skip
    recipe(home, "leaky", Path("/nowhere/${PLACE}/${SIGNS}.json"), password="${PLACE}")
    with robot(query=f"key={SECRET.replace(' ', '+')}") as (url, received):
        secrets = {"HOOK": url, "PLACE": SECRET, "SIGNS": KEY}
        done = campus("schedule", "once", "leaky", home=home, **secrets)
        assert done.returncode == 1
        listed = campus("schedule", "list", "--format", "json", home=home, **secrets)
        status = campus("schedule", "status", "--prometheus", str(home / "x.prom"), home=home, **secrets)
    assert len(received) == 1, done.stderr
    body = received[0].body
    text = body["reason"] if kind == "generic" else body["text"]["content"]
    (kept,) = reports(home, "leaky")
    assert kept["reason"] and "***" in kept["reason"] and "***" in text
    everything = [done.stdout, done.stderr, listed.stdout, status.stdout, json.dumps(body), (home / "x.prom")
                  .read_text(), (home / locks.FOLDER / "state.db").read_bytes().decode("utf-8", "replace")]  # fmt: skip
    everything += [path.read_text(encoding="utf-8") for path in (home / ".catalog" / "runs").rglob("*.*")]
    spellings = [SECRET, SECRET.replace(" ", "+"), SECRET.replace(" ", "%20"), "hook?key"]
    for one in everything:
        for spelling in [*spellings, *([KEY, KEY[:19]] if signing else [])]:
            assert spelling not in one


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(404, b"", "HTTP 404"), (200, b'{"errcode": 93000}', "errcode 93000"), (200, b"<html>", "JSONDecodeError")],
)
def test_a_webhook_that_fails_fails_no_run(home: Path, status: int, body: bytes, said: str) -> None:
    schedule(home, {"id": "sound", "command": "validate"},
             webhook={"url_env": "HOOK", "kind": "wecom", "on": ["succeeded"]})  # fmt: skip
    with robot(status, body=body) as (url, received):
        done = campus("schedule", "once", "sound", home=home, HOOK=url)
    assert done.returncode == 0 and len(received) == 1
    assert said in done.stderr and "hook?key" not in done.stderr


def test_a_webhook_nobody_answers_or_names_is_said(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate"}, webhook={"url_env": "HOOK", "on": ["succeeded"]})
    unset = campus("schedule", "once", "sound", home=home)
    closed = campus("schedule", "once", "sound", home=home, HOOK="http://127.0.0.1:9/hook?key=1")
    assert unset.returncode == closed.returncode == 0
    assert "HOOK is not set" in unset.stderr
    assert "ConnectionError" in closed.stderr and "hook?key" not in closed.stderr


def test_a_scheduler_says_at_its_start_what_the_webhook_lacks(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate"}, webhook={"url_env": "HOOK"})
    with scheduler(home):
        until(lambda: "HOOK is not set: the webhook will not be told" in (home / "said").read_text())


@pytest.mark.parametrize(
    ("statuses", "tries", "trouble"),
    [
        ((429, 200), 2, ""),
        ((503, 500, 200), 3, ""),
        ((0, 200), 2, ""),
        ((500,), 3, "HTTP 500"),
        ((400, 200), 1, "HTTP 400"),
        ((302, 200), 1, "HTTP 302"),
    ],
)
def test_what_passes_is_tried_again_a_few_times(
    report: Report, pauses: list[float], statuses: tuple[int, ...], tries: int, trouble: str
) -> None:
    with robot(*statuses) as (url, received):
        assert webhook.tell(Webhook(url_env="HOOK"), report, {"HOOK": url}).partition(";")[0] == trouble
    assert len(received) == tries
    assert len(pauses) == tries - 1 and sum(pauses) <= 10


def test_a_robot_that_takes_its_time_is_not_told_twice(
    report: Report, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        assert webhook.tell(Webhook(url_env="HOOK"), report, {"HOOK": url}).startswith("ReadTimeout;")
    assert pauses == []


def test_what_cannot_be_sent_names_the_variables_and_what_to_check(report: Report) -> None:
    told = Webhook(url_env="HOOK", secret_env="SIGNS", kind="dingtalk")
    said = webhook.tell(told, report, {"HOOK": "http://[not-an-address", "SIGNS": KEY})
    assert said == "InvalidURL; check the address in HOOK, the key in SIGNS, and that this machine reaches it"


def test_dingtalk_takes_what_is_signed(report: Report) -> None:
    told = Webhook(url_env="HOOK", secret_env="SIGNS", kind="dingtalk")
    with robot(key=KEY, query="access_token=1") as (url, received):
        assert webhook.tell(told, report, {"HOOK": url, "SIGNS": KEY}) == ""
        assert webhook.tell(told, report, {"HOOK": url, "SIGNS": "SECanother"}).startswith("errcode 310000;")
        unsigned = webhook.tell(Webhook(url_env="HOOK", kind="dingtalk"), report, {"HOOK": url})
        assert unsigned.startswith("errcode 310000;")
        assert "SIGNS is not set" in webhook.tell(told, report, {"HOOK": url})
    assert received[0].query["access_token"] == ["1"]


def test_the_signature_is_the_one_of_dingtalks_documentation() -> None:
    """HMAC-SHA256 with the key, over time and key on a line each; this one was computed by openssl."""
    expected = "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert webhook.signature("this is secret", 1577262236757) == {"timestamp": "1577262236757", "sign": expected}


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_a_long_reason_is_cut_and_the_rest_stays(report: Report, kind: str) -> None:
    """WeCom's robot takes 2,048 bytes of text."""
    report.reason = "教务管理系统的表无法读取；" * 300
    content: Any = webhook.payload(kind, report)["text"]["content"]
    assert 2000 < len(content.encode()) <= 2048
    assert "jwxt" in content and report.advice in content and content.endswith(report.log)
