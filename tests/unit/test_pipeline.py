"""DataHub's pipeline as `ingest` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.scheduling import AS_IT_IS, environment

#: 'campus-catalog' that says on stderr when it looks for or connects to anybody
WATCHED = f"""
import sys
asks = ("socket.getaddrinfo", "socket.connect")
sys.addaudithook(lambda name, facts: name in asks and print("asked", facts, file=sys.stderr))
{AS_IT_IS}
"""


def test_a_run_into_a_local_target_speaks_to_nobody(home: Path) -> None:
    words = ["--home", str(home), "--target", "file:out.json", "ingest", "taxonomy"]
    done = subprocess.run([sys.executable, "-c", WATCHED, *words], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0 and "aspects changed" in done.stdout
    assert done.stderr == ""
