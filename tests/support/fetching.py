"""Servers and repositories content is fetched from."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

IDENTITY = {"GIT_AUTHOR_NAME": "教务处数据管理员", "GIT_AUTHOR_EMAIL": "a@example.edu",
            "GIT_COMMITTER_NAME": "教务处数据管理员", "GIT_COMMITTER_EMAIL": "a@example.edu"}  # fmt: skip


class Files(ThreadingHTTPServer):
    """Serves `pages` (status and body by path; where to, of a redirect), and with `repositories` Git's smart protocol.

    Attributes:
        wanted: the credentials it asks for; None for none.
        seen: the path of every request.
    """

    daemon_threads = True

    def __init__(self, repositories: Path | None = None, wanted: str | None = None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.repositories, self.wanted, self.seen = repositories, wanted, list[str]()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Files

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = self.headers.get("Authorization", "")
        if self.server.wanted and given != f"Basic {base64.b64encode(self.server.wanted.encode()).decode()}":
            self._answer(401, {"WWW-Authenticate": "Basic realm=x"}, b"")
        elif self.server.repositories:
            self._git(body)
        else:
            self._answer(*self._page())

    do_POST = do_GET

    def _page(self) -> tuple[int, dict[str, str], bytes]:
        status, body = self.server.pages.get(urlsplit(self.path).path, (404, b"no such page"))
        if status // 100 == 3:
            return status, {"Location": body.decode()}, b""
        asked_by_git = "service=git-upload-pack" in self.path
        kind = "application/x-git-upload-pack-advertisement" if asked_by_git else "application/octet-stream"
        return status, {"Content-Type": kind}, body

    def _git(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        environment = {
            **os.environ, "GIT_PROJECT_ROOT": str(self.server.repositories), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path, "QUERY_STRING": parts.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1",
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }  # fmt: skip
        answer = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(int(headers.pop("Status", "200").split()[0]), headers, content)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(repositories: Path | None = None, wanted: str | None = None) -> Iterator[Files]:
    server = Files(repositories, wanted)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def git(folder: Path, *words: str) -> str:
    settings = ("-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *settings, *words], cwd=folder, env={**os.environ, **IDENTITY}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def new_repository(content: Path, folder: Path) -> Path:
    """A bare repository `content.git`: the content in `school/`, tagged v1; on main a second commit."""
    work = folder / "work"
    shutil.copytree(content, work / "school")
    git(work, "init", "-q")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "first")
    git(work, "tag", "v1")
    (work / "school" / "second.txt").write_text("2")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "second")
    git(folder, "clone", "-q", "--bare", str(work), str(folder / "repositories" / "content.git"))
    return folder / "repositories" / "content.git"
