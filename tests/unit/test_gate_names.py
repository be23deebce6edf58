"""What names something refused, or is made of it, goes with it; a namesake does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datahub.metadata.schema_classes import (
    AssertionInfoClass,
    AssertionTypeClass,
    ChangeTypeClass,
    DatasetFieldProfileClass,
    DatasetLineageTypeClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    UpstreamClass,
    UpstreamLineageClass,
)

from campus_catalog.register.loader import load_register
from campus_catalog.register.systems import Register
from campus_catalog.regulation.loader import load_regulation
from tests.support.records import (
    FLOW,
    PLAIN,
    SECRET,
    entities,
    live_home,
    of,
    passed,
    procedure,
    query,
    raw,
    schema,
    table,
    text_of,
    urn,
    view,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live_home(tmp_path_factory.mktemp("gate") / "home")


@pytest.fixture(scope="module")
def register(home: Path) -> Register:
    return load_register(home, load_regulation(home))


NAMING: dict[str, list[Any]] = {
    "view, by lineage": view("ok.v", "select a from plan_a", "ok.plan_a"),
    "view of a view": [*view("ok.w", "select a from v", "ok.v"), *view("ok.v", "select a from plan_a", "ok.plan_a")],
    "view, lineage in other letters": view("ok.v", "select 1", "ok.PLAN_A"),
    "view without lineage": view("ok.v", 'select a from ok."plan_a"', known=False),
    "view that cannot be parsed": view("ok.v", "select a frm ((plan_a", known=False),
    "query": query("q", "select a from ok.plan_a", "ok.plan_a"),
    "query without subjects": query("q", "with t as (select a from plan_a) select a from t"),
    "procedure, by lineage": procedure("call x()", None, "ok.plan_a"),
    "procedure, by its text": procedure("BEGIN INSERT INTO plan_a SELECT a FROM ok.t_x; END", None, "ok.t_x"),
    "procedure with dynamic SQL": procedure("BEGIN EXECUTE 'insert into plan_a select 1'; END"),
    "procedure's comment": procedure("select 1", "装载 ok.plan_a"),
    "patch of lineage": [*view("ok.v", "select 1", known=False), raw(urn("ok.v"), "upstreamLineage", json.dumps(
        [{"op": "add", "path": f"/upstreams/{urn('ok.plan_a')}", "value": {"dataset": urn("ok.plan_a")}}]).encode(),
        ChangeTypeClass.PATCH, "application/json-patch+json")],
    "assertion": of("urn:li:assertion:x", AssertionInfoClass(
        AssertionTypeClass.CUSTOM, externalUrl=f"https://catalog/dataset/{urn('ok.plan_a')}/Schema")),
    "profile": of(urn("ok.plan_a"), DatasetProfileClass(timestampMillis=0, fieldProfiles=[
        DatasetFieldProfileClass("a", sampleValues=["x"])])),
}  # fmt: skip


@pytest.mark.parametrize("secret_first", [True, False])
@pytest.mark.parametrize("name", NAMING)
def test_what_names_or_is_made_of_a_refused_table_goes_with_it(
    register: Register, name: str, secret_first: bool
) -> None:
    parts = [SECRET, NAMING[name]] if secret_first else [NAMING[name], SECRET]
    out, _ = passed(register, [*(record for part in parts for record in part), *PLAIN])
    assert "plan_a" not in text_of(out).lower()
    assert {urn("ok.t_x")} <= entities(out) <= {urn("ok.t_x"), FLOW}


LOG = table("ok.log", "机密")
NAMESAKES: dict[str, list[Any]] = {
    "a column of a view": view("ok.v", "select id, log from t_x", "ok.t_x"),
    "a column, lineage not known": view("ok.v", "select id, log from t_x", known=False),
    "a column in an expression": view("ok.v", "select extract(day from log) from t_x", known=False),
    "an alias": view("ok.v", "select log.id from t_x as log", known=False),
    "a common table expression": view("ok.v", "with log as (select 1) select * from log", known=False),
    "a comment of the view's text": view("ok.v", "select 1 -- see the log\nfrom t_x", known=False),
    "a table of that name elsewhere": [*table("b.log"), *view("b.v", "select a from log", "b.log")],
    "one elsewhere, lineage not known": [*table("b.log"), *view("b.v", "select a from log", known=False)],
    "one in other letters": [*table('ok.LOG'), *view("ok.v", 'select a from "LOG"', known=False)],
    "a table's comment": table("ok.t_y", "see the log"),
    "a table's column": of(urn("ok.t_y"), DatasetPropertiesClass(name="t_y"), schema("log")),
    "a query of another": query("q", "select log from t_x", "ok.t_x"),
    "a procedure of another": procedure("BEGIN UPDATE t_x SET log = 1; END", "writes the log", "ok.t_x"),
    "a longer name": view("ok.v", "select a from log_old", known=False),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMESAKES)
def test_a_refused_name_is_no_reason_to_refuse_a_namesake(register: Register, name: str) -> None:
    out, one = passed(register, [*LOG, *NAMESAKES[name], *PLAIN])
    assert one.report.refused == ["live.ok.log (机密: table comment)"]
    assert {record.entityUrn for record in NAMESAKES[name]} <= entities(out)
    assert urn("ok.log") not in text_of(out)


def test_a_table_that_was_filled_from_a_refused_one_stays_without_its_lineage(register: Register) -> None:
    lineage = UpstreamLineageClass([UpstreamClass(urn("ok.plan_a"), DatasetLineageTypeClass.TRANSFORMED)])
    out, one = passed(register, [*SECRET, *table("ok.t_y", None, lineage)])
    assert urn("ok.t_y") in entities(out) and "plan_a" not in text_of(out)
    assert len(one.report.refused) == 1
