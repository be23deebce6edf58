"""A flag that signal handlers raise: whenever a second signal comes, nothing waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from campus_catalog.schedule.flag import Flag

#: a loop as that of `schedule run`, hit by its own signals as densely as they can come
HIT = """
import os, signal, threading, time
from campus_catalog.schedule.flag import Flag
stop, hits = Flag(), 0
def take(*_):
    global hits
    stop.set()
    hits += 1
    if hits < 400:
        os.kill(os.getpid(), signal.SIGTERM)  # while the handler still runs
for sign in (signal.SIGTERM, signal.SIGINT):
    signal.signal(sign, take)
threading.Thread(target=lambda: [os.kill(os.getpid(), signal.SIGINT) for _ in range(2000)], daemon=True).start()
while hits < 400:
    stop.wait(0.01)
    stop.clear()
print("stopped")
"""


def test_signals_in_the_handler_of_a_signal_do_not_hang_it() -> None:
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
