"""A real MariaDB server for the tests: Debian's programs, run as an ordinary process in a folder of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lib_postgres import free_port

START_SECONDS = 60


def _program(name: str) -> str:
    # Debian keeps servers in /usr/sbin, which an ordinary user's PATH lacks.
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise RuntimeError(f"{name} is missing: sudo apt-get install -y mariadb-server-core mariadb-client-core")
    return found


class MariaDB:
    """One MariaDB server on one data directory; the same interface as `EmbeddedPostgres`."""

    def __init__(self) -> None:
        self.user = "campus"
        self.password = "campus"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host_port(self) -> str:
        """`host:port`, as DataHub's recipes want it."""
        return f"127.0.0.1:{self.port}"

    def uri(self, database: str) -> str:
        """Returns the SQLAlchemy address of a database."""
        return f"mysql+pymysql://{self.user}:{quote(self.password, safe='')}@{self.host_port}/{database}"

    def start(self, data_dir: Path | str) -> MariaDB:
        """Starts the server on a free port, making the data directory if it is not there yet.

        Raises:
            RuntimeError: the server did not start; the message ends with its log.
        """
        data = Path(data_dir).absolute()
        # Without --user=root the server refuses to be root's; for anybody else the option is an error.
        as_user = ["--user=root"] if os.geteuid() == 0 else []
        if not (data / "mysql").exists():
            data.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                [_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db",
                 "--auth-root-authentication-method=normal", *as_user],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"mariadb-install-db failed: {done.stdout[-2000:]}")
        accounts = data / "accounts.sql"
        accounts.write_text(
            f"CREATE USER IF NOT EXISTS '{self.user}'@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO '{self.user}'@'%' WITH GRANT OPTION;\n"
        )
        self.port = free_port()
        log = data / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [_program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={self.port}",
                 "--bind-address=127.0.0.1", f"--socket={data}/sock", f"--pid-file={data}/pid",
                 f"--init-file={accounts}", "--skip-name-resolve", "--character-set-server=utf8mb4",
                 "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", *as_user],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._await(log)
        return self

    def stop(self) -> None:
        """Stops the server; the data stays. Does nothing when it is not running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def create_database(self, name: str, sql: str = "", replace: bool = False) -> str:
        """Makes a database and runs SQL in it; with `replace`, drops one of that name first. Returns its uri."""
        if replace:
            self.execute("", f"DROP DATABASE IF EXISTS `{name}`")
        self.execute("", f"CREATE DATABASE `{name}`")
        if sql.strip():
            self.execute(name, sql)
        return self.uri(name)

    def execute(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """Runs SQL, one or more statements, and returns the rows of the last one."""
        connection = self._connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                while cursor.nextset():
                    pass
                return list(cursor.fetchall())
        finally:
            connection.close()

    def _connect(self, database: str) -> Any:
        import pymysql
        from pymysql.constants import CLIENT

        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=self.user, password=self.password, database=database or None,
            autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS, connect_timeout=5,
        )  # fmt: skip

    def _await(self, log: Path) -> None:
        import pymysql

        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process is not None
            try:
                self._connect("").close()
                return
            except pymysql.MySQLError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
                    raise RuntimeError(f"MariaDB did not start: {error}\n{tail}") from None
            time.sleep(0.1)
