"""The accounts of docs/howto/accounts.md, made by the SQL of that page: metadata can be read with them, rows cannot."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import ROOT, School

PAGE = ROOT / "docs" / "howto" / "accounts.md"
TABLES = """
CREATE TABLE xs_jbxx (xh varchar(12) PRIMARY KEY, xm varchar(60));
INSERT INTO xs_jbxx VALUES ('2026001', '张三');
"""
SYSTEM = {
    "id": "xgxt", "name": "学生管理系统", "connected": True, "subset": "学生管理子集", "unit": "学工处",
    "persons": ["学工处数据管理员"], "sharing": {"scope": "校内各单位", "purpose": "学生教育管理"},
}  # fmt: skip
USER, PASSWORD = "campus_metadata", "change-me"


def sql_of(section: str) -> str:
    """The SQL under a heading of the page."""
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(rf"^## {section}$.*?^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return str(block)


def select_from(kind: str, host: Any) -> None:
    if kind == "postgres":
        import psycopg2

        connection = psycopg2.connect(host="127.0.0.1", port=host.port, user=USER, password=PASSWORD, dbname="xgxt")
    else:
        import pymysql

        connection = pymysql.connect(host="127.0.0.1", port=host.port, user=USER, password=PASSWORD, database="xgxt")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM xs_jbxx")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "section", "refusal"),
    [
        ("postgres", "PostgreSQL", "permission denied for table xs_jbxx"),
        ("mariadb", "MySQL, MariaDB", "SELECT command denied to user"),
    ],
)
def test_the_account_reads_metadata_and_no_row(
    kind: str, section: str, refusal: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    host = request.getfixturevalue(kind)
    host.create_database("xgxt", TABLES, replace=True)
    host.execute("postgres" if kind == "postgres" else "", sql_of(section))
    school = School(tmp_path)
    place = {"database": "xgxt"} | ({"schema": "public"} if kind == "postgres" else {})
    school.declare({**SYSTEM, "platform": kind, **place})
    config = {"host_port": host.host_port, "database": "xgxt", "username": USER, "password": "${DB_PASSWORD}"}
    school.connect("xgxt", {"type": kind, "config": config})

    done = school.campus("ingest", "xgxt", "--strict", DB_PASSWORD=PASSWORD)
    assert (done.code, "warning" in done.output) == (0, False), done.output
    (urn,) = (urn for urn in school.catalog() if urn.startswith("urn:li:dataset:"))
    columns = [field["fieldPath"] for field in school.catalog()[urn]["schemaMetadata"]["fields"]]
    assert columns == ["xh", "xm"]
    with pytest.raises(Exception, match=refusal):
        select_from(kind, host)
