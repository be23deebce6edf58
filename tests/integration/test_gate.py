"""Classified material in real systems: what gets out, what is remembered, what is said of it."""

from __future__ import annotations

import base64
import bz2
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.contract.standin import Standin
from tests.support.live import School, read_lite

SYSTEM: dict[str, Any] = {
    "id": "a",
    "name": "示例系统",
    "platform": "postgres",
    "database": "gate",
    "connected": True,
    "subset": "学生管理子集",
    "unit": "学工处",
    "persons": ["学工处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "学生教育管理"},
}
TABLES = """
CREATE TABLE ok (id int); CREATE TABLE plan_a (id int, mc text);
"""
SECRET = """
COMMENT ON TABLE plan_a IS '机密：某工程'; CREATE VIEW v_a AS SELECT id FROM plan_a;
CREATE PROCEDURE load_a() LANGUAGE sql AS $$ INSERT INTO plan_a SELECT id FROM ok; $$;
CREATE FUNCTION count_a() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM plan_a); END $$;
CREATE PROCEDURE other() LANGUAGE sql AS $$ DELETE FROM ok; $$; COMMENT ON PROCEDURE other() IS '绝密处理';
"""


@pytest.fixture
def school(tmp_path: Path, postgres: Any) -> School:
    postgres.create_database("gate", TABLES, replace=True)
    return connect(tmp_path, postgres)


def connect(folder: Path, postgres: Any, **more: Any) -> School:
    school = School(folder)
    school.declare(SYSTEM)
    access = {"host_port": postgres.host_port, "database": "gate", "username": postgres.user}
    config = {**access, "password": "${DB_PASSWORD}", "stateful_ingestion": {"enabled": True}, **more}
    school.connect("a", {"type": "postgres", "config": config})
    return school


def ingest(school: School, postgres: Any, target: str = "file:out.json", **env: str) -> tuple[int, str]:
    done = school.campus("ingest", "a", target=target, DB_PASSWORD=postgres.password, **env)
    return done.code, done.output


def remembered(school: School, target: str = "out.json") -> str:
    """All a state file holds, unpacked."""
    text = (school.home / f"{target}.state" / "a.json").read_text(encoding="utf-8")
    payloads = [record["aspect"]["json"]["state"]["payload"] for record in json.loads(text)]
    return text + "".join(bz2.decompress(base64.b85decode(payload)).decode() for payload in payloads)


def dataset(table: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,gate.public.{table},PROD)"


@pytest.mark.parametrize("target", ["out.json", "out.db"])
def test_nothing_of_it_is_in_the_catalog_the_state_or_the_log_at_any_run(
    target: str, school: School, postgres: Any
) -> None:
    postgres.execute("gate", SECRET)
    for _ in range(2):
        code, output = ingest(school, postgres, f"{'lite' if target.endswith('db') else 'file'}:{target}")
        assert code == 1 and "gate.public.plan_a (机密: table comment)" in output, output
        files = [path for path in school.home.glob(f"{target}*") if path.is_file()]
        written = b"".join(path.read_bytes() for path in files)
        for text in (written.decode(errors="replace"), remembered(school, target)):
            assert dataset("ok") in text
            assert not [word for word in ("plan_a", "v_a", "load_a", "count_a", "机密", "绝密") if word in text]
        assert not [word for word in ("机密", "绝密") if word in school.log]


def test_what_earlier_runs_wrote_is_taken_out_and_does_not_come_back(school: School, postgres: Any) -> None:
    assert ingest(school, postgres)[0] == 0
    assert "plan_a" in remembered(school)
    postgres.execute("gate", SECRET)
    for _ in range(2):
        assert ingest(school, postgres)[0] == 1
        assert school.catalog()[dataset("plan_a")] == {"status": {"removed": True}}
        assert "plan_a" not in remembered(school)


def test_it_is_taken_out_of_a_local_catalog_without_a_state_too(tmp_path: Path, school: School, postgres: Any) -> None:
    connect(tmp_path, postgres, stateful_ingestion=None)
    assert ingest(school, postgres, "lite:c.db")[0] == 0
    postgres.execute("gate", SECRET)
    assert ingest(school, postgres, "lite:c.db")[0] == 1
    assert read_lite(tmp_path / "c.db")[dataset("plan_a")] == {"status": {"removed": True}}


def test_what_a_catalog_never_had_is_not_marked_removed_in_it(school: School, postgres: Any) -> None:
    """A state that remembers the table, as those of earlier versions do, and a catalog that has not got it."""
    assert ingest(school, postgres, "file:first.json")[0] == 0
    shutil.copytree(school.home / "first.json.state", school.home / "second.json.state")
    postgres.execute("gate", SECRET)
    assert ingest(school, postgres, "file:second.json")[0] == 1
    assert "plan_a" not in (school.home / "second.json").read_text(encoding="utf-8")


def test_on_a_server_what_is_there_is_marked_removed_and_what_is_not_is_not_made(
    school: School, postgres: Any, gms: Standin
) -> None:
    assert ingest(school, postgres, gms.url)[0] == 0
    postgres.execute("gate", SECRET + "CREATE TABLE plan_b (id int); COMMENT ON TABLE plan_b IS '机密';")
    for _ in range(2):
        assert ingest(school, postgres, gms.url)[0] == 1
        assert gms.store.get(dataset("plan_a"), "status") == {"removed": True}
        assert gms.store.get(dataset("plan_b"), "status") is None


def test_every_refused_table_is_named_in_the_same_order_with_the_word_and_its_place(
    school: School, postgres: Any
) -> None:
    names = [f"t{number:02}" for number in range(25)]
    postgres.execute("gate", "".join(f"CREATE TABLE {name} (a int);" for name in reversed(names)))
    postgres.execute("gate", "".join(f"COMMENT ON COLUMN {name}.a IS '涉密文号';" for name in names))
    for _ in range(2):
        _, output = ingest(school, postgres)
        lines = [line for line in output.splitlines() if "refused as classified" in line]
        assert [line.rpartition("recipe: ")[2] for line in lines] == [
            f"gate.public.{name} (涉密: column comment)" for name in names
        ]
        assert all(line.startswith("a: ") and "第二十条" in line for line in lines)


def test_under_the_stock_command_with_our_transformer_it_is_the_same(school: School, postgres: Any) -> None:
    """And in a stock recipe run by our own command, whose log does not name it."""
    postgres.execute("gate", SECRET)
    access = {"host_port": postgres.host_port, "database": "gate", "username": postgres.user}
    config = {**access, "password": "${DB_PASSWORD}", "stateful_ingestion": {"enabled": True}}
    config["stateful_ingestion"] |= {
        "state_provider": {"type": "file", "config": {"filename": "out.json.state/a.json"}}
    }
    (school.home / "out.json.state").mkdir()
    school.recipe(
        "a",
        {"type": "postgres", "config": config},
        transformers=[{"type": "campus-stamp", "config": {"system": "a"}}],
    )
    code, output = ingest(school, postgres)
    assert code == 1 and "gate.public.plan_a (机密: table comment)" in output, output
    for text in ((school.home / "out.json").read_text(encoding="utf-8"), remembered(school)):
        assert "plan_a" not in text and dataset("ok") in text
    assert "机密" not in school.log


def test_values_in_a_profile_refuse_their_table(tmp_path: Path, school: School, postgres: Any) -> None:
    connect(tmp_path, postgres, profiling={"enabled": True, "include_field_sample_values": True})
    postgres.execute("gate", "INSERT INTO plan_a VALUES (1, '关于某工程的绝密报告'); INSERT INTO ok VALUES (1)")
    code, output = ingest(school, postgres)
    assert code == 1 and "gate.public.plan_a (绝密: value in a profile)" in output, output
    written = (school.home / "out.json").read_text(encoding="utf-8")
    assert "plan_a" not in written and "datasetProfile" in school.catalog()[dataset("ok")]


def test_a_reviewed_table_is_let_in_and_says_so(school: School, postgres: Any) -> None:
    postgres.execute(
        "gate", "COMMENT ON TABLE plan_a IS '机密文件柜租用'; CREATE TABLE t2 (a int); COMMENT ON TABLE t2 IS '机密'"
    )
    review = {"reviewed": {"by": "学工处数据管理员", "on": "2026-09-01"}}
    school.declare({**SYSTEM, "rules": [{"match": "public.plan_*", **review}]})
    code, output = ingest(school, postgres)
    assert code == 1, "the other is refused all the same"
    assert (
        "reviewed as no classified material: gate.public.plan_a (机密: table comment; 学工处数据管理员，2026-09-01)"
        in output
    )
    shown = school.campus("show", dataset("plan_a")).output
    assert "经审查不涉密（学工处数据管理员，2026-09-01）" in shown and "机密文件柜租用" in shown
    assert dataset("t2") not in school.catalog()
    paper = {**SYSTEM, "id": "p", "platform": "paper-archive", "connected": False, "database": None}
    school.declare({**paper, "datasets": [{"table": "box", "name": "涉密人员花名册样式", **review}]})
    assert school.campus("ingest", "register").code == 0
    assert "经审查不涉密" in school.campus("show", "涉密人员花名册样式").output


def test_the_first_rule_that_matches_wins_by_schema_or_table(school: School, postgres: Any) -> None:
    postgres.execute("gate", "CREATE SCHEMA arch; CREATE TABLE arch.cj_log (id int)")
    rules = [{"match": "arch.*", "unit": "教务处", "persons": ["教务处数据管理员"]},
             {"match": "*_log", "unit": "信息中心", "persons": ["信息中心数据管理员"]}]  # fmt: skip
    for ordered, unit in ((rules, "academic-affairs-office"), (rules[::-1], "information-center")):
        school.declare({**SYSTEM, "rules": ordered})
        assert ingest(school, postgres)[0] == 0
        owners = school.catalog()[dataset("cj_log").replace("public", "arch")]["ownership"]["owners"]
        assert owners[0]["owner"] == f"urn:li:corpGroup:{unit}"
