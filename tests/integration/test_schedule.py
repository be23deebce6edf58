"""The schedule with real processes: it runs, survives kills, keeps to its limits, and gives nothing secret away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from campus_catalog.schedule import locks
from campus_catalog.schedule.command import Log, run
from campus_catalog.schedule.loader import SCHEDULE
from campus_catalog.schedule.run import rotate
from campus_catalog.schedule.state import State
from tests.contract.standin import Standin
from tests.support.content import ROOT, campus, new_home, write

SECRET = "s3cr3t/of the+test"
#: 'schedule run' with the entries' own cron lines replaced by one that is due every second
EVERY_SECOND = """
import sys
from apscheduler.triggers.interval import IntervalTrigger
from campus_catalog.schedule import loader
loader.Schedule.trigger = lambda self, entry: IntervalTrigger(seconds=1, start_date="2026-01-01", timezone="UTC")
from campus_catalog.cli.main import main
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


def schedule(home: Path, *entries: dict[str, Any], **rest: Any) -> None:
    write(home / SCHEDULE, yaml.safe_dump({"entries": list(entries), **rest}, allow_unicode=True))


def recipe(home: Path, name: str, path: Path, **config: Any) -> None:
    """A recipe that copies a metadata file; one that is not there makes the run fail."""
    content = {"pipeline_name": name, "source": {"type": "file", "config": {"path": str(path), **config}}}
    write(home / "ingestion_recipes" / f"{name}.yml", yaml.safe_dump(content))


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
def scheduler(home: Path, code: str = EVERY_SECOND, grace: int = 20) -> Iterator[subprocess.Popen[bytes]]:
    """What it says is in the file ``said`` of the home: a pipe would stay open as long as its runs."""
    command = [sys.executable, "-c", code, "--home", str(home), "schedule", "run", "--grace", str(grace)]
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(command, env=environment(), stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], Any], seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return found


def state(home: Path) -> State:
    return State(home / locks.FOLDER / "state.db")


def reports(home: Path, entry: str) -> list[dict[str, Any]]:
    paths = sorted((home / ".catalog" / "runs" / entry).glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def test_schedule_run_runs_what_is_due_and_a_failing_entry_does_not_stop_the_others(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": "0 0 * * *"},
             {"id": "failing", "recipe": "gone", "schedule": "0 0 * * *"}, keep=2)  # fmt: skip
    recipe(home, "gone", home / "nowhere.json")
    with scheduler(home) as process:
        until(lambda: len([row for row in state(home).runs("sound") if row.outcome == "succeeded"]) >= 3)
        until(lambda: [row for row in state(home).runs("failing") if row.outcome == "failed"])
        healthy = campus("schedule", "status", "--format", "json", home=home)
        second = campus("schedule", "run", home=home)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)
    said = (home / "said").read_text()
    assert process.returncode == 0 and "stopped" in said and "Traceback" not in said
    assert second.returncode == 1 and "another 'schedule run'" in second.stderr
    assert healthy.returncode == 1
    answer = json.loads(healthy.stdout)
    assert answer["scheduler_running"] and not answer["healthy"]
    assert {entry["entry"]: entry["result"] in ("failed", "running", "due") for entry in answer["entries"]}["failing"]
    for entry in ("sound", "failing"):
        rows = state(home).runs(entry)
        assert not [row for row in rows if row.outcome in ("due", "running")], "SIGTERM waited for the runs"
        assert len(rows) == len({row.due for row in rows})
        spans = sorted((row.started, row.ended) for row in rows if row.started and row.ended)
        assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:], strict=False)), "one at a time"
        assert 1 <= len(reports(home, entry)) <= 2, "rotated"
    failed = reports(home, "failing")[-1]
    assert failed["outcome"] == "failed" and "nowhere.json" in failed["reason"] and failed["advice"]


def test_a_run_outlives_a_killed_scheduler_and_keeps_its_lock(home: Path) -> None:
    schedule(home, {"id": "slow", "command": "validate", "schedule": "0 0 * * *"})
    let_go = block(home)
    with scheduler(home) as process:
        (row,) = until(lambda: [row for row in state(home).runs("slow") if row.outcome == "running"])
        process.kill()
    assert not locks.is_free(home, "slow")
    assert campus("schedule", "once", "slow", home=home).returncode == 1
    with scheduler(home) as process:
        until(lambda: [row for row in state(home).runs("slow") if row.outcome == "skipped"])
        process.kill()
    time.sleep(1)
    let_go()
    until(lambda: locks.is_free(home, "slow"))
    ended = {row.due: row for row in state(home).runs("slow")}[row.due]
    assert (ended.outcome, ended.starts) == ("succeeded", 1), ended.reason


def test_an_interrupted_run_is_started_again_once(home: Path) -> None:
    schedule(home, {"id": "slow", "command": "validate", "schedule": "0 0 1 1 *"})
    block(home)
    now = datetime.now(timezone.utc)
    store, key = state(home), "0 0 1 1 * Asia/Shanghai"
    store.checked("slow", key, now - timedelta(seconds=2))
    store.claim("slow", [now - timedelta(seconds=1)], "due")  # a scheduler died right after this
    as_it_is = "from campus_catalog.cli.main import main; main()"
    with scheduler(home, as_it_is, grace=0) as process:
        (row,) = until(lambda: [row for row in store.runs("slow") if row.outcome == "running"])
        assert row.starts == 2
        process.terminate()
        process.wait(timeout=40)
    assert locks.is_free(home, "slow"), "after the grace the run was ended, and its command with it"
    assert store.runs("slow")[0].outcome == "interrupted"
    with scheduler(home, as_it_is):
        until(lambda: store.runs("slow")[0].outcome == "failed")
    assert "killed before it ended" in store.runs("slow")[0].reason


def test_what_cannot_be_reached_is_tried_again_and_nothing_else_is(home: Path) -> None:
    schedule(home, {"id": "dead", "command": "search x", "retries": 2, "retry_after": "1s"},
             {"id": "wrong", "command": "ingest nothing-of-this-name", "retries": 2, "retry_after": "1s"})  # fmt: skip
    assert campus("schedule", "once", "dead", home=home, target="http://127.0.0.1:9").returncode == 1
    assert campus("schedule", "once", "wrong", home=home, target="file:empty.json").returncode == 1
    (dead,), (wrong,) = reports(home, "dead"), reports(home, "wrong")
    assert (dead["outcome"], dead["attempts"]) == ("failed", 3)
    assert (wrong["outcome"], wrong["attempts"]) == ("failed", 1)
    assert "127.0.0.1:9" in dead["reason"] and dead["advice"]


def test_a_time_out_ends_the_command_and_says_so(home: Path) -> None:
    schedule(home, {"id": "slow", "command": "validate", "timeout": "5s"})
    block(home)
    assert campus("schedule", "once", "slow", home=home).returncode == 1
    (report,) = reports(home, "slow")
    assert report["outcome"] == "failed" and "took longer than 5s" in report["reason"]
    assert locks.is_free(home, "slow")


def test_a_time_out_kills_the_whole_process_tree(tmp_path: Path) -> None:
    grandchild = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    parent = (
        "import subprocess, sys, time\n"
        f"print(subprocess.Popen([sys.executable, '-c', {grandchild!r}]).pid, flush=True)\n"
        "time.sleep(600)"
    )
    log = Log(tmp_path / "run.log", lambda text: text)
    ended = run([sys.executable, "-c", parent], os.environ, tmp_path, log, 1.5, threading.Event(), keep_output=True)
    assert ended.timed_out
    until(lambda: not _alive(int(ended.output)), 5)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_logs_and_reports_beyond_the_newest_are_removed(tmp_path: Path) -> None:
    for number in range(6):
        for suffix in (".log", ".json"):
            (tmp_path / f"2026030{number + 1}T000000.000000Z{suffix}").write_text("")
    rotate(tmp_path, 2)
    assert sorted(path.name[:8] for path in tmp_path.iterdir()) == ["20260305", "20260305", "20260306", "20260306"]


@contextmanager
def robot(status: int = 200, body: bytes = b'{"errcode": 0}') -> Iterator[tuple[str, list[Any]]]:
    """An HTTP server that takes what webhooks send."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?key={SECRET.replace(' ', '+')}", received
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ["generic", "wecom", "dingtalk"])
def test_a_secret_is_in_nothing_a_run_leaves_behind(home: Path, kind: str) -> None:
    """The secret is in the environment, in the error the source raises, and in the webhook's address."""
    schedule(home, {"id": "leaky", "recipe": "leaky"},
             webhook={"url_env": "HOOK", "kind": kind, "on": ["failed"]})  # fmt: skip
    recipe(home, "leaky", Path("/nowhere/${PLACE}.json"), password="${PLACE}")
    with robot() as (url, received):
        done = campus("schedule", "once", "leaky", home=home, HOOK=url, PLACE=SECRET)
        assert done.returncode == 1
        listed = campus("schedule", "list", "--format", "json", home=home, HOOK=url, PLACE=SECRET)
        status = campus("schedule", "status", "--prometheus", str(home / "x.prom"), home=home, HOOK=url, PLACE=SECRET)
    assert len(received) == 1, done.stderr
    text = received[0]["reason"] if kind == "generic" else received[0]["text"]["content"]
    (report,) = reports(home, "leaky")
    assert report["reason"] and "***" in report["reason"] and "***" in text
    everything = [done.stdout, done.stderr, listed.stdout, status.stdout, json.dumps(received), (home / "x.prom")
                  .read_text(), (home / locks.FOLDER / "state.db").read_bytes().decode("utf-8", "replace")]  # fmt: skip
    everything += [path.read_text(encoding="utf-8") for path in (home / ".catalog" / "runs").rglob("*.*")]
    for one in everything:
        for spelling in (SECRET, SECRET.replace(" ", "+"), SECRET.replace(" ", "%20"), "hook?key"):
            assert spelling not in one


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(500, b"", "HTTP 500"), (200, b'{"errcode": 93000}', "errcode 93000"), (200, b"<html>", "JSONDecodeError")],
)
def test_a_webhook_that_fails_fails_no_run(home: Path, status: int, body: bytes, said: str) -> None:
    schedule(home, {"id": "sound", "command": "validate"},
             webhook={"url_env": "HOOK", "kind": "wecom", "on": ["succeeded"]})  # fmt: skip
    with robot(status, body) as (url, received):
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


def test_list_and_status_show_last_and_next_runs(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": "30 2 * * *"},
             {"id": "off", "command": "validate", "schedule": "30 2 * * *", "enabled": False})  # fmt: skip
    new = campus("schedule", "status", home=home)
    assert new.returncode == 1 and "sound: never ran" in new.stdout and "off:" not in new.stdout
    assert campus("schedule", "once", "sound", home=home).returncode == 0
    sound, off = json.loads(campus("schedule", "list", "--format", "json", home=home).stdout)
    assert sound["result"] == "succeeded" and sound["last_run"] and sound["next_run"].endswith("18:30:00+00:00")
    assert off["result"] == "never" and off["next_run"] is None
    well = campus("schedule", "status", "--prometheus", str(home / "x.prom"), home=home)
    assert well.returncode == 0, well.stdout
    metrics = (home / "x.prom").read_text()
    assert 'campus_catalog_last_outcome{entry="sound",outcome="succeeded"} 1' in metrics
    assert "campus_catalog_scheduler_running 0" in metrics


def test_a_run_that_is_overdue_is_trouble(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": "* * * * *"})
    then = datetime.now(timezone.utc) - timedelta(hours=2)
    store = state(home)
    store.checked("sound", "* * * * * Asia/Shanghai", then)
    store.add_manual("sound", then)
    store.begin("sound", then, then)
    store.finish("sound", then, "succeeded", then)
    done = campus("schedule", "status", home=home)
    assert done.returncode == 1 and "sound: overdue since" in done.stdout


def test_export_refers_to_secrets_and_does_not_write_them(home: Path, tmp_path: Path) -> None:
    schedule(home, {"id": "taxonomy", "recipe": "leaky", "schedule": "30 2 * * *"},
             {"id": "a.b", "command": "apply --yes", "schedule": "0 3 * * *"},
             {"id": "a-b", "command": "validate", "schedule": "0 3 * * *"})  # fmt: skip
    recipe(home, "leaky", Path("/nowhere"), password="${DB_PASSWORD}")
    out = tmp_path / "out"
    done = campus("schedule", "export", "--systemd", str(out), "--cronjob", str(out), home=home, DB_PASSWORD=SECRET)
    assert done.returncode == 0, done.stderr
    texts = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    assert len(texts) == 4, "a.b and a-b are two files"
    assert not [name for name, text in texts.items() if SECRET in text]
    job = yaml.safe_load(texts["campus-catalog-taxonomy.yml"])
    assert (job["spec"]["schedule"], job["spec"]["timeZone"]) == ("30 2 * * *", "Asia/Shanghai")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert container["command"][-3:] == ["schedule", "once", "taxonomy"]
    (password,) = [one for one in container["env"] if one["name"] == "DB_PASSWORD"]
    assert password["valueFrom"]["secretKeyRef"]["key"] == "DB_PASSWORD"
    unit = texts["campus-catalog-schedule.service"]
    assert "schedule run" in unit and "KillMode=mixed" in unit and "EnvironmentFile=/etc/" in unit


def deployed(target: str, home: Path) -> dict[str, Any]:
    from campus_catalog.catalog.target import parse_target
    from campus_catalog.catalog.writers import open_writer

    urn = "urn:li:dataHubIngestionSource:campus-jwxt"
    writer = open_writer(parse_target(target, home), read_only=True)
    info = writer.current([urn])[urn]["dataHubIngestionSourceInfo"]
    writer.finish(keep=False)
    return info


@pytest.mark.parametrize("kind", ["lite", "file", "server"])
def test_deploy_makes_ingestion_sources_and_repeats_nothing(home: Path, kind: str, gms: Standin) -> None:
    entry = {"id": "jwxt", "name": "教务管理系统", "recipe": "jwxt", "schedule": "40 1 * * *",
             "extra_pip": '["campus-catalog"]', "extra_env": "TZ=Asia/Shanghai", "executor_id": "campus"}  # fmt: skip
    schedule(home, entry, {"id": "apply", "command": "apply --yes", "schedule": "0 1 * * *"})
    write(home / "ingestion_recipes" / "jwxt.yml", (ROOT / "ingestion_recipes" / "jwxt.yml").read_text("utf-8"))
    target = {"lite": "lite:catalog.db", "file": "file:catalog.json", "server": gms.url}[kind]
    dry = campus("schedule", "deploy", "--dry-run", home=home, target=target)
    assert dry.returncode == 0 and "1 to add" in dry.stdout, dry.stderr
    first = campus("schedule", "deploy", home=home, target=target, CAMPUS_PG_PASSWORD=SECRET)
    assert first.returncode == 0 and "1 written" in first.stdout, first.stderr
    info = deployed(target, home)
    assert (info["name"], info["type"]) == ("教务管理系统", "campus-system")
    assert info["schedule"] == {"interval": "40 1 * * *", "timezone": "Asia/Shanghai"}
    assert info["config"]["executorId"] == "campus"
    assert info["config"]["extraArgs"] == {
        "extra_pip_requirements": '["campus-catalog"]', "extra_env_vars": '{"TZ": "Asia/Shanghai"}'
    }  # fmt: skip
    text = info["config"]["recipe"]
    assert json.loads(text)["source"]["config"]["source"]["config"]["password"] == "${CAMPUS_PG_PASSWORD}"
    assert SECRET not in text
    again = campus("schedule", "deploy", home=home, target=target)
    assert "nothing to change" in again.stdout
    schedule(home, {**entry, "enabled": False})
    assert "1 to change" in campus("schedule", "deploy", home=home, target=target).stdout
    assert not deployed(target, home).get("schedule")


def test_apply_prune_leaves_deployed_sources_alone(home: Path) -> None:
    schedule(home, {"id": "jwxt", "recipe": "taxonomy", "schedule": "40 1 * * *"})
    for arguments in (["apply", "--yes"], ["schedule", "deploy"], ["apply", "--yes", "--prune"]):
        done = campus(*arguments, home=home)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing to change" in campus("schedule", "deploy", home=home).stdout
