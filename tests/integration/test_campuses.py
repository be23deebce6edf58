"""Two campuses in one catalog: databases of the same names on servers of their own, told apart by platform instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib_postgres import EmbeddedPostgres
from tests.contract.standin import Standin
from tests.integration.test_system_source import owners, terms
from tests.support.live import School
from tests.support.pipelines import example_school, held
from tests.support.servers import data_directory

TABLES = """
CREATE TABLE course (kch varchar(10) NOT NULL PRIMARY KEY, kcmc varchar(80));
CREATE TABLE room (jsh varchar(10) NOT NULL PRIMARY KEY);
"""
CAMPUSES = ("east", "west")


def dataset(campus: str, table: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,{campus}.jwxt.public.{table},PROD)"


@pytest.fixture(scope="module")
def servers(postgres: EmbeddedPostgres) -> Iterator[dict[str, EmbeddedPostgres]]:
    """A PostgreSQL server per campus; the shared one must be up before, because as root they share what they open."""
    with data_directory() as folder:
        running: dict[str, EmbeddedPostgres] = {}
        try:
            for campus in CAMPUSES:
                running[campus] = EmbeddedPostgres().start(folder / campus)
            yield running
        finally:
            for server in reversed(running.values()):
                server.stop()


class Campuses:
    """The example content, and its two recipes run on the two servers."""

    def __init__(self, home: Path, servers: dict[str, EmbeddedPostgres]) -> None:
        self.servers = servers
        for server in servers.values():
            server.create_database("jwxt", TABLES, replace=True)
        self.school = School(example_school(home))

    def ingest(self, *campuses: str, target: str = "file:out.json") -> str:
        """Runs the recipes of these campuses; returns what was printed."""
        env = {}
        for campus, server in self.servers.items():
            prefix = f"JWXT_{campus.upper()}"
            env[f"{prefix}_HOST_PORT"] = server.host_port
            env[f"{prefix}_USER"], env[f"{prefix}_PASSWORD"] = server.user, server.password
        names = [f"jwxt-{campus}" for campus in campuses]
        done = self.school.campus("ingest", *names, target=target, **env)
        assert done.code == 0, done.output
        return done.output


@pytest.fixture
def campuses(tmp_path: Path, servers: dict[str, EmbeddedPostgres]) -> Campuses:
    return Campuses(tmp_path / "school", servers)


def check(catalog: dict[str, dict[str, Any]]) -> None:
    """Two sets of everything, each with what its own campus declares."""
    datasets = {urn for urn in catalog if ".jwxt.public." in urn}
    assert datasets == {dataset(campus, table) for campus in CAMPUSES for table in ("course", "room")}
    east, west = (catalog[dataset(campus, "course")] for campus in CAMPUSES)
    assert east["datasetProperties"]["name"] == "课程信息（东校区）"
    assert west["datasetProperties"]["name"] == "课程信息（西校区）"
    assert owners(east)["responsible-unit"] == {"academic-affairs-office"}
    assert owners(west)["responsible-unit"] == {"training-center"}
    assert not set().union(*owners(east).values()) & set().union(*owners(west).values())
    assert "sharing.shared" in terms(east) and "sharing.conditional" in terms(west)
    for campus, aspects in zip(CAMPUSES, (east, west), strict=True):
        instance = f"urn:li:dataPlatformInstance:(urn:li:dataPlatform:postgres,{campus})"
        assert aspects["dataPlatformInstance"]["instance"] == instance
        assert aspects["applications"]["applications"] == [f"urn:li:application:jwxt-{campus}"]
    assert east["container"] != west["container"]


def test_the_same_names_are_two_sets_of_urns(campuses: Campuses) -> None:
    campuses.ingest(*CAMPUSES)

    check(campuses.school.catalog())


def test_the_same_holds_on_a_server(campuses: Campuses, gms: Standin) -> None:
    campuses.ingest(*CAMPUSES, target=gms.url)

    assert gms.rejected == []
    check(held(gms))


def test_what_one_campus_drops_the_other_keeps(campuses: Campuses) -> None:
    campuses.ingest(*CAMPUSES)
    campuses.servers["west"].execute("jwxt", "DROP TABLE room")

    campuses.ingest("west")
    campuses.ingest("east")

    catalog = campuses.school.catalog()
    gone = {urn for urn, aspects in catalog.items() if aspects.get("status", {}).get("removed")}
    assert gone == {dataset("west", "room")}


def test_apply_of_the_home_removes_nothing_of_either(campuses: Campuses) -> None:
    """One home declares both, so that pruning knows both."""
    campuses.ingest(*CAMPUSES)
    assert campuses.school.campus("apply", "--yes").code == 0

    planned = campuses.school.campus("plan", "--prune")

    assert planned.code == 0, planned.output
    assert "nothing to change" in planned.output
    check(campuses.school.catalog())
