"""Personal information in a live database: tagged, and its values in no place a run leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.live import Catalog, Database, School, make_database, read_lite, run

SYSTEM = {
    "id": "rsxt", "name": "人事管理系统", "connected": True,
    "subset": "教职工管理子集", "unit": "人事处", "persons": ["人事处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教职工管理"},
}  # fmt: skip
#: planted values of personal columns, two of them also in columns whose names tell nothing; one that is not personal
NUMBER, MOBILE, CARD, HOME, MAIL = (
    "110101199003077715", "13900001234", "6222020200112233", "西直门外大街九号院", "wangwu@planted.example",
)  # fmt: skip
PLANTED = (NUMBER, MOBILE, CARD, HOME, MAIL)
ORDINARY = "exhibition-hall"
ROW = f"'{NUMBER}', '{MOBILE}', {MOBILE}, '{CARD}', '{HOME}', '{MAIL}', '{ORDINARY}', '见{NUMBER}', {MOBILE}"
TABLES = f"""
CREATE TABLE rs_ry (gh varchar(10) PRIMARY KEY, sfzh varchar(18), lx varchar(20), sjh bigint, yhzh varchar(30),
                    jtdz varchar(80), mail varchar(60), bz varchar(40),
                    qt varchar(40), lsh bigint);
COMMENT ON COLUMN rs_ry.lx IS '电话';
COMMENT ON COLUMN rs_ry.yhzh IS '银行账号';
COMMENT ON COLUMN rs_ry.mail IS '电子邮箱';
INSERT INTO rs_ry VALUES ('1001', {ROW}), ('1002', {ROW});
CREATE TABLE rs_js (jsh varchar(10) PRIMARY KEY, jsmc varchar(40));
INSERT INTO rs_js VALUES ('A1', '{ORDINARY}');
"""
EVERYTHING = {
    "enabled": True, "include_field_distinct_value_frequencies": True, "include_field_histogram": True,
    "include_field_quantiles": True,
}  # fmt: skip


def school_of(database: Database, folder: Path, **config: Any) -> School:
    school = School(folder)
    school.declare({**SYSTEM, "platform": database.platform, **database.place})
    school.connect("rsxt", {"type": database.source["type"], "config": {**database.source["config"], **config}})
    return school


def left_behind(home: Path) -> bytes:
    """Everything a run has written below the home: target, logs, state."""
    return b"\n".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def tags(catalog: Catalog, urn: str) -> set[str]:
    return {tag["tag"].rsplit(":", 1)[1] for tag in catalog[urn]["globalTags"]["tags"]}


@pytest.fixture(scope="module")
def database(postgres: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("personal")
    return make_database("postgres", "personal", TABLES, folder, request.getfixturevalue)


def test_no_personal_value_gets_through_profiling(database: Database, postgres: Any, tmp_path: Path) -> None:
    school = school_of(database, tmp_path, profiling=EVERYTHING)
    done = school.campus("ingest", "rsxt", target="lite:out.db", DB_PASSWORD=postgres.password)
    assert done.code == 0, done.output

    found = left_behind(tmp_path) + done.output.encode()
    assert [value for value in PLANTED if value.encode() in found] == []
    # the search would find them: what is no personal information is there, and so are the counts
    assert ORDINARY.encode() in found
    profile = read_lite(tmp_path / "out.db")[database.dataset("rs_ry")]["datasetProfile"]
    counts = {field["fieldPath"]: field["uniqueCount"] for field in profile["fieldProfiles"]}
    assert counts["sfzh"] == 1 and counts["gh"] == 2
    assert profile["rowCount"] == 2


def test_the_same_through_the_stock_command_and_transformer(database: Database, postgres: Any, tmp_path: Path) -> None:
    school = school_of(database, tmp_path)
    source = {**database.source, "config": {**database.source["config"], "profiling": EVERYTHING}}
    transformers = [{"type": "campus-stamp", "config": {"home": str(tmp_path)}}]
    sink = {"type": "file", "config": {"filename": str(tmp_path / "stock.json")}}
    recipe = school.recipe("stock", source, transformers=transformers, sink=sink)
    done = run("datahub", "ingest", "-c", recipe, cwd=tmp_path, DB_PASSWORD=postgres.password)
    assert done.code == 0, done.output

    found = (tmp_path / "stock.json").read_bytes()
    assert [value for value in PLANTED if value.encode() in found] == []
    assert ORDINARY.encode() in found


@pytest.mark.parametrize(("said", "warned"), [({}, True), ({"include_field_sample_values": False}, False)])
def test_a_recipe_that_samples_values_is_warned_of(
    database: Database, postgres: Any, tmp_path: Path, said: dict[str, bool], warned: bool
) -> None:
    school = school_of(database, tmp_path, profiling={"enabled": True, **said})
    done = school.campus("ingest", "rsxt", DB_PASSWORD=postgres.password)

    assert done.code == 0, done.output
    assert ("include_field_sample_values" in done.output) is warned


def test_no_row_is_read_unless_profiling_is_asked_for(database: Database, postgres: Any, tmp_path: Path) -> None:
    postgres.execute("postgres", "CREATE ROLE sees_no_row LOGIN PASSWORD 'sees-no-row'")
    school = school_of(database, tmp_path, username="sees_no_row")
    postgres.execute("personal", "SELECT pg_stat_reset()")
    done = school.campus("ingest", "rsxt", "--strict", DB_PASSWORD="sees-no-row")

    # an account without SELECT is enough, and no table has been scanned
    assert (done.code, "warning" in done.output) == (0, False), done.output
    scans = "SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) FROM pg_stat_user_tables"
    assert postgres.execute("personal", scans) == [(0,)]


def test_columns_and_dataset_are_tagged_and_shared_on_conditions_and_the_next_run_changes_nothing(
    database: Database, postgres: Any, tmp_path: Path
) -> None:
    school = school_of(database, tmp_path)
    first = school.campus("ingest", target="lite:out.db", DB_PASSWORD=postgres.password)
    assert first.code == 0, first.output
    catalog = read_lite(tmp_path / "out.db")

    fields = catalog[database.dataset("rs_ry")]["schemaMetadata"]["fields"]
    tagged = {field["fieldPath"] for field in fields if field.get("globalTags")}
    assert tagged == {"sfzh", "lx", "sjh", "yhzh", "jtdz", "mail"}
    assert tags(catalog, database.dataset("rs_ry")) == {"personal-information", "sharing-conditional"}
    assert tags(catalog, database.dataset("rs_js")) == {"sharing-shared"}
    again = school.campus("ingest", target="lite:out.db", DB_PASSWORD=postgres.password)
    assert "nothing changed" in again.output, again.output


def test_register_and_apply_leave_the_tag_that_was_found(database: Database, postgres: Any, tmp_path: Path) -> None:
    school = school_of(database, tmp_path)
    declared = [{"table": "rs_ry", "name": "教职工"}]
    school.declare({**SYSTEM, "platform": database.platform, **database.place, "datasets": declared})
    for command in (["ingest"], ["ingest", "register"], ["apply", "--yes"]):
        done = school.campus(*command, target="lite:out.db", DB_PASSWORD=postgres.password)
        assert done.code == 0, done.output

    catalog = read_lite(tmp_path / "out.db")
    assert tags(catalog, database.dataset("rs_ry")) == {"sharing-shared", "personal-information"}


def test_strict_fails_on_a_declared_table_that_is_shared_more_widely_than_its_columns_allow(
    database: Database, postgres: Any, tmp_path: Path
) -> None:
    school = school_of(database, tmp_path)
    declared = [{"table": "rs_ry", "name": "教职工"}]
    school.declare({**SYSTEM, "platform": database.platform, **database.place, "datasets": declared})
    plain, strict = (
        school.campus("ingest", "rsxt", *more, DB_PASSWORD=postgres.password) for more in ([], ["--strict"])
    )
    assert (plain.code, strict.code) == (0, 1), strict.output
    assert "rs_ry: holds personal information (sfzh, " in strict.output

    school.connect("rsxt", {"type": database.source["type"], "config": database.source["config"]}, strict=True)
    said = school.campus("ingest", "rsxt", DB_PASSWORD=postgres.password)
    assert said.code == 1 and "personal information under a wider sharing class: personal.public.rs_ry" in said.output


def test_show_says_which_columns_made_a_dataset_personal(database: Database, postgres: Any, tmp_path: Path) -> None:
    school = school_of(database, tmp_path)
    assert school.campus("ingest", "rsxt", DB_PASSWORD=postgres.password).code == 0
    shown = school.campus("show", "rs_ry")
    assert "sfzh（身份证件号，见「sfzh」）" in "".join(shown.output.split()), shown.output
