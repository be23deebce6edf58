"""`campus-catalog` in a process of its own, which need not import everything anew: a start takes no second of work.

A server imports all of the command and forks a process for each run. Such a process has the arguments, the environment,
the folder and the output it is to have, runs ``main`` as the console script does, and ends as Python ends. Nothing but
imports has happened in it before. The server lives as long as the process of pytest that first asked for it.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: the variables that are looked at when Python starts or when DataHub is imported, and those of the latter that are not
_EARLY, _LATER = ("PYTHON", "LANG", "LC_", "TZ", "DATAHUB_"), "DATAHUB_GMS_"
#: what the server is started with; nobody's own settings are at that home
_ENVIRONMENT = {**os.environ, "HOME": "/nowhere"}
#: sources imported by what runs a recipe
_SOURCES = ("file", "sql.mysql", "sql.mariadb", "sql.postgres", "sql.sql_generic")


def run(
    arguments: Iterable[str], environment: dict[str, str], folder: Path, timeout: float, together: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `campus-catalog` to its end, like ``subprocess.run``.

    Args:
        arguments: of the command line.
        environment: all of it; with what counts before a command begins, it is started as a user starts it.
        folder: the current one of the process.
        timeout: seconds it may take.
        together: stderr goes where stdout goes.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was killed.
    """
    command = [str(Path(sys.executable).with_name("campus-catalog")), *arguments]
    if _early(environment) != _early(_ENVIRONMENT):
        return subprocess.run(
            command, cwd=folder, env=environment, timeout=timeout, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT if together else subprocess.PIPE,
        )  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _forked(
            [command, environment, str(folder)], [out.fileno(), (out if together else err).fileno()], timeout
        )
        out.seek(0)
        err.seek(0)
        said, faults = (file.read().decode("utf-8") for file in (out, err))
    return subprocess.CompletedProcess(command, code, said, None if together else faults)


def _early(environment: dict[str, str]) -> dict[str, str]:
    """What of an environment cannot be given to a process that has its imports behind it."""
    early = (name for name in environment if name.startswith(_EARLY) and not name.startswith(_LATER))
    found = {name: environment[name] for name in early}
    settings = Path(environment.get("HOME", ""), ".datahubenv")
    return {**found, "HOME": str(settings)} if settings.exists() else found


def _forked(request: list[object], output: list[int], timeout: float) -> int:
    """Have a request run; returns its exit code, negative for the signal that ended it."""
    ours, theirs = socket.socketpair()
    with ours, ours.makefile() as answer:
        with theirs:
            socket.send_fds(_server(), [json.dumps(request).encode()], [*output, theirs.fileno()])
        ours.settimeout(timeout)
        process = int(answer.readline())
        try:
            return int(answer.readline())
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            raise subprocess.TimeoutExpired(str(request[0]), timeout) from None


@cache
def _server() -> socket.socket:
    """Where to send requests; the server ends when this is closed, at the latest with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())], cwd=ROOT, env=_ENVIRONMENT,
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return ours


def _serve(requests: socket.socket) -> None:
    import campus_catalog

    logging.getLogger().addHandler(logging.NullHandler())  # as main does: DataHub sets logging up where nobody has
    ours = (module.name for module in pkgutil.walk_packages(campus_catalog.__path__, "campus_catalog."))
    for name in (*ours, *(f"datahub.ingestion.source.{name}" for name in _SOURCES)):
        if not name.endswith(".__main__"):
            importlib.import_module(name)
    assert threading.active_count() == 1, "a forked process has none of the threads, but what they were just doing"
    gc.collect()
    gc.freeze()  # else each process looks through all that was imported, at its end at the latest
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who answers
    while True:
        request, files, _, _ = socket.recv_fds(requests, 2**20, 3)
        if not request:
            return None
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            return _answer(json.loads(request), *files)
        for file in files:
            os.close(file)


def _answer(request: tuple[list[str], dict[str, str], str], out: int, err: int, status: int) -> None:
    process = os.fork()
    if process == 0:
        os.close(status)
        return _begin(*request, out, err)
    os.write(status, f"{process}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os.write(status, f"{code}\n".encode())
    os._exit(0)


def _begin(command: list[str], environment: dict[str, str], folder: str, out: int, err: int) -> None:
    from campus_catalog.cli.main import main

    for file, number in ((out, 1), (err, 2)):
        os.dup2(file, number)
    for file in {out, err}:
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = command
    main()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
