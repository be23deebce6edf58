"""The database fixtures are real: DataHub's stock sources read them as they would any school's server."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.run.pipeline import Pipeline
from datahub.ingestion.source.file import read_metadata_file
from datahub.metadata.com.linkedin.pegasus2avro.mxe import MetadataChangeEvent

import lib_postgres
from campus_catalog.ingest.run import own_temporary_folder
from lib_postgres import EmbeddedPostgres
from tests.support.servers import data_directory

# urn -> aspect name -> aspect
Found = dict[str, dict[str, Any]]

TABLES = """
CREATE TABLE course (course_no varchar(20) PRIMARY KEY, title varchar(100) NOT NULL, credits numeric(3, 1));
CREATE TABLE score (id integer PRIMARY KEY, course_no varchar(20) REFERENCES course (course_no), mark integer);
INSERT INTO course VALUES ('C001', '高等数学', 4.0);
"""


def run(source: str, config: dict[str, Any], sink: Path) -> Found:
    """Runs a stock source into a file and returns what came."""
    with own_temporary_folder():
        pipeline = Pipeline.create(
            {
                "source": {"type": source, "config": config},
                "sink": {"type": "file", "config": {"filename": str(sink)}},
            }
        )
        pipeline.run()
        pipeline.raise_from_status(raise_warnings=True)
    found: dict[str, dict[str, Any]] = {}
    for record in read_metadata_file(sink):
        # DataHub's SQL sources still describe a table in one snapshot; everything else comes as proposals.
        proposals = mcps_from_mce(record) if isinstance(record, MetadataChangeEvent) else [record]
        for proposal in proposals:
            assert proposal.entityUrn and proposal.aspectName
            found.setdefault(proposal.entityUrn, {})[proposal.aspectName] = proposal.aspect
    return found


def columns(found: Found, urn: str) -> dict[str, str]:
    return {field.fieldPath: field.nativeDataType for field in found[urn]["schemaMetadata"].fields}


def test_stock_postgres_source(postgres: Any, tmp_path: Path) -> None:
    comments = "COMMENT ON TABLE course IS '课程信息'; COMMENT ON COLUMN course.course_no IS '课程号';"
    postgres.create_database("servers_pg", TABLES + comments)

    found = run(
        "postgres",
        {
            "host_port": postgres.host_port,
            "database": "servers_pg",
            "username": postgres.user,
            "password": postgres.password,
        },
        tmp_path / "out.json",
    )

    course = "urn:li:dataset:(urn:li:dataPlatform:postgres,servers_pg.public.course,PROD)"
    assert columns(found, course) == {"course_no": "VARCHAR(20)", "title": "VARCHAR(100)",
                                      "credits": "NUMERIC(3, 1)"}  # fmt: skip
    assert found[course]["datasetProperties"].description == "课程信息"
    score = "urn:li:dataset:(urn:li:dataPlatform:postgres,servers_pg.public.score,PROD)"
    assert len(found[score]["schemaMetadata"].foreignKeys) == 1


@pytest.mark.parametrize("source", ["mysql", "mariadb"])
def test_stock_mysql_sources(source: str, mariadb: Any, tmp_path: Path) -> None:
    database = f"servers_{source}"
    mariadb.create_database(database, TABLES + "ALTER TABLE course COMMENT = '课程信息';")

    found = run(
        source,
        {
            "host_port": mariadb.host_port,
            "database": database,
            "username": mariadb.user,
            "password": mariadb.password,
        },
        tmp_path / "out.json",
    )

    course = f"urn:li:dataset:(urn:li:dataPlatform:{source},{database}.course,PROD)"
    assert columns(found, course)["course_no"] == "VARCHAR(20)"
    assert found[course]["datasetProperties"].description == "课程信息"


def test_both_servers_speak_chinese_and_replace_databases(postgres: Any, mariadb: Any) -> None:
    for server in (postgres, mariadb):
        server.create_database("servers_twice", TABLES)
        server.create_database("servers_twice", TABLES, replace=True)
        assert server.execute("servers_twice", "SELECT title FROM course") == [("高等数学",)]


def test_postgres_starts_again_on_its_data_directory() -> None:
    with data_directory() as folder:
        with EmbeddedPostgres().start(folder / "pg") as server:
            server.create_database("kept", TABLES)
            password = server.password

        with EmbeddedPostgres().start(folder / "pg") as server:
            assert server.password == password
            assert server.databases() == ["kept", "postgres"]
            assert server.execute("kept", "SELECT title FROM course") == [("高等数学",)]
            # A second start takes the directory over from whoever still runs on it.
            with EmbeddedPostgres().start(folder / "pg") as successor:
                assert successor.databases() == ["kept", "postgres"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run under another account")
def test_a_server_that_ends_leaves_the_programs_within_anothers_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker of the tests has its own, as root under one and the same account."""
    programs = tmp_path / "closed" / "bin"
    programs.mkdir(parents=True)
    programs.parent.chmod(0o700)
    monkeypatch.setattr(lib_postgres, "_programs", lambda: programs)
    with EmbeddedPostgres.shared():
        server = EmbeddedPostgres()
        server._let_through(programs)
        server._close_again()
        assert stat.S_IMODE(programs.parent.stat().st_mode) == 0o701
    assert stat.S_IMODE(programs.parent.stat().st_mode) == 0o700
