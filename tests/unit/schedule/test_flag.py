"""A flag that signal handlers raise: whenever a second signal comes, nothing waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from campus_catalog.schedule.here.flag import Flag

#: a loop as that of `schedule run`, hit by signals as densely as a timer can send them
HIT = """
import signal, time
from campus_catalog.schedule.here.flag import Flag
stop, hits = Flag(), 0
def take(*_):
    global hits
    hits += 1
    stop.set()
signal.signal(signal.SIGALRM, take)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
ends = time.monotonic() + 2
while time.monotonic() < ends:
    stop.wait(0.01)
    stop.clear()
signal.setitimer(signal.ITIMER_REAL, 0)
assert hits > 1000, hits
print("stopped")
"""


def test_signals_however_dense_do_not_hang_it() -> None:
    done = subprocess.run([sys.executable, "-c", HIT], capture_output=True, text=True, timeout=60)
    assert done.stdout == "stopped\n", done.stderr[-500:]


def test_waiting_ends_when_it_is_raised_and_otherwise_in_time() -> None:
    flag, began = Flag(), time.monotonic()
    assert not flag.wait(0.2) and 0.2 <= time.monotonic() - began < 5
    signal.signal(signal.SIGUSR1, lambda *_: flag.set())
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert flag.wait(30) and flag.is_set()
        flag.clear()
        assert not flag.is_set()
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
