"""The end of a scheduler that waits for its runs."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.processes import Processes
from campus_catalog.schedule.state import State


def test_the_grace_is_for_all_runs_together(tmp_path: Path) -> None:
    processes = Processes(tmp_path, "", State(tmp_path / "state.db"), lambda: Schedule(tmp_path))
    runs = [subprocess.Popen(["sleep", str(seconds)]) for seconds in (0.5, 1.0, 1.5, 30)]
    processes._children = {str(number): run for number, run in enumerate(runs)}
    began = time.monotonic()
    processes.stop(0.7)
    assert time.monotonic() - began < 1.4
    assert [run.returncode for run in runs] == [0, -15, -15, -15]
