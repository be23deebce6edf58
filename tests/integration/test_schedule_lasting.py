"""The schedule over the years: content that changes under it, full disks, folders that cannot be written, two homes."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.schedule.here import locks
from campus_catalog.schedule.loader import SCHEDULE
from tests.support.content import campus, new_home, replace, write
from tests.support.scheduling import (
    AS_IT_IS,
    environment,
    recipe,
    reports,
    robot,
    schedule,
    scheduler,
    state,
    until,
)

YEARLY = "0 0 1 1 *"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


def said(home: Path) -> str:
    return (home / "said").read_text(encoding="utf-8")


def status(home: Path) -> tuple[int, dict[str, Any]]:
    done = campus("schedule", "status", "--format", "json", home=home)
    return done.returncode, json.loads(done.stdout)


# -- content that changes ------------------------------------------------------------------------------------------


def test_a_changed_schedule_is_taken_in_without_a_restart(home: Path) -> None:
    schedule(home, {"id": "first", "command": "validate", "schedule": YEARLY})
    with scheduler(home) as process:
        until(lambda: state(home).last("first", "succeeded"))
        schedule(home, {"id": "second", "command": "validate", "schedule": YEARLY})
        until(lambda: state(home).last("second", "succeeded"))
        count = len(state(home).runs("first"))
        until(lambda: len(state(home).runs("second")) >= 3)
        assert len(state(home).runs("first")) == count, "what is off the schedule is not started any more"
        assert process.poll() is None
    assert "Traceback" not in said(home)


def test_a_schedule_with_faults_leaves_the_one_of_before_in_force_and_is_said_once(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "plan", "schedule": YEARLY})
    good = (home / SCHEDULE).read_text(encoding="utf-8")
    with scheduler(home) as process:
        until(lambda: state(home).last("sound", "succeeded"))
        replace(home / SCHEDULE, "command: plan", "comand: plan")
        until(lambda: "unknown-key" in said(home))
        count = len(state(home).runs("sound"))
        until(lambda: len([row for row in state(home).runs("sound") if row.outcome == "succeeded"]) >= count + 2)
        code, answer = status(home)
        assert code == 1 and not answer["healthy"] and answer["scheduler_running"]
        assert any(fault.startswith(f"{SCHEDULE.as_posix()}:2: [unknown-key]") for fault in answer["faults"])
        assert [entry["entry"] for entry in answer["entries"]] == ["sound"]
        assert "stays in force" in campus("schedule", "status", home=home).stdout
        assert said(home).count("unknown-key") == 1, "once per change"
        (home / SCHEDULE).write_text(good, encoding="utf-8")
        until(lambda: said(home).count("1 of 1 entries are on the schedule") == 2)
        assert status(home)[1]["faults"] == []
        assert process.poll() is None


def test_a_recipe_that_comes_mends_the_schedule(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": YEARLY})
    with scheduler(home):
        until(lambda: state(home).last("sound", "succeeded"))
        schedule(home, {"id": "late", "recipe": "late", "schedule": YEARLY})
        until(lambda: "没有名为「late」的采集配置" in said(home))
        recipe(home, "late", home / "nowhere.json")
        until(lambda: state(home).last("late", "failed"))


def test_sighup_takes_in_a_change_at_once(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": YEARLY})
    with scheduler(home, AS_IT_IS) as process:
        until(lambda: "1 of 1 entries" in said(home))
        process.send_signal(signal.SIGHUP)
        until(lambda: said(home).count("1 of 1 entries") == 2)  # though nothing changed
        process.terminate()
        assert process.wait(30) == 0


def test_a_scheduler_started_again_goes_by_the_schedule_of_before(home: Path) -> None:
    """After a power cut at night, with content that was broken in the afternoon."""
    schedule(home, {"id": "sound", "command": "plan", "schedule": YEARLY})
    with scheduler(home, AS_IT_IS):
        until(lambda: "1 of 1 entries" in said(home))
    write(home / SCHEDULE, "entries: [\n")
    with scheduler(home):
        until(lambda: state(home).last("sound", "succeeded"))
    assert f"{SCHEDULE.as_posix()}:" in said(home)
    by_hand = campus("schedule", "once", "sound", home=home)
    assert by_hand.returncode == 1 and "[yaml]" in by_hand.stderr


def test_a_schedule_with_faults_and_none_before_is_refused(home: Path) -> None:
    write(home / SCHEDULE, "entries: [\n")
    for words in (["run"], ["status"], ["once", "x"]):
        done = campus("schedule", *words, home=home)
        assert done.returncode == 1 and "[yaml]" in done.stderr, words
    assert locks.is_free(home, "_scheduler")


# -- machines with faults ------------------------------------------------------------------------------------------


def full(home: Path, size: int, *words: str) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond so many bytes: what a full disk is to a program that runs as root."""
    return subprocess.run(
        [sys.executable, "-c", AS_IT_IS, "--home", str(home), "--target", "file:out.json", *words],
        env=environment(HOOK=os.environ.get("HOOK", "")), capture_output=True, text=True, timeout=90,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip


def test_a_full_disk_under_the_log_ends_the_run_and_is_said(home: Path) -> None:
    """More output than the log may hold, and than a pipe holds that nobody reads."""
    systems = home / "ingestion_recipes" / "systems"
    for number in range(2000):
        write(systems / f"x{number}.yml", "- fault\n")
    schedule(home, {"id": "much", "command": "validate", "timeout": "1m"})
    state(home)  # large enough already
    done = full(home, 40_960, "schedule", "once", "much")
    assert done.returncode == 1
    assert "File too large" in done.stderr and f"make room below {home}" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and "Internal error" not in done.stderr
    (row,) = state(home).runs("much")
    assert row.outcome == "failed" and "problem(s)" in row.reason, "why it failed is known all the same"


def test_a_disk_too_full_for_the_state_is_said_in_a_line(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate"})
    done = full(home, 100, "schedule", "once", "sound")
    assert done.returncode == 1
    assert "state.db" in done.stderr and "Traceback" not in done.stderr and "Internal error" not in done.stderr


def test_a_home_that_may_not_be_written_is_said_in_a_line(home: Path) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": YEARLY})
    (home / ".catalog").write_text("a file where the folder should be", encoding="utf-8")  # root may write any folder
    for words in (["run"], ["once", "sound"], ["status"], ["list"]):
        done = campus("schedule", *words, home=home)
        assert done.returncode == 1, (words, done.stderr)
        assert f"{home}/.catalog" in done.stderr and "cannot be written" in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr and "Internal error" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [("status", "--prometheus", ""), ("export", "--systemd", ""), ("export", "--cronjob", ""), ("pack", "--out", ""),
     ("export", "--cronjob", "k8s", "--image", ""), ("once", "sound", "--lock", "99"),
     ("once", "sound", "--due", "2026-03-01")],
)  # fmt: skip
def test_what_a_script_forgot_to_fill_in_is_wrong_usage(home: Path, words: tuple[str, ...]) -> None:
    schedule(home, {"id": "sound", "command": "validate", "schedule": YEARLY})
    done = campus("schedule", *words, home=home)
    assert done.returncode == 2 and ("must not be empty" in done.stderr or "given together" in done.stderr)


def test_two_homes_on_one_machine_know_nothing_of_each_other(tmp_path: Path) -> None:
    homes = [new_home(tmp_path / name) for name in ("north", "south")]
    for home in homes:
        schedule(home, {"id": "sound", "command": "validate", "schedule": YEARLY})
    with scheduler(homes[0]), scheduler(homes[1]):
        for home in homes:
            until(lambda home=home: state(home).last("sound", "succeeded"))  # type: ignore[misc]
        assert campus("schedule", "run", home=homes[0]).returncode == 1


def test_what_failed_names_its_log(home: Path) -> None:
    schedule(home, {"id": "broken", "recipe": "gone", "schedule": YEARLY},
             webhook={"url_env": "HOOK", "kind": "wecom"})  # fmt: skip
    recipe(home, "gone", home / "nowhere.json")
    with robot() as (url, received):
        done = campus("schedule", "once", "broken", home=home, HOOK=url)
    (report,) = reports(home, "broken")
    log = home / report["log"]
    assert log.is_file() and report["advice"] in log.read_text(encoding="utf-8")
    assert str(log) in done.stderr and report["advice"] in done.stderr
    assert str(log) in campus("schedule", "status", home=home).stdout
    assert report["log"] in received[0].body["text"]["content"]
