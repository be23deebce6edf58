"""One command in a process group of its own: output without secrets, time limited, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO

from campus_catalog.schedule.here.flag import Flag

#: a log longer than this is cut: a command gone wild must not fill the disk
MAX_LOG = 20 * 1024 * 1024
#: seconds between SIGTERM and SIGKILL
_GRACE = 5.0
_LAST_LINES = 20


@dataclass
class Ended:
    """How a command ended.

    Attributes:
        code: exit code; negative for a signal.
        output: what it printed, when that was asked for; otherwise it is in the log.
        last: the last lines of the log.
    """

    code: int
    timed_out: bool = False
    stopped: bool = False
    output: str = ""
    last: list[str] = field(default_factory=list)


class Log:
    """A log file that takes lines from several threads, without secrets and not without end.

    Args:
        path: the file; lines are added to what it has.
        redact: takes the secrets out of a line.

    Attributes:
        last: the last lines.
        fault: why the file could not be written: a full disk must not leave the command without a reader.
    """

    def __init__(self, path: Path, redact: Callable[[str], str]):
        self._redact, self._lock, self._size = redact, threading.Lock(), 0
        self.fault = ""
        # without a buffer: what a full disk refuses is not tried again at the end
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            self.fault, self._file = str(error), Path(os.devnull).open("ab", buffering=0)  # noqa: SIM115 (as above)
        self.last: deque[str] = deque(maxlen=_LAST_LINES)

    def write(self, line: str) -> None:
        """Append one line.

        Args:
            line: with or without its end.
        """
        line = self._redact(line.rstrip("\n"))
        with self._lock:
            self.last.append(line)
            if self._size > MAX_LOG or self._file.closed or self.fault:
                return
            self._size += len(line.encode("utf-8")) + 1
            text = line + "\n" if self._size <= MAX_LOG else "the log is cut here: too long\n"
            try:
                self._file.write(text.encode("utf-8"))
            except OSError as error:
                self.fault = str(error.strerror)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    log: Log,
    timeout: float,
    stop: Flag,
    keep_output: bool = False,
    held: Sequence[int] = (),
) -> Ended:
    """Run a command to its end, its time-out, or ``stop``.

    Args:
        arguments: the program and its arguments.
        environment: all of its environment.
        folder: its current folder.
        log: gets what it prints, line by line.
        timeout: seconds it may take.
        stop: once set, it is told to end.
        keep_output: return stdout instead of logging it.
        held: open files (locks) the command holds as long as it lives.

    Returns:
        How it ended; nothing of its process group is left.
    """
    log.last.clear()
    process = subprocess.Popen(
        arguments,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        pass_fds=tuple(held),
    )
    output: list[str] = []
    assert process.stdout and process.stderr
    readers = [
        threading.Thread(target=_read, args=(process.stdout, output.append if keep_output else log.write), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, log.write), daemon=True),
    ]
    for reader in readers:
        reader.start()
    ended = Ended(0)
    deadline = monotonic() + timeout
    while process.poll() is None:
        ended.stopped = stop.is_set()
        ended.timed_out = not ended.stopped and monotonic() >= deadline
        if ended.stopped or ended.timed_out:
            _end(process)
            break
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    _signal(process, signal.SIGKILL)  # what it left behind in its group
    ended.code = process.wait()
    for reader in readers:
        reader.join(5)
    ended.output, ended.last = "".join(output), list(log.last)
    return ended


def _read(stream: IO[str], take: Callable[[str], object]) -> None:
    for line in stream:
        take(line)


def _end(process: subprocess.Popen[str]) -> None:
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def _signal(process: subprocess.Popen[str], sign: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)
