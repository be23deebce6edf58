"""Personal information recognised by sample in live databases: only where asked for, and no value is left anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.live import ROOT, Catalog, Database, Result, School, make_database, read_lite, run
from tests.support.numbers import bank_card, identity_number, mobile_number

SYSTEM = {
    "id": "xsxt", "name": "学生管理系统", "connected": True,
    "subset": "学生管理子集", "unit": "学工处", "persons": ["学工处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "学生教育管理"},
}  # fmt: skip
_RANDOM = Random(20240901)
ROWS = [
    (f"2024{row:04}", identity_number(_RANDOM), mobile_number(_RANDOM), bank_card(_RANDOM), 6200000000000000 + row)
    for row in range(60)
]
PLANTED = [str(value) for row in ROWS for value in row[1:4]]
#: a value of a column that holds no personal information, which the searches below must therefore find
ORDINARY = str(ROWS[7][0])
#: innocent names, and nothing in a comment: 备注, 方式, 账号, 流水号
TABLES = (
    "CREATE TABLE xs_bz (xh varchar(12) PRIMARY KEY, bz varchar(40), fs varchar(20), zh varchar(30), lsh bigint);"
    f"INSERT INTO xs_bz VALUES {', '.join(map(str, ROWS))};"
    "CREATE TABLE xs_kc (kch varchar(10) PRIMARY KEY, kcmc varchar(40)); INSERT INTO xs_kc VALUES ('A1', 'x');"
)
SAMPLING = {"enabled": True}
FOUND = {"bz": "sample:身份证件号", "fs": "sample:手机号", "zh": "sample:银行卡号"}
#: a statement that reads rows of one of the tables
READS = re.compile(r'FROM\s+(?:"?public"?\.)?"?xs_(?:bz|kc)"?.*', re.IGNORECASE)
PATH = "campus_catalog.sources.classifier.CampusPersonalClassifier"


def school_of(database: Database, folder: Path, **config: Any) -> School:
    school = School(folder)
    school.declare({**SYSTEM, "platform": database.platform, **database.place})
    school.connect("xsxt", {"type": database.source["type"], "config": {**database.source["config"], **config}})
    return school


def ingest(school: School, password: str = "campus") -> Result:
    return school.campus("ingest", "xsxt", target="lite:out.db", DB_PASSWORD=password)


def origins(catalog: Catalog, urn: str) -> dict[str, str]:
    """By column: how the tag of personal information came there."""
    found = {}
    for field in catalog[urn]["schemaMetadata"]["fields"]:
        for tag in (field.get("globalTags") or {}).get("tags", []):
            found[field["fieldPath"]] = tag["attribution"]["sourceDetail"]["origin"]
    return found


def tags(catalog: Catalog, urn: str) -> set[str]:
    return {tag["tag"].rsplit(":", 1)[1] for tag in catalog[urn]["globalTags"]["tags"]}


def left_behind(home: Path, output: str) -> str:
    """Everything a run has written: target, state, logs, and what it printed."""
    files = [path.read_bytes().decode(errors="replace") for path in home.rglob("*") if path.is_file()]
    return "\n".join([*files, output])


def planted_in(text: str) -> list[str]:
    return [value for value in PLANTED if value in text]


@pytest.fixture(scope="module")
def database(postgres: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("sample")
    return make_database("postgres", "sampled", TABLES, folder, request.getfixturevalue)


@pytest.mark.parametrize("kind", ["postgres", "mariadb", "mysql", "sqlite"])
def test_columns_with_innocent_names_are_found_and_no_value_is_kept(
    kind: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    outside = tmp_path_factory.mktemp("database")
    database = make_database(kind, f"sample_{kind}", TABLES, outside, request.getfixturevalue)
    server = None if kind == "sqlite" else request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
    state = {"type": "file", "config": {"filename": str(tmp_path / ".catalog" / "state.json")}}
    school = school_of(
        database, tmp_path, classification=SAMPLING, stateful_ingestion={"enabled": True, "state_provider": state}
    )
    done = ingest(school, server.password if server else "")
    assert done.code == 0, done.output
    catalog = read_lite(tmp_path / "out.db")

    assert origins(catalog, database.dataset("xs_bz")) == FOUND
    assert tags(catalog, database.dataset("xs_bz")) == {"personal-information", "sharing-conditional"}
    assert tags(catalog, database.dataset("xs_kc")) == {"sharing-shared"}
    left = left_behind(tmp_path, done.output)
    assert planted_in(left) == []
    # the term DataHub would make of a finding is in neither the catalog nor the state
    assert "glossaryTerm:campus-personal" not in left
    assert not any("glossaryTerms" in field for field in catalog[database.dataset("xs_bz")]["schemaMetadata"]["fields"])
    assert "xs_bz.bz (身份证件号)" in school.log
    again = ingest(school, server.password if server else "")
    assert "nothing changed" in again.output, again.output

    database.execute("UPDATE xs_bz SET bz = '', fs = '', zh = ''")
    gone = ingest(school, server.password if server else "")
    assert origins(read_lite(tmp_path / "out.db"), database.dataset("xs_bz")) == {}
    # stateful ingestion has never heard of that term, else it would be told as removed
    assert (gone.code, "campus-personal" in gone.output) == (0, False), gone.output


def test_the_profile_of_a_column_found_keeps_counts_only(database: Database, postgres: Any, tmp_path: Path) -> None:
    profiling = {"enabled": True, "include_field_distinct_value_frequencies": True, "include_field_quantiles": True}
    done = ingest(school_of(database, tmp_path, classification=SAMPLING, profiling=profiling), postgres.password)
    assert done.code == 0, done.output

    left = left_behind(tmp_path, done.output)
    assert planted_in(left) == []
    assert ORDINARY in left
    profile = read_lite(tmp_path / "out.db")[database.dataset("xs_bz")]["datasetProfile"]
    counts = {field["fieldPath"]: field["uniqueCount"] for field in profile["fieldProfiles"]}
    assert counts["bz"] == len(ROWS)


def test_without_being_asked_no_statement_reads_a_row(database: Database, postgres: Any, tmp_path: Path) -> None:
    off, on = (statements(database, postgres, tmp_path / name, said) for name, said in WAYS.items())

    assert len(off) > 10  # the log is on
    assert [line for line in off if READS.search(line)] == []
    reads = [found.group(0) for line in on if (found := READS.search(line))]
    assert len(reads) == 2  # one for each table
    assert all(re.search(r"LIMIT 12$", read.strip()) for read in reads), reads


WAYS: dict[str, dict[str, Any]] = {"off": {}, "on": {"classification": {"enabled": True, "sample_size": 10}}}


def statements(database: Database, postgres: Any, folder: Path, said: dict[str, Any]) -> list[str]:
    """What the server was asked during a run, a statement a line."""
    school = school_of(database, folder, **said)
    log = "SELECT pg_read_file('server.log')"
    postgres.execute("postgres", "ALTER DATABASE sampled SET log_statement = 'all'")
    try:
        ((before,),) = postgres.execute("postgres", log)
        done = ingest(school, postgres.password)
        ((after,),) = postgres.execute("postgres", log)
    finally:
        postgres.execute("postgres", "ALTER DATABASE sampled RESET log_statement")
    assert done.code == 0, done.output
    lines = re.split(r"^.*?LOG:  statement: ", after[len(before) :], flags=re.MULTILINE)[1:]
    return [re.sub(r"\s+", " ", line) for line in lines]


def test_a_table_whose_rows_may_not_be_read_is_named_and_the_others_are_looked_at(
    postgres: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    secret, grant = "CREATE TABLE a_jm (bz varchar(40));", "GRANT SELECT ON xs_bz, xs_kc TO reads_some;"
    postgres.execute("postgres", "CREATE ROLE reads_some LOGIN PASSWORD 'reads-some'")
    database = make_database("postgres", "partly", secret + TABLES + grant, tmp_path, request.getfixturevalue)
    # not in autocommit, where a refusal breaks the transaction that the stock reader would stay in
    options = {"isolation_level": "READ COMMITTED"}
    school = school_of(database, tmp_path, classification=SAMPLING, username="reads_some", options=options)
    done = ingest(school, "reads-some")

    assert done.code == 0, done.output
    assert re.search(r"not recognised by sample: .*public\.a_jm \(InsufficientPrivilege\)", done.output), done.output
    assert "xs_bz" not in done.output
    assert origins(read_lite(tmp_path / "out.db"), database.dataset("xs_bz")) == FOUND


def test_a_message_that_quotes_a_value_is_not_passed_on(
    postgres: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # a column computed when it is read, from a value it cannot be computed from
    sql = "CREATE TABLE xs_js (bz varchar(40), n int GENERATED ALWAYS AS (bz::int) VIRTUAL);"
    database = make_database("postgres", "computed", sql, tmp_path, request.getfixturevalue)
    database.execute(f"INSERT INTO xs_js (bz) VALUES ('{PLANTED[0]}')")
    with pytest.raises(Exception, match=PLANTED[0]):
        database.execute("SELECT * FROM xs_js")
    school = school_of(database, tmp_path, classification=SAMPLING)
    inner = {**database.source, "config": {**database.source["config"], "classification": SAMPLING}}
    system = {"type": "campus-system", "config": {"system": "xsxt", "home": str(tmp_path), "source": inner}}
    sink = {"type": "file", "config": {"filename": str(tmp_path / "stock.json")}}
    recipe = school.recipe("debug", system, sink=sink)
    done = run("datahub", "--debug", "ingest", "-c", recipe, cwd=tmp_path, DB_PASSWORD=postgres.password)

    assert "public.xs_js" in done.output and "not recognised by sample" in done.output, done.output
    assert planted_in(left_behind(tmp_path, done.output)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_through_the_stock_command_and_transformer(
    workers: int, database: Database, postgres: Any, tmp_path: Path
) -> None:
    school = school_of(database, tmp_path)
    classifier = {"type": PATH, "config": {"home": str(tmp_path)}}
    sampling = {**SAMPLING, "max_workers": workers, "classifiers": [classifier]}
    source = {**database.source, "config": {**database.source["config"], "classification": sampling}}
    transformers = [{"type": "campus-stamp", "config": {"home": str(tmp_path)}}]
    sink = {"type": "file", "config": {"filename": str(tmp_path / "stock.json")}}
    recipe = school.recipe("stock", source, transformers=transformers, sink=sink)
    done = run("datahub", "--debug", "ingest", "-c", recipe, cwd=tmp_path, DB_PASSWORD=postgres.password)
    assert done.code == 0, done.output

    left = left_behind(tmp_path, done.output)
    assert "Collecting sample values" in left  # the run told all it tells
    assert ("with 2 worker(s)" in left) is (workers == 2)
    assert planted_in(left) == []
    assert "glossaryTerm:campus-personal" not in (tmp_path / "stock.json").read_text(encoding="utf-8")
    fields = schema_of(tmp_path / "stock.json", database.dataset("xs_bz"))
    assert {field["fieldPath"] for field in fields if field.get("globalTags")} == set(FOUND)
    assert not any(field.get("glossaryTerms") for field in fields)


def schema_of(path: Path, urn: str) -> list[dict[str, Any]]:
    """A dataset's columns in the file of the stock sink, where they are part of a snapshot."""
    for record in json.loads(path.read_text(encoding="utf-8")):
        for snapshot in (record.get("proposedSnapshot") or {}).values():
            aspects = {
                name.rsplit(".", 1)[1]: value for aspect in snapshot["aspects"] for name, value in aspect.items()
            }
            if snapshot["urn"] == urn and "SchemaMetadata" in aspects:
                return list(aspects["SchemaMetadata"]["fields"])
    raise AssertionError(f"no columns of {urn}")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"classification": {"enabled": True, "classifiers": [{"type": "datahub"}]}}, "classifier has been removed"),
        ({"classification": {"enabled": True}, "options": {"echo": "debug"}}, "options.echo: debug logs them"),
        ({"profiling": {"enabled": True}, "options": {"echo": "debug"}}, "profiling reads rows and options.echo"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(
    said: dict[str, Any], message: str, database: Database, postgres: Any, tmp_path: Path
) -> None:
    done = ingest(school_of(database, tmp_path, **said), postgres.password)

    assert done.code == 1 and message in done.output, done.output
    assert "Traceback" not in done.output


def test_the_account_and_recipe_of_the_page_find_what_it_promises(postgres: Any, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "personal.md").read_text(encoding="utf-8")
    account, recipe = (
        re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0] for kind in ("sql", "yaml")
    )
    tables = TABLES.replace("xs_bz", "xs_lxfs") + "CREATE TABLE xs_jbxx (bz text); CREATE TABLE kc (bz text);"
    postgres.create_database("xsxt", tables, replace=True)
    postgres.execute("xsxt", account)
    school = School(tmp_path)
    school.declare({**SYSTEM, "platform": "postgres", "database": "xsxt", "schema": "public"})
    (tmp_path / "ingestion_recipes" / "xsxt.yml").write_text(recipe, encoding="utf-8")
    variables = {"XSXT_HOST_PORT": postgres.host_port, "XSXT_USER": "campus_sample", "XSXT_PASSWORD": "change-me"}
    done = school.campus("ingest", "xsxt", **variables)

    assert done.code == 0, done.output
    urn = "urn:li:dataset:(urn:li:dataPlatform:postgres,xsxt.public.xs_lxfs,PROD)"
    assert origins(school.catalog(), urn) == FOUND
    # not granted and asked for, not granted and not asked for
    assert ("public.xs_kc (Insuff" in done.output, "public.kc (" in done.output) == (True, False), done.output
    for column, kind in (("bz", "身份证件号"), ("fs", "手机号"), ("zh", "银行卡号")):
        assert "recognised by sample: say so" in school.log and f"xs_lxfs.{column} ({kind})" in school.log
