"""Fixtures shared by all tests: real databases, and a DataHub server or its stand-in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "scripts"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

# Before DataHub is imported anywhere: tests report nothing to anyone, and what they ask of 127.0.0.1 takes no detour.
os.environ["DATAHUB_TELEMETRY_ENABLED"] = "false"
for name in ("NO_PROXY", "no_proxy"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))

# Only `live` tests may see the real server: with these set, DataHub's clients would use it unasked.
GMS_URL = os.environ.pop("DATAHUB_GMS_URL", None)
GMS_TOKEN = os.environ.pop("DATAHUB_GMS_TOKEN", None)

pytest_plugins = ["tests.support.leftovers"]

from lib_postgres import EmbeddedPostgres  # noqa: E402
from tests.support.mariadb import MariaDB  # noqa: E402
from tests.support.servers import LiveServer, data_directory  # noqa: E402

if TYPE_CHECKING:
    from tests.contract.standin import Standin


# A test takes longer beside others; how long something may take is measured where it is asked for.
settings.register_profile("side by side", deadline=None)
settings.load_profile("side by side")


def pytest_configure(config: pytest.Config) -> None:
    """As root, PostgreSQL's programs stay within reach until the servers of all workers have ended."""
    if not hasattr(config, "workerinput"):
        opened = ExitStack()
        opened.enter_context(EmbeddedPostgres.shared())
        config.add_cleanup(opened.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the `live` tests, saying why, when there is no server to run them against."""
    if GMS_URL:
        return
    skip = pytest.mark.skip(reason="set DATAHUB_GMS_URL to the address of a real DataHub server to run this")
    for item in items:
        if "live" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL server. Give each test its own database: `postgres.create_database(name, sql)`."""
    with data_directory() as folder:
        server = EmbeddedPostgres()
        try:
            yield server.start(folder / "postgres")
        finally:
            server.stop()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A real MariaDB server, with the interface of `postgres`."""
    with data_directory() as folder:
        server = MariaDB()
        try:
            yield server.start(folder / "mariadb")
        finally:
            server.stop()


@pytest.fixture
def gms(request: pytest.FixtureRequest) -> Iterator[Standin | LiveServer]:
    """A DataHub server at `gms.url`: a fresh stand-in, or for a `live` test the real one of DATAHUB_GMS_URL."""
    if GMS_URL and request.node.get_closest_marker("live"):
        yield LiveServer(GMS_URL, GMS_TOKEN)
        return
    from tests.contract.standin import Standin  # here, because it imports DataHub's models (half a second)

    with Standin() as server:
        yield server
