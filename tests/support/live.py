"""Running the real commands on the content of a small school, and databases that die on demand."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support import command

ROOT = Path(__file__).resolve().parents[2]
# urn -> aspect name -> the aspect as JSON
Catalog = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Result:
    """What a command answered: its exit code and all that it printed."""

    code: int
    output: str


def run(program: str, *args: str | Path, cwd: Path, **env: str) -> Result:
    """Runs a console script of this environment, its stdout and stderr together.

    Args:
        program: `campus-catalog` or `datahub`.
        args: its arguments.
        cwd: the folder to run in; also the user's home, so that nobody's own settings play a part.
        env: variables the command sees besides those of the system; the tests' own CAMPUS_ and DATAHUB_ ones are not.
    """
    ours = ("CAMPUS_", "DATAHUB_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"DATAHUB_TELEMETRY_ENABLED": "false", "HOME": str(cwd), **env}
    if program == "campus-catalog":
        done = command.run(map(str, args), environment, cwd, timeout=90, together=True)
    else:
        with tempfile.TemporaryDirectory() as left:  # what DataHub's own command leaves is not ours
            done = subprocess.run(
                [str(Path(sys.executable).with_name(program)), *map(str, args)],
                cwd=cwd, env={**environment, "TMPDIR": left}, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90,
            )  # fmt: skip
    return Result(done.returncode, done.stdout)


@dataclass
class School:
    """A home folder with the repository's glossary, and the systems and recipes a test writes into it."""

    home: Path
    glossary: Path = ROOT / "glossary"

    def __post_init__(self) -> None:
        if not (self.home / "glossary").exists():
            shutil.copytree(self.glossary, self.home / "glossary")
        self.recipe("taxonomy", {"type": "campus-taxonomy", "config": {}})
        self.recipe("register", {"type": "campus-register", "config": {}})

    def declare(self, system: dict[str, Any]) -> None:
        """Writes a system of the register."""
        self._write(self.home / "ingestion_recipes" / "systems" / f"{system['id']}.yml", system)

    def recipe(self, name: str, source: dict[str, Any], **more: Any) -> Path:
        """Writes a recipe; returns its path."""
        path = self.home / "ingestion_recipes" / f"{name}.yml"
        self._write(path, {"pipeline_name": name, "source": source, **more})
        return path

    def connect(self, system: str, source: dict[str, Any], **more: Any) -> Path:
        """Writes the recipe that reads a live system; returns its path."""
        return self.recipe(system, {"type": "campus-system", "config": {"system": system, "source": source, **more}})

    def campus(self, *args: str, target: str = "file:out.json", **env: str) -> Result:
        """Runs `campus-catalog` on this home."""
        return run("campus-catalog", "--target", target, *args, cwd=self.home, **env)

    def catalog(self, name: str = "out.json") -> Catalog:
        """What is in a file target."""
        return read_catalog(self.home / name)

    @property
    def log(self) -> str:
        """The log of the latest `campus-catalog ingest`."""
        return (self.home / ".catalog" / "logs" / "ingest.log").read_text(encoding="utf-8")

    @staticmethod
    def _write(path: Path, content: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def read_catalog(path: Path) -> Catalog:
    """The entities of a file target; empty when there is none."""
    catalog: Catalog = defaultdict(dict)
    for record in json.loads(path.read_text(encoding="utf-8")) if path.exists() else []:
        catalog[record["entityUrn"]][record["aspectName"]] = record["aspect"]["json"]
    return dict(catalog)


def read_lite(path: Path) -> Catalog:
    """The entities of a DataHub Lite database, read without DataHub's help; empty when there is none."""
    catalog: Catalog = defaultdict(dict)
    if not path.exists():
        return {}
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT urn, aspect_name, metadata FROM metadata_aspect_v2 WHERE version = 0")
        for urn, aspect, value in rows:
            catalog[urn][aspect] = json.loads(value)
    connection.close()
    return dict(catalog)


@dataclass(frozen=True)
class Database:
    """A real database: how to change it, and how register and recipe name it.

    Attributes:
        platform: the platform of its datasets.
        source: the stock source that reads it.
        place: `database` and `schema` of the register.
        execute: runs SQL in it.
    """

    platform: str
    source: dict[str, Any]
    place: dict[str, str]
    execute: Callable[[str], Any] = field(repr=False)

    def dataset(self, table: str) -> str:
        """The urn of a table."""
        name = ".".join([*self.place.values(), table])
        return f"urn:li:dataset:(urn:li:dataPlatform:{self.platform},{name},PROD)"


def make_database(kind: str, name: str, sql: str, folder: Path, server: Callable[[str], Any]) -> Database:
    """Makes a database and runs SQL in it.

    Args:
        kind: `postgres`, `mysql`, `mariadb` (the sources) or `sqlite` (through the source `sqlalchemy`).
        name: its name.
        sql: the statements, which all of them must understand.
        folder: where a file of SQLite's goes.
        server: gives the fixture of that name.
    """
    if kind == "sqlite":
        path = folder / f"{name}.db"
        connect(path, sql)
        config = {"platform": "sqlite", "connect_uri": f"sqlite:///{path}"}
        source = {"type": "sqlalchemy", "config": config}
        return Database("sqlite", source, {"schema": "main"}, lambda more: connect(path, more))
    host = server("postgres" if kind == "postgres" else "mariadb")
    host.create_database(name, sql)
    config = {"host_port": host.host_port, "database": name, "username": host.user, "password": "${DB_PASSWORD}"}
    place = {"database": name} | ({"schema": "public"} if kind == "postgres" else {})
    return Database(kind, {"type": kind, "config": config}, place, lambda more: host.execute(name, more))


def connect(path: Path, sql: str) -> None:
    """Runs SQL in a SQLite file."""
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


class Proxy:
    """A TCP proxy before a server, which can refuse, fall silent, or cut every connection half-way.

    Attributes:
        port: where it listens.
        connections: how many it has accepted.
    """

    def __init__(self, host_port: str) -> None:
        host, port = host_port.rsplit(":", 1)
        self._server = (host, int(port))
        self._silent = False
        self._cut_at: bytes | None = None
        self._cut_after: int | None = None
        self._passed = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    @property
    def host_port(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def is_cut(self) -> bool:
        """Whether it refuses connections by now."""
        return self._listener is None

    def fall_silent(self) -> None:
        """From now on accept connections and never answer."""
        self._silent = True

    def cut_after(self, answered: int) -> None:
        """Cut everything once the server has answered so many bytes from now on."""
        self._passed, self._cut_after = 0, answered

    def cut_at(self, asked: bytes) -> None:
        """Cut everything as soon as a client sends these bytes."""
        self._cut_at = asked

    def cut(self) -> None:
        """Close every connection and refuse new ones, as a server does that died."""
        with self._lock:
            listener, self._listener = self._listener, None
            sockets, self._open = list(self._open), set()
        # Shut down first: closing alone does not wake the thread that waits in accept or recv.
        for each in [*([listener] if listener else []), *sockets]:
            with suppress(OSError):  # the other side was faster
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._open.add(client)
            if self._silent:
                continue
            upstream = socket.create_connection(self._server)
            with self._lock:
                self._open.add(upstream)
            threading.Thread(target=self._forward, args=(client, upstream, True), daemon=True).start()
            threading.Thread(target=self._forward, args=(upstream, client, False), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, is_question: bool) -> None:
        try:
            while data := source.recv(65536):
                if is_question and self._cut_at is not None and self._cut_at in data:
                    self.cut()
                    return
                if not is_question:
                    self._passed += len(data)
                    if self._cut_after is not None and self._passed > self._cut_after:
                        self.cut()
                        return
                sink.sendall(data)
        except OSError:
            pass  # cut, or one side has gone
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(host_port: str) -> Iterator[Proxy]:
    """A proxy before the server at `host_port`."""
    one = Proxy(host_port)
    try:
        yield one
    finally:
        one.cut()
