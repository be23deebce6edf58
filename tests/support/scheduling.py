"""Schedules of small homes, run by the real command, and what became of the runs."""

from __future__ import annotations

import base64
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from campus_catalog.apply.apply import apply_plan
from campus_catalog.apply.plan import Plan
from campus_catalog.apply.writers import open_writer
from campus_catalog.cli.main import COMMANDS, Settings
from campus_catalog.schedule.datahub.deploy import plan_deploy
from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.state import State
from campus_catalog.schedule.loader import SCHEDULE, load_schedule
from tests.support.content import write

#: 'campus-catalog' as it is, for :func:`scheduler`
AS_IT_IS = "from campus_catalog.cli.main import main; main()"
#: 'schedule run' with the entries' own cron lines replaced by one that is due every second
EVERY_SECOND = """
import sys
from apscheduler.triggers.interval import IntervalTrigger
from campus_catalog.schedule import loader
loader.Schedule.trigger = lambda self, entry: IntervalTrigger(seconds=1, start_date="2026-01-01", timezone="UTC")
from campus_catalog.cli.main import main
main()
"""


def schedule(home: Path, *entries: dict[str, Any], **rest: Any) -> None:
    write(home / SCHEDULE, yaml.safe_dump({"entries": list(entries), **rest}, allow_unicode=True))


def recipe(home: Path, name: str, path: Path, **config: Any) -> None:
    """A recipe that copies a metadata file; one that is not there makes the run fail."""
    content = {"pipeline_name": name, "source": {"type": "file", "config": {"path": str(path), **config}}}
    write(home / "ingestion_recipes" / f"{name}.yml", yaml.safe_dump(content))


def deploy(home: Path, target: str, prune: bool = False) -> tuple[Plan, list[str]]:
    """``schedule deploy`` in this process; returns what it changed and what it left over."""
    place = Settings(home, target)
    plan, left_over = plan_deploy(load_schedule(home, COMMANDS), place.target, prune)
    if plan.changes:
        applied = apply_plan(plan, open_writer(place.target), place.target.kind != "server")
        assert not applied.error
    return plan, left_over


def block(home: Path) -> Callable[[], None]:
    """Make whoever reads the content wait; returns what lets one of them go on."""
    path = home / "glossary" / "tags.yml"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    os.mkfifo(path)
    return lambda: threading.Thread(target=path.write_text, args=(text, "utf-8"), daemon=True).start()


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPUS_", "DATAHUB_GMS"))}
    return {**clean, **more}


@contextmanager
def scheduler(home: Path, code: str = EVERY_SECOND, grace: int = 20, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """What it says is in the file ``said`` of the home: a pipe would stay open as long as its runs."""
    command = [sys.executable, "-c", code, "--home", str(home), "schedule", "run", "--grace", str(grace)]
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(command, env=environment(**env), stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return found


def mortal() -> None:
    """For a process to be ended by a signal: under nohup, or in the background, all that is started ignores some."""
    for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sign, signal.SIG_DFL)


def state(home: Path) -> State:
    return State(home / locks.FOLDER / "state.db")


def reports(home: Path, entry: str) -> list[dict[str, Any]]:
    paths = sorted((home / ".catalog" / "runs" / entry).glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


@dataclass(frozen=True)
class Sent:
    """A message a robot got."""

    body: Any
    query: dict[str, list[str]]


@contextmanager
def robot(
    *statuses: int, body: bytes = b'{"errcode": 0}', key: str = "", query: str = "key=1"
) -> Iterator[tuple[str, list[Sent]]]:
    """An HTTP server that takes what webhooks send: its address and what it got.

    Args:
        statuses: of its answers; the last one stays. 0 hangs up instead of answering.
        body: of its answers.
        key: of a DingTalk robot that refuses what is not signed with it, as DingTalk does: status 200 and an errcode.
        query: of its address.
    """
    received: list[Sent] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            received.append(Sent(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), asked))
            status = ([*statuses] or [200])[min(len(received), len(statuses) or 1) - 1]
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if _signed(asked, key) else b'{"errcode": 310000}')

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?{query}", received
    finally:
        server.shutdown()
        server.server_close()


def _signed(asked: dict[str, list[str]], key: str) -> bool:
    if not key:
        return True
    (moment,), (sign,) = asked.get("timestamp", [""]), asked.get("sign", [""])
    expected = base64.b64encode(hmac.digest(key.encode(), f"{moment}\n{key}".encode(), "sha256")).decode()
    return sign == expected and abs(int(moment) / 1000 - time.time()) < 3600
