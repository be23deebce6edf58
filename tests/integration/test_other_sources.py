"""Sources `campus-system` supports by configuration alone: interfaces, workbooks, and databases of other makers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from datahub.ingestion.source.source_registry import source_registry

from campus_catalog.register.models import Dataset, System
from tests.support.live import School

STATED = {
    "connected": True,
    "subset": "学生管理子集",
    "unit": "学工处",
    "persons": ["学工处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "学生工作"},
}
INTERFACE = {
    "openapi": "3.0.0",
    "info": {"title": "学生数据接口", "version": "1"},
    "paths": {
        "/students": {
            "get": {
                "summary": "在校学生",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Student"}}},
                    }
                },
            }
        },
        "/students/{xh}/awards": {
            "get": {
                "summary": "学生奖励",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Award"}}},
                    }
                },
            }
        },
    },
    "components": {
        "schemas": {
            "Student": {"type": "object", "properties": {"xh": {"type": "string"}, "xm": {"type": "string"}}},
            "Award": {"type": "object", "properties": {"jlmc": {"type": "string"}}},
        }
    },
}


@pytest.fixture
def interface() -> Iterator[str]:
    """A web server with an OpenAPI description at /openapi.json; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(INTERFACE, ensure_ascii=False).encode() if self.path == "/openapi.json" else b"{}"
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def assert_stamped(aspects: dict[str, Any], name: str) -> None:
    assert aspects["datasetProperties"]["name"] == name
    assert aspects["domains"]["domains"] == ["urn:li:domain:student"]
    assert "urn:li:corpGroup:student-affairs-office" in [owner["owner"] for owner in aspects["ownership"]["owners"]]
    # an interface's own tags stay beside ours
    assert "urn:li:tag:sharing-shared" in [tag["tag"] for tag in aspects["globalTags"]["tags"]]
    assert aspects["applications"]["applications"] == ["urn:li:application:xsjk"]


def fields(aspects: dict[str, Any]) -> set[str]:
    return {field["fieldPath"].rsplit(".", 1)[-1] for field in aspects["schemaMetadata"]["fields"]}


def test_an_interface(interface: str, tmp_path: Path) -> None:
    """The source's platform is `OpenApi`, so spelled.

    `database` is the recipe's `name`; `table` the path with dots for slashes, without braces.
    """
    school = School(tmp_path)
    datasets = [{"table": "students", "name": "在校学生接口"}, {"table": "students.xh.awards", "name": "学生奖励接口"}]
    place = {"platform": "OpenApi", "database": "xsjk"}
    school.declare({"id": "xsjk", "name": "学生数据接口", **place, "datasets": datasets, **STATED})
    config: dict[str, Any] = {"name": "xsjk", "url": interface, "swagger_file": "openapi.json"}
    config["enable_api_calls_for_schema_extraction"] = False
    school.connect("xsjk", {"type": "openapi", "config": config})

    result = school.campus("ingest", "register", "xsjk", "--strict")

    assert result.code == 0, result.output
    catalog = {urn: a for urn, a in school.catalog().items() if urn.startswith("urn:li:dataset:")}
    urn = "urn:li:dataset:(urn:li:dataPlatform:OpenApi,xsjk.{},PROD)"
    assert catalog.keys() == {urn.format("students"), urn.format("students.xh.awards")}
    assert_stamped(catalog[urn.format("students")], "在校学生接口")
    assert_stamped(catalog[urn.format("students.xh.awards")], "学生奖励接口")
    assert fields(catalog[urn.format("students")]) == {"xh", "xm"}


def test_an_interface_that_does_not_answer(tmp_path: Path) -> None:
    school = School(tmp_path)
    school.declare({"id": "xsjk", "name": "学生数据接口", "platform": "openapi", "database": "xsjk", **STATED})
    config = {"name": "xsjk", "url": "http://127.0.0.1:1", "swagger_file": "openapi.json"}
    school.connect("xsjk", {"type": "openapi", "config": config})

    result = school.campus("ingest", "xsjk")

    assert result.code == 3, result.output
    assert "Traceback" not in result.output
    assert school.catalog() == {}


def test_a_workbook(tmp_path: Path) -> None:
    """`table` is `folder/[file.xlsx]sheet`, the folder as the recipe writes it; no `database`, no `schema`."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "困难学生"
    for row in (["学号", "姓名", "等级"], ["2024001", "甲", 1], ["2024002", "乙", 2]):
        sheet.append(row)
    (tmp_path / "data").mkdir()
    workbook.save(tmp_path / "data" / "资助.xlsx")
    school = School(tmp_path)
    datasets = [{"table": "data/[资助.xlsx]困难学生", "name": "家庭经济困难学生"}]
    school.declare({"id": "xsjk", "name": "资助工作簿", "platform": "excel", "datasets": datasets, **STATED})
    school.connect("xsjk", {"type": "excel", "config": {"path_list": ["data/*.xlsx"]}})

    result = school.campus("ingest", "register", "xsjk", "--strict")

    assert result.code == 0, result.output
    catalog = {urn: a for urn, a in school.catalog().items() if urn.startswith("urn:li:dataset:")}
    assert list(catalog) == ["urn:li:dataset:(urn:li:dataPlatform:excel,data/[资助.xlsx]困难学生,PROD)"]
    (aspects,) = catalog.values()
    assert_stamped(aspects, "家庭经济困难学生")
    assert fields(aspects) == {"学号", "姓名", "等级"}


RECIPES: dict[str, dict[str, Any]] = {
    "oracle": {"host_port": "db:1521", "service_name": "orcl", "username": "reader", "password": "x",
               "schema_pattern": {"allow": ["^JWXT$"]}},
    "mssql": {"host_port": "db:1433", "database": "jwxt", "username": "reader", "password": "x"},
    "mongodb": {"connect_uri": "mongodb://db:27017", "username": "reader", "password": "x", "authMechanism": "DEFAULT",
                "database_pattern": {"allow": ["^jwxt$"]}},
}  # fmt: skip


@pytest.mark.parametrize("kind", RECIPES)
def test_databases_of_other_makers_take_the_documented_recipe(kind: str) -> None:
    source: Any = source_registry.get(kind)  # a decorator gives it `get_config_class`
    config = source.get_config_class().model_validate(RECIPES[kind])

    assert config.env == "PROD"


def test_oracle_and_sql_server_name_tables_as_the_register_does() -> None:
    """Asked of the stock sources' own naming: such servers are not to be had in a test."""
    from datahub.ingestion.source.sql.mssql.source import SQLServerConfig, qualified_identifier
    from datahub.ingestion.source.sql.oracle import OracleConfig

    table = Dataset(table="jw_kc", name="课程")
    oracle = System(id="jwxt", name="教务", platform="oracle", schema="jwxt")
    config = OracleConfig.model_validate(RECIPES["oracle"])
    assert ".".join(filter(None, oracle.names_of(table))) == config.get_identifier(schema="jwxt", table="jw_kc")

    mssql = System(id="jwxt", name="教务", platform="mssql", database="jwxt", schema="dbo")
    server = SQLServerConfig.model_validate(RECIPES["mssql"])
    assert ".".join(filter(None, mssql.names_of(table))) == qualified_identifier(server, "jwxt", "dbo", "jw_kc")
