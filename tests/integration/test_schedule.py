"""The schedule with real processes: it runs, survives kills, keeps to its limits, and gives nothing secret away."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.schedule.here import locks
from campus_catalog.schedule.here.command import Log, run
from campus_catalog.schedule.here.files import rotate
from campus_catalog.schedule.here.flag import Flag
from tests.contract.standin import Standin
from tests.support.content import ROOT, campus, new_home, write
from tests.support.scheduling import AS_IT_IS, block, recipe, reports, schedule, scheduler, state, until

SECRET = "s3cr3t/of the+test"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


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
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans)), "one at a time"
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
    with scheduler(home, AS_IT_IS, grace=0) as process:
        (row,) = until(lambda: [row for row in store.runs("slow") if row.outcome == "running"])
        assert row.starts == 2
        process.terminate()
        process.wait(timeout=60)
    assert locks.is_free(home, "slow"), "after the grace the run was ended, and its command with it"
    (row,) = store.runs("slow")
    assert (row.outcome, row.reason) == ("failed", "told to stop"), "it would not be started a third time"
    assert [report["outcome"] for report in reports(home, "slow")] == ["failed"]


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
    ended = run([sys.executable, "-c", parent], os.environ, tmp_path, log, 1.5, Flag(), keep_output=True)
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


def deployed(target: str, home: Path) -> dict[str, Any]:
    from campus_catalog.apply.writers import open_writer
    from campus_catalog.catalog.target import parse_target

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
    text = (ROOT / "ingestion_recipes" / "jwxt.yml").read_text("utf-8").replace("campus-system", "campus-register")
    write(home / "ingestion_recipes" / "jwxt.yml", text)
    target = {"lite": "lite:catalog.db", "file": "file:catalog.json", "server": gms.url}[kind]
    dry = campus("schedule", "deploy", "--dry-run", home=home, target=target)
    assert dry.returncode == 0 and "1 to add" in dry.stdout, dry.stderr
    first = campus("schedule", "deploy", home=home, target=target, CAMPUS_PG_PASSWORD=SECRET)
    assert first.returncode == 0 and "1 written" in first.stdout, first.stderr
    info = deployed(target, home)
    assert (info["name"], info["type"]) == ("教务管理系统", "campus-register")
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
