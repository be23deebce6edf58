"""Scheduled runs that are killed or see only part of a system: the schedule says so, and the catalog stays sound."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.schedule.here import locks
from tests.support.content import campus, new_home
from tests.support.live import School, read_lite
from tests.support.scheduling import AS_IT_IS, block, environment, reports, robot, schedule, scheduler, state, until

LITE = "lite:.catalog/datahub.db"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


def once(home: Path, *words: str, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
    """``schedule once`` as a process of its own group."""
    command = [sys.executable, "-c", AS_IT_IS, "--home", str(home), "--target", LITE, "schedule", "once", *words]
    return subprocess.Popen(
        command, env=environment(**env or {}), start_new_session=True, stderr=subprocess.PIPE, text=True, **options
    )


def due_once(home: Path, entry: str, **rest: Any) -> datetime:
    """Put 'validate' on the schedule, due five minutes ago and not before next year again; returns when."""
    then = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=5)
    line = f"{then.minute} {then.hour} {then.day} {then.month} *"
    schedule(home, {"id": entry, "command": "validate", "schedule": line, "time_zone": "UTC"}, **rest)
    state(home).checked(entry, f"{line} UTC", then - timedelta(minutes=1))
    return then


def command_of(home: Path, run: int) -> int:
    """The process of the command that the run of this process id started, once it is at work."""

    def child() -> int:
        found = Path(f"/proc/{run}/task/{run}/children").read_text().split()
        return int(found[0]) if found else 0

    command: int = until(child)
    return command


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_command_dies_with_its_run(home: Path) -> None:
    """Only the run is killed, not its group: nobody would be left to stop its command in time."""
    schedule(home, {"id": "slow", "command": "validate"})
    let_go = block(home)
    process = once(home, "slow")
    command = command_of(home, process.pid)
    process.kill()
    process.wait()
    until(lambda: not alive(command))
    until(lambda: locks.is_free(home, "slow"), 5)
    assert state(home).runs("slow")[0].outcome == "running", "a kill leaves no time to record an end"
    listed = json.loads(campus("schedule", "list", "--format", "json", home=home).stdout)
    assert listed[0]["result"] == "failed", "nobody starts it again"
    let_go()
    assert campus("schedule", "once", "slow", home=home).returncode == 0


def test_a_run_killed_under_a_living_scheduler_is_started_again_by_it(home: Path) -> None:
    then = due_once(home, "slow")
    let_go, store = block(home), state(home)
    with scheduler(home, AS_IT_IS) as process:
        until(lambda: [row for row in store.runs("slow") if row.outcome == "running"])
        run = command_of(home, process.pid)
        os.kill(run, signal.SIGKILL)
        until(lambda: store.runs("slow")[0].starts == 2)
        let_go()
        until(lambda: store.runs("slow")[0].outcome == "succeeded")
        assert process.poll() is None
    (row,) = store.runs("slow")
    assert (row.due, row.starts) == (then, 2)
    assert "was interrupted; starting it again" in (home / "said").read_text()


def running(home: Path, entry: str, starts: int) -> bool:
    newest = state(home).runs(entry)[:1]
    return [(row.outcome, row.starts) for row in newest] == [("running", starts)]


def last_words(home: Path, report: dict[str, Any]) -> str:
    return (home / report["log"]).read_text(encoding="utf-8").splitlines()[-1]


def test_a_run_killed_twice_has_failed_and_says_so_everywhere(home: Path) -> None:
    due_once(home, "slow", webhook={"url_env": "HOOK"})
    block(home)
    with robot() as (url, received), scheduler(home, AS_IT_IS, HOOK=url) as process:
        for starts in (1, 2):
            until(lambda starts=starts: running(home, "slow", starts))  # type: ignore[misc]
            os.kill(command_of(home, process.pid), signal.SIGKILL)
        until(lambda: received)
        status = campus("schedule", "status", home=home)
    (row,), (report,) = state(home).runs("slow"), reports(home, "slow")
    assert row.outcome == report["outcome"] == received[0].body["outcome"] == "failed"
    assert row.reason == report["reason"] == received[0].body["reason"] == "the run was killed before it ended"
    assert report["advice"] and last_words(home, report).endswith(f"failed: {row.reason}; {report['advice']}")
    assert f"slow failed: {row.reason}" in (home / "said").read_text() and len(received) == 1
    assert status.returncode == 1 and f"slow: failed: {row.reason}; log: {home}" in status.stdout


def test_a_run_stopped_with_its_scheduler_is_started_again_with_it(home: Path) -> None:
    due_once(home, "slow", webhook={"url_env": "HOOK"})
    let_go, store = block(home), state(home)
    with robot() as (url, received):
        with scheduler(home, AS_IT_IS, grace=0, HOOK=url) as process:
            until(lambda: running(home, "slow", 1))
            command_of(home, command_of(home, process.pid))
            process.terminate()
            process.wait(timeout=60)
        assert store.runs("slow")[0].outcome == "interrupted" and reports(home, "slow") == []
        stopped = campus("schedule", "status", home=home)
        assert stopped.returncode == 1 and "slow: interrupted, and no scheduler is running" in stopped.stdout
        with scheduler(home, AS_IT_IS, HOOK=url):
            until(lambda: running(home, "slow", 2))
            let_go()
            until(lambda: store.runs("slow")[0].outcome == "succeeded")
    assert received == []


def test_a_run_by_hand_that_is_told_to_stop_has_failed(home: Path) -> None:
    """As Kubernetes tells a pod; nobody starts the run again."""
    schedule(home, {"id": "slow", "command": "validate"}, webhook={"url_env": "HOOK"})
    block(home)
    with robot() as (url, received):
        process = once(home, "slow", env={"HOOK": url})
        command_of(home, process.pid)
        process.terminate()
        _, said = process.communicate(timeout=60)
    status = campus("schedule", "status", home=home)
    (report,) = reports(home, "slow")
    assert process.returncode == 1 and "slow failed: told to stop" in said
    assert (report["outcome"], report["reason"]) == ("failed", "told to stop")
    assert received[0].body["outcome"] == "failed" and "failed: told to stop" in last_words(home, report)
    assert status.returncode == 1 and "slow: failed: told to stop" in status.stdout
    assert "start 'campus-catalog schedule run'" not in status.stdout


def test_the_next_run_by_hand_tells_of_one_that_was_killed(home: Path) -> None:
    """As that of a CronJob whose pod ran out of memory."""
    schedule(home, {"id": "slow", "command": "validate", "schedule": "0 1 * * *"}, webhook={"url_env": "HOOK"})
    let_go = block(home)
    process = once(home, "slow")
    command_of(home, process.pid)
    process.kill()
    process.communicate()
    until(lambda: locks.is_free(home, "slow"), 5)
    status = campus("schedule", "status", home=home)
    assert status.returncode == 1 and "slow: failed: the run was killed before it ended" in status.stdout
    let_go()
    with robot() as (url, received):
        assert campus("schedule", "once", "slow", home=home, HOOK=url).returncode == 0
    assert [one.body["reason"] for one in received] == ["the run was killed before it ended"]
    assert [report["outcome"] for report in reports(home, "slow")] == ["failed", "succeeded"]
    assert campus("schedule", "status", home=home).returncode == 0


def test_an_entry_taken_out_before_its_run_begins_leaves_no_run_open(home: Path) -> None:
    """Between the scheduler's look at the schedule and that of the run it starts."""
    due = due_once(home, "gone")
    assert state(home).claim("gone", [due], "due")
    schedule(home, {"id": "other", "command": "validate"})
    lock = locks.take(home, "gone")
    assert lock is not None
    process = once(home, "gone", "--due", due.isoformat(), "--lock", str(lock), pass_fds=(lock,))
    _, said = process.communicate(timeout=60)
    locks.release(lock)
    (row,) = state(home).runs("gone")
    assert (row.outcome, row.reason) == ("failed", "it is no longer in the schedule")
    assert process.returncode == 1 and "gone failed: it is no longer in the schedule" in said


def test_an_apply_killed_on_schedule_is_finished_by_the_next(home: Path) -> None:
    schedule(home, {"id": "apply", "command": "apply --yes"})
    began = time.monotonic()
    assert once(home, "apply").wait(60) == 0
    duration = time.monotonic() - began
    path = home / ".catalog" / "datahub.db"
    undisturbed = read_lite(path)
    moments = random.Random(5)
    for number in range(4):
        for file in (home / ".catalog").glob("datahub.db*"):
            file.unlink()
        process = once(home, "apply")
        time.sleep(duration * (0.45 + (number + moments.random()) / 8))
        # by turns the whole group, and the run alone
        (os.killpg if number % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        until(lambda: locks.is_free(home, "apply"), 10)
        if path.exists():
            with closing(sqlite3.connect(path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert once(home, "apply").wait(60) == 0
        assert read_lite(path) == undisturbed
    assert locks.is_free(home, "_target")


# -- runs that see only part of a system ---------------------------------------------------------------------------

TABLES = """
CREATE TABLE jw_kc (kch varchar(10) PRIMARY KEY);
CREATE TABLE jw_cj (xh varchar(10) PRIMARY KEY);
CREATE VIEW v_cj AS SELECT xh FROM jw_cj;
"""
SYSTEM: dict[str, Any] = {
    "id": "jwxt", "name": "教务管理系统", "platform": "mariadb", "database": "partly", "connected": True,
    "subset": "教育资源管理子集", "unit": "教务处", "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
    "datasets": [{"table": "jw_kc", "name": "课程信息"}],
}  # fmt: skip


def urn(table: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:mariadb,partly.{table},PROD)"


def removed(path: Path) -> set[str]:
    return {urn for urn, aspects in read_lite(path).items() if aspects.get("status", {}).get("removed")}


def test_what_could_not_be_read_makes_a_partial_run_that_says_so_everywhere(tmp_path: Path, mariadb: Any) -> None:
    """A view the account may no longer look into, and a table that has gone: neither is marked removed."""
    mariadb.create_database("partly", TABLES, replace=True)
    mariadb.execute("", "CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reads';"
                        "GRANT SELECT, SHOW VIEW ON partly.* TO reader@'%'")  # fmt: skip
    school = School(tmp_path / "home")
    home, path = school.home, school.home / ".catalog" / "datahub.db"
    school.declare(SYSTEM)
    school.connect("jwxt", {"type": "mariadb", "config": {
        "host_port": mariadb.host_port, "database": "partly", "username": "reader", "password": "${DB_PASSWORD}",
        "stateful_ingestion": {"enabled": True, "state_provider": {
            "type": "file", "config": {"filename": ".catalog/state/jwxt.json"}}},
    }})  # fmt: skip
    schedule(home, {"id": "jwxt", "recipe": "jwxt", "schedule": "0 0 1 1 *"},
             webhook={"url_env": "HOOK", "on": ["partial"]})  # fmt: skip
    with robot() as (url, received):
        env = {"DB_PASSWORD": "reads", "HOOK": url}
        first = campus("schedule", "once", "jwxt", home=home, **env)
        assert first.returncode == 0, first.stderr
        assert {urn("jw_kc"), urn("jw_cj"), urn("v_cj")} <= set(read_lite(path)) and removed(path) == set()
        mariadb.execute("partly", "RENAME TABLE jw_cj TO jw_cj_2")  # the view is now of a table that is not there
        second = campus("schedule", "once", "jwxt", home=home, **env)
        status = campus("schedule", "status", "--prometheus", str(home / "x.prom"), home=home, **env)
    assert second.returncode == 1, second.stderr
    assert removed(path) == set(), "not even what has really gone: the run did not see everything"
    assert urn("jw_cj_2") in read_lite(path), "what could be read is written"
    report = reports(home, "jwxt")[-1]
    assert report["outcome"] == "partial" and report["missing"] == ["partly.v_cj"], report
    assert "v_cj" in report["reason"] and report["advice"] in second.stderr
    (told,) = received
    assert told.body["outcome"] == "partial" and told.body["missing"] == report["missing"]
    assert status.returncode == 1 and "jwxt: partial: " in status.stdout
    metrics = (home / "x.prom").read_text()
    assert 'campus_catalog_last_outcome{entry="jwxt",outcome="partial"} 1' in metrics
    assert 'campus_catalog_last_outcome{entry="jwxt",outcome="succeeded"} 0' in metrics

    mariadb.execute("partly", "DROP VIEW v_cj")
    third = campus("schedule", "once", "jwxt", home=home, **env)
    assert third.returncode == 0, third.stderr
    assert removed(path) == {urn("v_cj"), urn("jw_cj")}, "the next whole run marks what has gone"
