"""What bad content gets: one clear message with file and line, exit code 1, and nothing written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.content import FAULT, campus, fault_line, replace, write

SYSTEM = """\
id: demo
name: 示例系统
description: 供测试的系统
platform: paper-archive
subset: 公共管理子集
unit: 党政办公室
persons: [党政办公室数据管理员]
sharing: {scope: 校内各单位, purpose: 查询}
kind: 业务数据
rules:
  - match: "old_*"
    backup: 每年
datasets:
  - table: overview
    name: 概况
    items: [学校概况]
    fields:
      - {name: bh, type: string, description: 编号}
"""
DATASET = "    items: [学校概况]\n"


@dataclass(frozen=True)
class Case:
    """One fault: ``old`` in the sound system becomes ``new``, whose line marked FAULT the message must point at."""

    old: str
    new: str
    code: str
    says: str


UNIT, PERSONS = "unit: 党政办公室\n", "persons: [党政办公室数据管理员]\n"
SHARING = "sharing: {scope: 校内各单位, purpose: 查询}\n"

CASES = {
    "unknown unit": Case(
        UNIT, f"unit: 党政办公厅 {FAULT}\n", "unknown-unit", "没有名为「党政办公厅」的单位，是否应为「党政办公室」"
    ),
    "unknown alias": Case(UNIT, f"unit: 图书管 {FAULT}\n", "unknown-unit", "是否应为「图书馆」"),
    "unknown person": Case(
        PERSONS, f"persons:\n  - 党政办公室数据管理人 {FAULT}\n", "unknown-person", "是否应为「党政办公室数据管理员」"
    ),
    "unknown subset": Case("公共管理子集", f"公共管理字集 {FAULT}", "unknown-subset", "是否应为「公共管理子集」"),
    "unknown item": Case("[学校概况]", f"[学校慨况] {FAULT}", "unknown-item", "是否应为「学校概况」"),
    "unknown kind": Case("业务数据", f"业务数居 {FAULT}", "unknown-kind", "是否应为「业务数据」"),
    "unknown sharing class": Case(
        SHARING,
        f"sharing:\n  class: 有条件分享 {FAULT}\n  scope: a\n  purpose: b\n",
        "unknown-sharing",
        "是否应为「有条件共享」",
    ),
    "unknown platform": Case("paper-archive", f"paper-archiv {FAULT}", "unknown-platform", "是否应为「paper-archive」"),
    "person outside the unit": Case(
        DATASET, f"    persons: [财务处数据管理员] {FAULT}\n", "person-outside-unit", "不属于责任单位「党政办公室」"
    ),
    "unit the person is outside of": Case(
        DATASET, f"    unit: 财务处 {FAULT}\n", "person-outside-unit", "责任单位「财务处」"
    ),
    "person outside the unit of a rule": Case(
        '"old_*"\n', f'"over*"\n    persons: [财务处数据管理员] {FAULT}\n', "person-outside-unit", "不属于责任单位"
    ),
    "two units": Case(UNIT, f"unit: [党政办公室, 财务处] {FAULT}\n", "two-units", "只能有一个责任单位"),
    "no persons": Case(PERSONS, f"persons: [] {FAULT}\n", "missing-persons", "至少一个"),
    "no scope": Case(SHARING, f"sharing: {{purpose: 查询}} {FAULT}\n", "missing-scope", "共享范围 scope"),
    "no purpose": Case(SHARING, f"sharing: {{scope: 校内}} {FAULT}\n", "missing-purpose", "共享用途 purpose"),
    "not shared without basis": Case(
        DATASET, f"    sharing: {{class: 不予共享}} {FAULT}\n", "missing-basis", "「不予共享」须写明依据 basis"
    ),
    "open without the law": Case(
        DATASET,
        f"    sharing: {{class: 公开, scope: a, purpose: b}} {FAULT}\n",
        "missing-basis",
        "「公开」须写明依据 basis",
    ),
    "an empty scope": Case(SHARING, f"sharing: {{scope: '', purpose: 查询}} {FAULT}\n", "invalid", "「scope」不能为空"),
    "no subset": Case("subset: 公共管理子集\n", "", "missing-subset", "没有数据子集"),
    "no unit": Case(UNIT, "", "missing-unit", "没有责任单位"),
    "no person": Case(PERSONS, "", "missing-persons", "没有责任人"),
    "a table without name": Case(
        "  - table: overview\n    name: 概况\n", f"  - table: overview {FAULT}\n", "missing", "name"
    ),
    "the ninth subset inheriting its person": Case(
        DATASET, "    subset: 其他数据资产\n    unit: 党政办公室\n", "explicit-subset", "须自己写明责任人，不能继承"
    ),
    "system declared classified": Case("id: demo\n", f"id: demo\nclassified: true {FAULT}\n", "classified", "涉密"),
    "rule declared classified": Case("    backup: 每年\n", f"    classified: true {FAULT}\n", "classified", "涉密"),
    "dataset declared classified": Case(DATASET, f"    classified: true {FAULT}\n", "classified", "涉密"),
    "classified system name": Case("name: 示例系统", f"name: 机密系统 {FAULT}", "classified", "出现「机密」"),
    "classified system description": Case("供测试的系统", f"保存绝密文件 {FAULT}", "classified", "出现「绝密」"),
    "classified database": Case("kind: 业务数据", f"database: 涉密库 {FAULT}", "classified", "出现「涉密」"),
    "classified dataset name": Case(
        "  - table: overview\n    name: 概况",
        f"  - table: overview {FAULT}\n    name: 涉密人员",
        "classified",
        "出现「涉密」",
    ),
    "classified dataset description": Case(
        "  - table: overview\n",
        f"  - table: overview {FAULT}\n    description: 含绝密件\n",
        "classified",
        "出现「绝密」",
    ),
    "classified field name": Case(
        "name: bh, type: string, description: 编号}", f"name: 机密等级}} {FAULT}", "classified", "机密"
    ),
    "classified purpose": Case(
        SHARING, f"sharing: {{scope: 校内各单位, purpose: 涉密项目管理}} {FAULT}\n", "classified", "出现「涉密」"
    ),
    "classified rule": Case("    backup: 每年\n", f"    backup: 存机密资料室 {FAULT}\n", "classified", "出现「机密」"),
    "classified in another key of a dataset": Case(
        "  - table: overview\n    name: 概况\n",
        f"  - table: overview {FAULT}\n    name: 概况\n    data_standard: 绝\u200b密级文件\n",
        "classified",
        "出现「绝密」",
    ),
    "reviewed by nobody known": Case(
        DATASET, f"    reviewed: {{by: 保密办, on: 2026-09-01}} {FAULT}\n", "unknown-person", "没有名为「保密办」的岗位"
    ),
    "reviewed in the future": Case(
        DATASET, f"    reviewed: {{by: 党政办公室主任, on: 2999-09-01}} {FAULT}\n", "invalid", "不能是将来的日期"
    ),
    "reviewed on no day": Case(
        DATASET, f"    reviewed: {{by: 党政办公室主任, on: 20260901}} {FAULT}\n", "invalid", "应为日期，如 2026-09-01"
    ),
    "reviewed on a day there is not": Case(
        DATASET, f"    reviewed: {{by: 党政办公室主任, on: 2026-02-30}} {FAULT}\n", "invalid", "应为日期，如 2026-09-01"
    ),
    "reviewed without a day": Case(
        DATASET, f"    reviewed: {{by: 党政办公室主任}} {FAULT}\n", "missing", "缺少必填项「on」"
    ),
    "a system reviewed": Case(
        UNIT,
        f"{UNIT}reviewed: {{by: 党政办公室主任, on: 2026-09-01}} {FAULT}\n",
        "unknown-key",
        "不认识的键「reviewed」",
    ),
    "classified field description": Case("编号}", f"机密文件号}} {FAULT}", "classified", "出现「机密」"),
    "dataset declared twice": Case(
        DATASET, f"  - name: 又一个\n    table: overview {FAULT}\n", "duplicate-dataset", "overview"
    ),
    "field declared twice": Case(
        "编号}\n", f"编号}}\n      - {{name: bh}} {FAULT}\n", "duplicate-field", "字段「bh」重复"
    ),
    "key written twice": Case(UNIT, f"{UNIT}unit: 财务处 {FAULT}\n", "duplicate-key", "键「unit」重复"),
    "malformed YAML": Case(UNIT, f"unit: 党政办公室: 主任 {FAULT}\n", "yaml", "请检查缩进、冒号与引号"),
    "tab for indentation": Case(DATASET, f"\titems: [学校概况] {FAULT}\n", "yaml", "请检查缩进"),
    "unknown key of a system": Case(
        UNIT, f"{UNIT}back_up: 每日 {FAULT}\n", "unknown-key", "「back_up」，是否应为「backup」"
    ),
    "unknown key of a dataset": Case(DATASET, f"    item: [学校概况] {FAULT}\n", "unknown-key", "是否应为「items」"),
    "unknown key of a field": Case("编号}", f"编号, nulable: true}} {FAULT}", "unknown-key", "是否应为「nullable」"),
    "unknown key of sharing": Case(
        SHARING, f"sharing: {{scope: a, purpose: b, bases: c}} {FAULT}\n", "unknown-key", "是否应为「basis」"
    ),
    "unknown key of a rule": Case(
        "    backup: 每年\n", f"    back_up: 每年 {FAULT}\n", "unknown-key", "是否应为「backup」"
    ),
    "an id that cannot be one": Case("id: demo", f"id: 示例 {FAULT}", "invalid", "「id」只能用小写英文字母"),
    "a number for a text": Case("name: 示例系统", f"name: 12 {FAULT}", "invalid", "「name」应为文本"),
    "a word for a switch": Case("编号}", f"编号, key: 主键}} {FAULT}", "invalid", "「key」应为 true 或 false"),
    "a text for a list": Case(
        "fields:\n      - {name: bh, type: string, description: 编号}",
        f"fields: 编号 {FAULT}",
        "invalid",
        "「fields」应为列表",
    ),
    "an unknown environment": Case("id: demo", f"id: demo\nenv: PRODUCTION {FAULT}", "invalid", "「env」只能是"),
}


def system_file(home: Path, text: str, name: str = "demo") -> Path:
    path = home / "ingestion_recipes" / "systems" / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(home: Path) -> list[str]:
    """What ``validate`` prints; ``ingest`` must say the same and leave no catalog behind."""
    with ThreadPoolExecutor() as pool:
        validated, ingested = pool.map(lambda command: campus(command, home=home), ("validate", "ingest"))
    *lines, count = validated.stdout.splitlines()
    assert (validated.returncode, ingested.returncode) == (1, 1)
    assert count == f"{len(lines)} problem(s)"
    assert validated.stderr == ""
    assert ingested.stderr.splitlines() == [*lines, count]
    assert not (home / ".catalog").exists()
    return lines


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_one_message_at_its_line_and_nothing_is_written(home: Path, name: str) -> None:
    case = CASES[name]
    assert SYSTEM.count(case.old) == 1
    path = system_file(home, SYSTEM.replace(case.old, case.new))
    if FAULT in case.new:
        line = fault_line(path)
    else:  # what is stated nowhere is said of the dataset, at its first line
        line = path.read_text(encoding="utf-8").splitlines().index("  - table: overview") + 1
    (message,) = problems(home)
    assert message.startswith(f"ingestion_recipes/systems/demo.yml:{line}: [{case.code}] ")
    assert case.says in message


def test_the_system_all_cases_start_from_is_sound(home: Path) -> None:
    system_file(home, SYSTEM)
    done = campus("validate", home=home)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("where", ["dataset", "rule"])
def test_a_reviewed_dataset_may_have_the_word_and_no_other(home: Path, where: str) -> None:
    reviewed = "    reviewed: {by: 党政办公室主任, on: 2026-09-01}\n"
    text = SYSTEM.replace("name: 概况", "name: 涉密人员字典")
    text = text.replace(DATASET, reviewed) if where == "dataset" else text.replace('"old_*"\n', f'"over*"\n{reviewed}')
    system_file(home, text)
    assert campus("validate", home=home).returncode == 0
    system_file(home, text + "  - {table: other, name: 涉密人员}\n")
    (problem,) = problems(home)
    assert "[classified]" in problem and "other" in problem


def test_a_word_that_only_contains_a_classified_one_is_no_fault(home: Path) -> None:
    system_file(home, SYSTEM.replace("供测试的系统", "非涉密系统，不涉密"))
    assert campus("validate", home=home).returncode == 0


def test_a_unit_without_head_may_not_own_data(home: Path) -> None:
    replace(home / "glossary" / "organization.yml", "    head: 党政办公室主任\n", "    head: null\n")
    system_file(home, SYSTEM.replace(UNIT, f"unit: 党政办公室 {FAULT}\n"))
    (message,) = problems(home)
    assert message.startswith("ingestion_recipes/systems/demo.yml:6: [no-head] 「党政办公室」没有第一责任人")


def test_a_seconded_person_may_answer_for_the_other_unit(home: Path) -> None:
    write(home / "glossary" / "people.yml", (home / "glossary" / "people.yml").read_text(encoding="utf-8") +
          "  - {id: lent, name: 借调岗, unit: 财务处, seconded_to: [党政办]}\n")  # fmt: skip
    system_file(home, SYSTEM.replace(PERSONS, "persons: [借调岗]\n"))
    done = campus("validate", home=home)
    assert done.returncode == 0, done.stdout


def test_a_gbk_file_is_refused(home: Path) -> None:
    path = home / "ingestion_recipes" / "systems" / "demo.yml"
    path.write_bytes(SYSTEM.encode("gbk"))
    (message,) = problems(home)
    assert message.startswith("ingestion_recipes/systems/demo.yml:2: [encoding] ") and "UTF-8" in message


def test_a_file_of_50_mb_is_refused(home: Path) -> None:
    with (home / "ingestion_recipes" / "systems" / "demo.yml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (message,) = problems(home)
    assert message.startswith("ingestion_recipes/systems/demo.yml: [too-large] 文件有 50.0 MB")


def test_a_system_id_used_twice_is_a_fault_of_the_second_file(home: Path) -> None:
    system_file(home, SYSTEM)
    system_file(home, SYSTEM.replace("id: demo", f"id: demo {FAULT}").replace("overview", "other"), "later")
    (message,) = problems(home)
    assert message == "ingestion_recipes/systems/later.yml:1: [duplicate-id] 系统 id「demo」已在 demo.yml 中登记"


def test_a_dataset_declared_by_two_systems_is_a_fault_of_the_second(home: Path) -> None:
    system_file(home, SYSTEM)
    path = system_file(home, SYSTEM.replace("id: demo", "id: later").replace("overview", f"overview {FAULT}"), "later")
    (message,) = problems(home)
    assert message.startswith(f"ingestion_recipes/systems/later.yml:{fault_line(path)}: [duplicate-dataset] ")
    assert "系统「示例系统」（demo.yml）" in message


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "code", "says"),
    [
        (
            "organization.yml",
            "id: finance-office",
            "id: hr-office",
            "name: 财务处",
            "duplicate-id",
            "「hr-office」重复",
        ),
        ("organization.yml", "[资产管理处]", "[财务处]", "name: 资产处", "duplicate-name", "「财务处」已经是单位"),
        (
            "organization.yml",
            "head: 人事处处长",
            "head: 财务处处长 #",
            "财务处处长 #",
            "person-outside-unit",
            "不是「人事处」的岗位",
        ),
        (
            "organization.yml",
            "head: 人事处处长",
            "head: 人事处长",
            "人事处长",
            "unknown-person",
            "是否应为「人事处处长」",
        ),
        (
            "domains.yml",
            "[党政办公室, 党委组织部]",
            "[党政办公厅]",
            "党政办公厅",
            "unknown-unit",
            "是否应为「党政办公室」",
        ),
        ("domains.yml", "items_node: items.staff\n", "items_node: itemz\n", "itemz", "unknown-node", "「itemz」"),
        (
            "sharing.yml",
            "term: sharing.open\n",
            "term: sharing.opened\n",
            "sharing.opened",
            "unknown-term",
            "sharing.opened",
        ),
        (
            "sharing.yml",
            "tag: sharing-open\n",
            "tag: sharing-opened\n",
            "sharing-opened",
            "unknown-tag",
            "sharing-opened",
        ),
        ("sharing.yml", "    default: true\n", "", "sharing:", "default-sharing", "只能有一个默认共享方式"),
        (
            "tags.yml",
            "id: sharing-shared",
            "id: sharing-open",
            "name: 共享方式：共享",
            "duplicate-id",
            "「sharing-open」重复",
        ),
        ("school.yml", "items: items\n", "items: itemz\n", "itemz", "unknown-node", "itemz"),
        ("regulation.yml", "number: 2\n", "number: 1 #\n", "number: 1 #", "duplicate-id", "第 1 条重复"),
        ("terms/quality.yml", "version:", "verison:", "verison:", "unknown-key", "是否应为「version」"),
        (
            "properties.yml",
            "- id: campus.backup\n",
            "- id: campus.back_up\n",
            "- id: campus.sharing_scope",
            "missing",
            "campus.backup",
        ),
    ],
)
def test_faults_of_the_glossary_are_reported_where_they_stand(
    home: Path, file: str, old: str, new: str, at: str, code: str, says: str
) -> None:
    path = replace(home / "glossary" / file, old, new)
    system_file(home, SYSTEM.split("subset:")[0])
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(at)].count("\n") + 1
    if code == "duplicate-id" and at.startswith("name:"):
        line -= 1  # the id stands above the name
    (message,) = [message for message in problems(home) if f"[{code}]" in message and says in message]
    assert message.startswith(f"glossary/{file}:{line}: ")


def test_a_missing_file_is_named(home: Path) -> None:
    (home / "glossary" / "tags.yml").unlink()
    (message,) = problems(home)
    assert message == "glossary/tags.yml: [missing-file] 缺少文件，参见 docs/formats.md"


def test_the_faults_of_all_files_come_at_once_sorted_by_file_and_line(home: Path) -> None:
    bad = SYSTEM.replace(UNIT, "unit: 无此单位\n").replace("业务数据", "无此类别").replace("编号}", "绝密}")
    system_file(home, bad)
    system_file(home, SYSTEM.replace("id: demo", "id: other").replace("table: overview", "tabel: overview"), "other")
    system_file(home, "id: [\n", "third")
    write(home / "ingestion_recipes" / "demo.yml", "source: {type: campus-systm, config: {}}\n")
    found = problems(home)
    assert [message.split("]")[0] for message in found] == [
        "ingestion_recipes/demo.yml:1: [unknown-source",
        "ingestion_recipes/systems/demo.yml:6: [unknown-unit",
        "ingestion_recipes/systems/demo.yml:9: [unknown-kind",
        "ingestion_recipes/systems/demo.yml:18: [classified",
        "ingestion_recipes/systems/other.yml:14: [missing",
        "ingestion_recipes/systems/other.yml:14: [unknown-key",
        "ingestion_recipes/systems/third.yml:2: [yaml",
    ]


def test_a_broken_glossary_does_not_hide_the_faults_of_the_register(home: Path) -> None:
    replace(home / "glossary" / "tags.yml", "tags:", "tegs:")
    system_file(home, SYSTEM.replace("backup:", "back_up:"))
    found = problems(home)
    assert any(message.startswith("glossary/tags.yml:") for message in found)
    assert any("systems/demo.yml:12: [unknown-key]" in message for message in found)


@pytest.mark.parametrize("target", ["file:catalog.json", "lite:catalog.db"])
def test_bad_content_leaves_an_existing_catalog_as_it_was(home: Path, target: str) -> None:
    system_file(home, SYSTEM)
    assert campus("ingest", home=home, target=target).returncode == 0

    def kept() -> dict[Path, bytes]:
        """The catalog, and what is remembered beside it."""
        return {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and "catalog." in str(path)}

    before = kept()
    assert {path.parent.name for path in before} > {home.name}
    system_file(home, SYSTEM.replace("概况\n    items", "机密\n    items"))
    assert campus("ingest", home=home, target=target).returncode == 1
    assert kept() == before
