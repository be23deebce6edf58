"""A pytest plugin: the suite gets a temporary folder of its own, and fails when something is in it at the end.

What a test starts inherits the folder as TMPDIR. Each worker of pytest-xdist has one in it, so that the test that left
something can be named. The folders of ``tmp_path`` are pytest's to remove and lie elsewhere.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_SHOWN = 5


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder before anything asks for one."""
    elsewhere = tempfile.gettempdir()
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker:
        folder = Path(elsewhere, worker)
        folder.mkdir()
    else:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", elsewhere)  # where tmp_path is
        folder = Path(tempfile.mkdtemp(prefix="campus-suite-"))
    folder.chmod(0o711)  # as root, servers run under another account
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.pluginmanager.register(_Worker(folder) if worker else _Leftovers(folder), "leftovers")


class _Seen:
    """Remembers after which test something was first there."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.seen: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        done = yield
        for path in self.folder.iterdir():
            self.seen.setdefault(str(path), item.nodeid)
        return done


class _Worker(_Seen):
    """Tells the process that looks at the end."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        session.config.workeroutput["seen"] = self.seen  # type: ignore[attr-defined]


class _Leftovers(_Seen):
    """Looks at the end what is left, of all workers."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.workers: list[Path] = []
        self.left: list[Path] = []

    def pytest_testnodedown(self, node: Any) -> None:
        self.workers.append(self.folder / node.gateway.id)
        self.seen |= getattr(node, "workeroutput", {}).get("seen", {})

    # last of all, when the workers have ended, but before the summary
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        yield
        folders = [self.folder, *self.workers]
        self.left = sorted(path for folder in folders for path in folder.iterdir() if path not in self.workers)
        if not self.left:
            shutil.rmtree(self.folder)
        elif session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.left:
            return
        terminalreporter.section(f"left in the temporary folder {self.folder}", red=True)
        for path in self.left:
            files = [str(file.relative_to(path)) for file in sorted(path.rglob("*")) if file.is_file()]
            more = [f"and {len(files) - _SHOWN} more"] if len(files) > _SHOWN else []
            what = f" ({', '.join(files[:_SHOWN] + more)})" if files else ""
            after = self.seen.get(str(path), "a process that had outlived its test")
            terminalreporter.line(f"{path.relative_to(self.folder)}{what}: first seen after {after}")
