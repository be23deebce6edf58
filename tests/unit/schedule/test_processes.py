"""Runs that end, of themselves or not, as the scheduler sees them."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.schedule.here.processes import Processes
from campus_catalog.schedule.here.state import State, StateError
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Webhook
from tests.support.scheduling import robot, until


def test_the_grace_is_for_all_runs_together(tmp_path: Path) -> None:
    processes = Processes(tmp_path, "", State(tmp_path / "state.db"), lambda: Schedule(tmp_path))
    runs = [subprocess.Popen(["sleep", str(seconds)]) for seconds in (0.5, 1.0, 1.5, 30)]
    processes._children = {str(number): run for number, run in enumerate(runs)}
    began = time.monotonic()
    processes.stop(0.7)
    assert time.monotonic() - began < 1.4
    assert [run.returncode for run in runs] == [0, -15, -15, -15]


def test_a_killed_run_is_told_once_the_state_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the run is found anew every few seconds."""
    state, due = State(tmp_path / "state.db"), datetime(2026, 3, 1, tzinfo=timezone.utc)
    state.add_manual("night", due)
    place = Schedule(tmp_path, webhook=Webhook(url_env="HOOK"))
    processes = Processes(tmp_path, "", state, lambda: place)

    def full(*row: Any) -> None:
        raise StateError("disk full")

    with robot() as (url, received):
        monkeypatch.setenv("HOOK", url)
        with monkeypatch.context() as patch:
            patch.setattr(state, "finish", full)
            for _ in range(3):
                with pytest.raises(StateError):
                    processes.close(state.runs("night")[0], "")
        processes.close(state.runs("night")[0], "")
        until(lambda: received)
        time.sleep(0.2)
    assert [one.body["outcome"] for one in received] == ["failed"]
