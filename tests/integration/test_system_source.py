"""`campus-system` over real databases: what the database says and what the register says, on one entity."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import Catalog, Database, School, make_database, read_lite

KINDS = ["postgres", "mysql", "mariadb", "sqlite"]
TABLES = """
CREATE TABLE jw_kc (kch varchar(10) NOT NULL PRIMARY KEY, kcmc varchar(80) NOT NULL, xf numeric(4, 1));
CREATE TABLE jw_cj (
    xh varchar(12) NOT NULL, kch varchar(10) NOT NULL, zpcj numeric(5, 1),
    PRIMARY KEY (xh, kch), CONSTRAINT fk_cj_kc FOREIGN KEY (kch) REFERENCES jw_kc (kch)
);
CREATE TABLE dm_ksxs (dm varchar(2) NOT NULL PRIMARY KEY, mc varchar(20));
CREATE VIEW v_jw_cj AS SELECT jw_cj.xh, jw_kc.kcmc, jw_cj.zpcj FROM jw_cj JOIN jw_kc ON jw_kc.kch = jw_cj.kch;
"""
SYSTEM: dict[str, Any] = {
    "id": "jwxt",
    "name": "教务管理系统",
    "description": "排课与成绩。",
    "connected": True,
    "subset": "教育资源管理子集",
    "unit": "教务处",
    "persons": ["教务处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "教学运行"},
    "kind": "业务数据",
    "backup": "每日全量",
    "rules": [{"match": "dm_*", "kind": "系统数据"}],
    "datasets": [
        {
            "table": "jw_kc",
            "name": "课程信息",
            "description": "全校课程库。",
            "items": ["教学计划"],
            "fields": [{"name": "kch", "type": "varchar(10)", "description": "课程号", "key": True}],
        },
        {
            "table": "jw_cj",
            "name": "学生成绩",
            "items": ["教学质量评价"],
            "unit": "教学质量监控中心",
            "persons": ["教学质量监控中心数据管理员"],
            "sharing": {"class": "不予共享", "basis": "涉及学生个人隐私"},
        },
    ],
}
OWNED_BY_US = {"domains", "ownership", "glossaryTerms", "globalTags", "structuredProperties", "applications"}


@dataclass
class Connected:
    """A school with one connected system."""

    school: School
    database: Database
    password: str

    def ingest(self, *names: str, target: str = "file:out.json") -> tuple[int, str]:
        done = self.school.campus("ingest", *names, target=target, DB_PASSWORD=self.password)
        return done.code, done.output


def set_up(
    kind: str, name: str, folder: Path, request: pytest.FixtureRequest, sql: str = TABLES, **system: Any
) -> Connected:
    """Makes a school whose system `jwxt` is a database of that kind and name."""
    if kind == "sqlite":
        # the source has no default schema to complete the names in a view with
        sql = sql.replace("FROM jw_cj JOIN jw_kc", "FROM main.jw_cj JOIN main.jw_kc")
    database = make_database(kind, name, sql, folder, request.getfixturevalue)
    school = School(folder)
    school.declare({**SYSTEM, "platform": database.platform, **database.place, **system})
    school.connect("jwxt", database.source)
    server = {"postgres": "postgres", "mysql": "mariadb", "mariadb": "mariadb"}.get(kind)
    return Connected(school, database, request.getfixturevalue(server).password if server else "")


@pytest.fixture(scope="module", params=KINDS)
def connected(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Connected:
    """The system on each kind of database, ingested once; tests read `out.json` and leave it as it is."""
    system = set_up(request.param, f"system_{request.param}", tmp_path_factory.mktemp(request.param), request)
    code, output = system.ingest("jwxt", "--strict")
    assert (code, "succeeded" in output) == (0, True), output
    return system


def columns(catalog: Catalog, urn: str) -> dict[str, str]:
    return {column["fieldPath"]: column["nativeDataType"] for column in catalog[urn]["schemaMetadata"]["fields"]}


def owners(aspects: dict[str, Any]) -> dict[str, set[str]]:
    """Owners by ownership type, ids only."""
    found: dict[str, set[str]] = {}
    for owner in aspects["ownership"]["owners"]:
        found.setdefault(owner["typeUrn"].rsplit(":", 1)[1], set()).add(owner["owner"].rsplit(":", 1)[1])
    return found


def terms(aspects: dict[str, Any]) -> set[str]:
    return {term["urn"].rsplit(":", 1)[1] for term in aspects["glossaryTerms"]["terms"]}


def tags(aspects: dict[str, Any]) -> set[str]:
    return {tag["tag"].rsplit(":", 1)[1] for tag in aspects["globalTags"]["tags"]}


def values(aspects: dict[str, Any]) -> dict[str, str]:
    found = aspects["structuredProperties"]["properties"]
    return {value["propertyUrn"].rsplit(":", 1)[1]: value["values"][0]["string"] for value in found}


def without_times(value: Any) -> Any:
    """The same without audit stamps' clocks: DataHub dates lineage by the run."""
    if isinstance(value, dict):
        return {key: without_times(part) for key, part in value.items() if key != "time"}
    return [without_times(part) for part in value] if isinstance(value, list) else value


def test_live_structure_and_declared_facts_meet(connected: Connected) -> None:
    catalog = connected.school.catalog()
    course = connected.database.dataset("jw_kc")
    aspects = catalog[course]

    assert list(columns(catalog, course)) == ["kch", "kcmc", "xf"]
    assert columns(catalog, course)["kch"].startswith("VARCHAR")
    assert aspects["datasetProperties"]["name"] == "课程信息"
    assert aspects["datasetProperties"]["description"] == "全校课程库。"
    fields = {column["fieldPath"]: column for column in aspects["schemaMetadata"]["fields"]}
    assert fields["kch"]["description"] == "课程号"
    assert fields["kch"]["isPartOfKey"] and not fields["xf"].get("isPartOfKey")
    assert aspects["domains"]["domains"] == ["urn:li:domain:teaching-resources"]
    assert owners(aspects) == {
        "responsible-unit": {"academic-affairs-office"},
        "responsible-person": {"academic-affairs-office-steward"},
        "first-responsible-person": {"academic-affairs-office-head"},
    }
    assert {"sharing.shared", "items.teaching-resources.teaching-plans"} < terms(aspects)
    assert tags(aspects) == {"sharing-shared"}
    assert values(aspects) == {
        "campus.sharing_scope": "校内各单位", "campus.sharing_purpose": "教学运行", "campus.backup": "每日全量",
    }  # fmt: skip
    assert aspects["applications"]["applications"] == ["urn:li:application:jwxt"]


def test_a_dataset_s_own_statements_win(connected: Connected) -> None:
    aspects = connected.school.catalog()[connected.database.dataset("jw_cj")]

    assert owners(aspects)["responsible-unit"] == {"teaching-quality-center"}
    assert tags(aspects) == {"sharing-not-shared"}
    assert values(aspects) == {"campus.sharing_basis": "涉及学生个人隐私", "campus.backup": "每日全量"}


def test_foreign_keys_views_and_lineage_stay(connected: Connected) -> None:
    catalog, dataset = connected.school.catalog(), connected.database.dataset

    keys = catalog[dataset("jw_cj")]["schemaMetadata"]["foreignKeys"]
    assert [key["foreignDataset"] for key in keys] == [dataset("jw_kc")]
    view = catalog[dataset("v_jw_cj")]
    assert view["subTypes"]["typeNames"] == ["View"]
    assert "zpcj" in view["viewProperties"]["viewLogic"]
    assert {up["dataset"] for up in view["upstreamLineage"]["upstreams"]} == {dataset("jw_kc"), dataset("jw_cj")}


def test_tables_that_only_the_system_or_a_rule_covers_are_stamped(connected: Connected) -> None:
    catalog = connected.school.catalog()
    table, view = (catalog[connected.database.dataset(name)] for name in ("dm_ksxs", "v_jw_cj"))

    for aspects in (table, view):
        assert owners(aspects)["responsible-unit"] == {"academic-affairs-office"}
        assert OWNED_BY_US <= aspects.keys()
    assert "data-kinds.system" in terms(table) and "data-kinds.business" in terms(view)


def test_every_container_is_stamped(connected: Connected) -> None:
    containers = {u: a for u, a in connected.school.catalog().items() if u.startswith("urn:li:container:")}

    assert containers
    for urn, aspects in containers.items():
        assert OWNED_BY_US <= aspects.keys(), urn
        assert owners(aspects)["responsible-unit"] == {"academic-affairs-office"}


def test_the_system_is_registered_with_its_datasets(connected: Connected) -> None:
    application = connected.school.catalog()["urn:li:application:jwxt"]

    assert application["applicationProperties"]["name"] == "教务管理系统"
    assert owners(application)["responsible-unit"] == {"academic-affairs-office"}


def test_declared_first_and_connected_later_is_one_entity(connected: Connected) -> None:
    """Whatever comes first, register or live system, the catalog ends up the same."""
    school, place = connected.school, {"platform": connected.database.platform, **connected.database.place}
    school.declare({**SYSTEM, **place, "connected": False})
    # `connected: false` and a recipe contradict each other, which only a run of that recipe would complain of
    code, output = connected.ingest("register", target="file:declared.json")
    assert code == 0, output
    course = connected.database.dataset("jw_kc")
    assert columns(school.catalog("declared.json"), course) == {"kch": "varchar(10)"}

    school.declare({**SYSTEM, **place})
    shutil.copy(school.home / "out.json", school.home / "live-first.json")
    for names, target in ((["register", "jwxt"], "declared.json"), (["register"], "live-first.json")):
        code, output = connected.ingest(*names, target=f"file:{target}")
        assert code == 0, output

    live_first, declared_first = (without_times(school.catalog(f"{name}.json")) for name in ("live-first", "declared"))
    datasets = {urn for urn in live_first if urn.startswith("urn:li:dataset:")}
    assert datasets == {connected.database.dataset(name) for name in ("jw_kc", "jw_cj", "dm_ksxs", "v_jw_cj")}
    for urn in live_first:
        assert declared_first[urn] == live_first[urn]
    assert declared_first.keys() == live_first.keys()
    assert live_first == without_times(school.catalog()), "declaring what is stamped already changes nothing"


def test_a_platform_instance_is_part_of_the_identity(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    system = set_up("postgres", "system_instance", tmp_path, request, instance="east")
    system.database.source["config"]["platform_instance"] = "east"
    system.school.connect("jwxt", system.database.source)

    code, output = system.ingest("register", "jwxt", "--strict")

    assert code == 0, output
    datasets = [urn for urn in system.school.catalog() if urn.startswith("urn:li:dataset:")]
    names = {urn.split(",")[1] for urn in datasets}
    assert names == {f"east.system_instance.public.{table}" for table in ("jw_kc", "jw_cj", "dm_ksxs", "v_jw_cj")}
    course = next(urn for urn in datasets if urn.split(",")[1].endswith("jw_kc"))
    assert system.school.catalog()[course]["datasetProperties"]["name"] == "课程信息"


@pytest.mark.parametrize("kind", ["mariadb", "sqlite"])
def test_undeclared_tables_are_named_and_get_no_invented_owner(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    system = set_up(kind, "system_undeclared", tmp_path, request, covers=["dm_*"])
    name = ".".join([*system.database.place.values(), "v_jw_cj"])

    code, output = system.ingest("jwxt")
    assert code == 0, output
    assert f"undeclared: {name}" in output
    strict_code, strict_output = system.ingest("jwxt", "--strict")
    assert strict_code == 1
    assert f"undeclared: {name}" in strict_output
    assert "undeclared: " + name.replace("v_jw_cj", "dm_ksxs") not in output

    undeclared = system.school.catalog()[system.database.dataset("v_jw_cj")]
    assert "schemaMetadata" in undeclared
    assert not OWNED_BY_US & undeclared.keys()


SECRET_COMMENTS = {
    "postgres": {
        "table": "COMMENT ON TABLE bm_zl IS '机密资料登记';",
        "column": "COMMENT ON COLUMN bm_zl.wh IS '涉密文号';",
    },
    "mariadb": {
        "table": "ALTER TABLE bm_zl COMMENT = '机密资料登记';",
        "column": "ALTER TABLE bm_zl MODIFY wh varchar(20) COMMENT '涉密文号';",
    },
}


@pytest.mark.parametrize("where", ["table", "column"])
@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_of_classified_tables_nothing_is_written(
    kind: str, where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    secret = "CREATE TABLE bm_zl (id integer NOT NULL PRIMARY KEY, wh varchar(20));" + SECRET_COMMENTS[kind][where]
    secret += "CREATE TABLE bm_jy (zl integer, xh varchar(12), FOREIGN KEY (zl) REFERENCES bm_zl (id));"
    system = set_up(kind, f"classified_{kind}_{where}", tmp_path, request, TABLES + secret)

    code, output = system.ingest("jwxt")

    assert code == 1
    assert any("jwxt" in line and "bm_zl" in line and "第二十条" in line for line in output.splitlines()), output
    written = (system.school.home / "out.json").read_text(encoding="utf-8")
    for word in ("bm_zl", "机密", "涉密"):
        assert word not in written
    catalog = system.school.catalog()
    for table in ("jw_kc", "jw_cj", "bm_jy"):
        assert "schemaMetadata" in catalog[system.database.dataset(table)]


def test_a_view_on_a_classified_table_does_not_give_it_away(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    secret = "CREATE TABLE bm_zl (id integer PRIMARY KEY, wh varchar(20)); COMMENT ON TABLE bm_zl IS '机密资料';"
    secret += "CREATE VIEW v_zl AS SELECT id, wh FROM bm_zl;"
    system = set_up("postgres", "classified_view", tmp_path, request, TABLES + secret)

    code, _ = system.ingest("jwxt")

    assert code == 1
    assert "bm_zl" not in (system.school.home / "out.json").read_text(encoding="utf-8")


def test_a_classified_table_is_refused_from_the_lite_database_too(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    secret = 'CREATE TABLE "机密档案" (id integer PRIMARY KEY);'
    system = set_up("sqlite", "classified_lite", tmp_path, request, TABLES + secret)

    code, output = system.ingest("jwxt", target="lite:lite.db")

    assert code == 1 and "机密档案" in output
    assert system.database.dataset("jw_kc") in read_lite(tmp_path / "lite.db")
    files = list(tmp_path.glob("lite.db*"))
    assert files and all("机密档案".encode() not in path.read_bytes() for path in files)


def test_foreign_keys_without_a_name_are_read(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """SQLite's usually have none."""
    sql = TABLES.replace("CONSTRAINT fk_cj_kc ", "")
    system = set_up("sqlite", "system_unnamed", tmp_path, request, sql)

    code, output = system.ingest("jwxt")

    assert code == 0, output
    keys = system.school.catalog()[system.database.dataset("jw_cj")]["schemaMetadata"]["foreignKeys"]
    assert [key["foreignDataset"] for key in keys] == [system.database.dataset("jw_kc")]


def test_a_name_declared_in_another_case_is_reported(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    datasets = [{**SYSTEM["datasets"][0], "table": "JW_KC"}]
    system = set_up("postgres", "system_case", tmp_path, request, datasets=datasets)

    code, output = system.ingest("jwxt")

    assert code == 0, output
    line = next(line for line in output.splitlines() if "declared as" in line)
    assert "system_case.public.jw_kc" in line and "system_case.public.JW_KC" in line
    assert "datasetProperties" in system.school.catalog()[system.database.dataset("jw_kc")]


def test_a_database_s_own_comment_stays_beside_the_declared_one(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    comments = "COMMENT ON TABLE jw_kc IS '课程表'; COMMENT ON COLUMN jw_kc.kch IS '编号';"
    comments += "COMMENT ON TABLE jw_cj IS '成绩表';"
    system = set_up("postgres", "system_comments", tmp_path, request, TABLES + comments)

    code, output = system.ingest("jwxt")

    assert code == 0, output
    catalog = system.school.catalog()
    course, score = (catalog[system.database.dataset(name)] for name in ("jw_kc", "jw_cj"))
    assert course["datasetProperties"]["description"] == "全校课程库。"
    assert course["datasetProperties"]["customProperties"]["database_comment"] == "课程表"
    field = next(field for field in course["schemaMetadata"]["fields"] if field["fieldPath"] == "kch")
    assert field["description"] == "课程号"
    assert json.loads(field["jsonProps"])["database_comment"] == "编号"
    assert score["datasetProperties"]["description"] == "成绩表"
    assert score["datasetProperties"]["name"] == "学生成绩"
