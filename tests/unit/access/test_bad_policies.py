"""What bad policies get: every fault at once, each with file, line, code and a Chinese message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from campus_catalog.access.loader import load_access
from campus_catalog.content.problems import ContentError, Problem
from campus_catalog.register.loader import load_content
from tests.support.content import FAULT, fault_line, new_home, write

SYSTEM = """\
    id: demo
    name: 示例系统
    platform: paper-archive
    subset: 公共管理子集
    unit: 党政办公室
    persons: [党政办公室数据管理员]
    sharing: {scope: 校内各单位, purpose: 查询}
    kind: 业务数据
    data_standard: JY/T 1006—2012
    operation_log: 登记簿
    backup: 每年
    datasets:
      - table: overview
        name: 概况
"""
POLICY = """\
policies:
  - id: readers
    name: 读者
    description: 查看
    type: METADATA
    privileges: [VIEW_ENTITY_PAGE]
    actors:
      groups: [党政办公室]
    resources:
      filter:
        criteria:
          - {field: TYPE, values: [dataset]}
"""
PRIVILEGES, GROUPS = "privileges: [VIEW_ENTITY_PAGE]", "groups: [党政办公室]"
CRITERION = "- {field: TYPE, values: [dataset]}"
RESOURCES = "    resources:\n      filter:\n        criteria:\n          " + CRITERION + "\n"


@dataclass(frozen=True)
class Case:
    """One fault: ``old`` in the sound policy becomes ``new``, whose line marked FAULT the message must point at."""

    old: str
    new: str
    code: str
    says: str


CASES = {
    "unknown privilege": Case(
        PRIVILEGES,
        f"privileges:\n      - VIEW_ENTITY_PAGES {FAULT}",
        "unknown-privilege",
        "是否应为「VIEW_ENTITY_PAGE」",
    ),
    "platform privilege in a metadata policy": Case(
        PRIVILEGES, f"privileges:\n      - MANAGE_TAGS {FAULT}", "privilege-type", "只能写在 type: PLATFORM 的策略中"
    ),
    "privilege that means nothing for the type": Case(
        PRIVILEGES, f"privileges:\n      - EDIT_TAG_COLOR {FAULT}", "privilege-resource", "对 dataset 没有意义"
    ),
    "no privileges": Case(PRIVILEGES, f"privileges: [] {FAULT}", "no-privileges", "什么也不授予"),
    "unknown unit": Case(GROUPS, f"groups:\n        - 党政办公厅 {FAULT}", "unknown-unit", "是否应为「党政办公室」"),
    "unknown post": Case(GROUPS, f"users:\n        - 图书馆馆常 {FAULT}", "unknown-person", "是否应为「图书馆馆长」"),
    "unknown role": Case(GROUPS, f"roles:\n        - Readers {FAULT}", "unknown-role", "是否应为「Reader」"),
    "unknown ownership type": Case(
        GROUPS,
        f"resourceOwners: true\n      resourceOwnersTypes:\n        - 负责单位 {FAULT}",
        "unknown-ownership-type",
        "是否应为「责任单位」",
    ),
    "granted to nobody": Case(f"actors:\n      {GROUPS}", f"actors: {{}} {FAULT}", "no-actors", "没有写明授予谁"),
    "owners of any type by omission": Case(
        GROUPS, f"resourceOwners: true {FAULT}", "owner-types", "任何人添加的任何类型的责任人都有权限"
    ),
    "owner types without owners": Case(
        GROUPS, f"{GROUPS}\n      resourceOwnersTypes: [责任单位] {FAULT}", "owner-types", "不起作用"
    ),
    "everything by omission: no resources": Case(
        f"actors:\n      {GROUPS}\n{RESOURCES}",
        f"actors:\n      {GROUPS}\n    # none\n",
        "everything-by-omission",
        "DataHub 会授予全部资源",
    ),
    "everything by omission: empty resources": Case(
        RESOURCES, f"    resources: {{}} {FAULT}\n", "everything-by-omission", "allResources: true"
    ),
    "everything by omission: no criteria": Case(
        RESOURCES,
        f"    resources: {FAULT}\n      filter: {{criteria: []}}\n",
        "everything-by-omission",
        "allResources: true",
    ),
    "both a filter and all resources": Case(
        "    resources:\n", f"    resources:\n      allResources: true {FAULT}\n", "resources-twice", "只能写一个"
    ),
    "unknown field": Case(
        CRITERION, f"- {{field: DOMAINS, values: [x]}} {FAULT}", "unknown-field", "是否应为「DOMAIN」"
    ),
    "a field by its former name": Case(
        CRITERION, f"- {{field: RESOURCE_TYPE, values: [dataset]}} {FAULT}", "unsupported-field", "旧写法"
    ),
    "a field only the newest servers know": Case(
        CRITERION, f"- {{field: STRUCTURED_PROPERTY, values: [x]}} {FAULT}", "unsupported-field", "悄悄失效"
    ),
    "unknown condition": Case(
        CRITERION,
        f"- {{field: TYPE, values: [dataset], condition: EQUAL}} {FAULT}",
        "unknown-condition",
        "是否应为「EQUALS」",
    ),
    "no values": Case(CRITERION, f"- {{field: TYPE, values: []}} {FAULT}", "no-values", "values 为空"),
    "unknown type": Case(
        CRITERION, f"- {{field: TYPE, values: [datasets]}} {FAULT}", "unknown-type", "是否应为「dataset」"
    ),
    "unknown subset": Case(
        CRITERION, f"- {{field: DOMAIN, values: [公共管理字集]}} {FAULT}", "unknown-subset", "是否应为「公共管理子集」"
    ),
    "unknown tag": Case(
        CRITERION, f"- {{field: TAG, values: [共享方式:共享]}} {FAULT}", "unknown-tag", "是否应为「共享方式：共享」"
    ),
    "unknown term": Case(
        CRITERION, f"- {{field: GLOSSARY, values: [学校概括]}} {FAULT}", "unknown-term", "是否应为「学校概况」"
    ),
    "unknown owner": Case(
        CRITERION, f"- {{field: OWNER, values: [没有的处]}} {FAULT}", "unknown-owner", "没有名为「没有的处」"
    ),
    "unknown dataset": Case(
        CRITERION, f"- {{field: URN, values: [概矿]}} {FAULT}", "unknown-resource", "是否应为「概况」"
    ),
    "unknown system": Case(
        CRITERION,
        f"- {{field: URN, values: [示例系], condition: STARTS_WITH}} {FAULT}",
        "unknown-system",
        "是否应为「示例系统」",
    ),
    "system whose datasets have no common prefix": Case(
        CRITERION,
        f"- {{field: URN, values: [示例系统], condition: STARTS_WITH}} {FAULT}",
        "unsuited-system",
        "没有共同的前缀",
    ),
    "system without an instance": Case(
        CRITERION,
        f"- {{field: DATA_PLATFORM_INSTANCE, values: [示例系统]}} {FAULT}",
        "unsuited-system",
        "没有 instance",
    ),
    "a criterion that matches nothing": Case(
        CRITERION,
        f"{CRITERION}\n          - {{field: TAG, values: [共享方式：公开]}} {FAULT}",
        "matches-nothing",
        "匹配不到任何资源",
    ),
    "criteria that match nothing together": Case(
        f"criteria:\n          {CRITERION}",
        f"criteria: {FAULT}\n          - {{field: TYPE, values: [domain]}}\n"
        f"          - {{field: TAG, values: [共享方式：共享]}}",
        "matches-nothing",
        "合起来",
    ),
    "constraint without a privilege it limits": Case(
        "    resources:\n",
        f"    resources:\n      privilegeConstraints: {FAULT}\n"
        f"        criteria: [{{field: URN, values: [共享方式：共享]}}]\n",
        "unused-constraint",
        "没有这类权限",
    ),
    "the id of a shipped policy": Case(
        "id: readers", f"id: view-entity-page-all {FAULT}", "shipped-policy", "自带策略的 id"
    ),
    "the id of a former shipped policy": Case("id: readers", f'id: "8" {FAULT}', "shipped-policy", "自带策略的 id"),
    "placeholder without repetition": Case(
        "name: 读者", f"name: $domain读者 {FAULT}", "unknown-placeholder", "没有 for_each"
    ),
    "placeholder of another repetition": Case(
        "name: 读者", f"for_each: unit\n    name: $domain读者 {FAULT}", "unknown-placeholder", "可用 $head、$unit"
    ),
    "unknown repetition": Case(
        "name: 读者", f"for_each: domains {FAULT}\n    name: 读者", "invalid", "是否应为「domain」"
    ),
    "unknown key": Case(
        "name: 读者", f"name: 读者\n    resouces: {{}} {FAULT}", "unknown-key", "是否应为「resources」"
    ),
    "unknown type of policy": Case("type: METADATA", f"type: META {FAULT}", "invalid", "METADATA"),
    "unknown state": Case("type: METADATA", f"type: METADATA\n    state: OFF_ {FAULT}", "invalid", "ACTIVE"),
    "a shipped policy that does not exist": Case(
        "policies:",
        f"take_over:\n  - policy: view-entity-page {FAULT}\n    state: INACTIVE\n    reason: x\npolicies:",
        "unknown-shipped-policy",
        "是否应为「view-entity-page-all」",
    ),
    "a shipped policy the server restores": Case(
        "policies:",
        f"take_over:\n  - policy: reader-metadata-policy {FAULT}\n    state: INACTIVE\n    reason: x\npolicies:",
        "shipped-not-editable",
        "每次启动都会恢复它",
    ),
    "a shipped policy taken over without a reason": Case(
        "policies:",
        f"take_over:\n  - {{policy: view-entity-page-all, state: INACTIVE}} {FAULT}\npolicies:",
        "missing",
        "reason",
    ),
    "a shipped policy taken over but active": Case(
        "policies:",
        f"take_over:\n  - policy: view-entity-page-all\n    state: ACTIVE {FAULT}\n    reason: x\npolicies:",
        "invalid",
        "INACTIVE",
    ),
    "a shipped policy taken over twice": Case(
        "policies:",
        "take_over:\n  - {policy: view-entity-page-all, state: INACTIVE, reason: x}\n"
        f"  - {{policy: view-entity-page-all, state: INACTIVE, reason: x}} {FAULT}\npolicies:",
        "duplicate-id",
        "接管了两次",
    ),
}

PLATFORM = """\
policies:
  - id: p
    name: p
    description: p
    type: PLATFORM
    privileges: [VIEW_ANALYTICS]
    actors: {groups: [信息中心]}
"""
PLATFORM_CASES = {
    "resources in a platform policy": Case(
        "    actors",
        f"    resources: {{allResources: true}} {FAULT}\n    actors",
        "platform-policy",
        "resources 不起作用",
    ),
    "owners in a platform policy": Case(
        "actors: {groups: [信息中心]}",
        f"actors:\n      resourceOwners: true {FAULT}",
        "platform-policy",
        "请删除 resourceOwners",
    ),
    "metadata privilege in a platform policy": Case(
        "[VIEW_ANALYTICS]", f"[EDIT_ENTITY] {FAULT}", "privilege-type", "type: METADATA"
    ),
}

INVARIANTS = """\
invariants:
  - id: a
    description: 规则
    privileges: [VIEW_ENTITY_PAGE]
    of: {sharing: [共享]}
    only: {units: [信息中心]}
"""
INVARIANT_CASES = {
    "unknown privilege": Case(
        "[VIEW_ENTITY_PAGE]", f"[VIEW_PAGE] {FAULT}", "unknown-privilege", "没有名为「VIEW_PAGE」的权限"
    ),
    "unknown sharing class": Case(
        "{sharing: [共享]}", f"{{sharing: [分享]}} {FAULT}", "unknown-sharing", "是否应为「共享」"
    ),
    "unknown type": Case("{sharing: [共享]}", f"{{types: [table]}} {FAULT}", "unknown-type", "没有名为「table」"),
    "unknown unit": Case(
        "{units: [信息中心]}", f"{{units: [信息中新]}} {FAULT}", "unknown-unit", "是否应为「信息中心」"
    ),
    "nobody named": Case(
        "- id: a\n    description: 规则\n    privileges: [VIEW_ENTITY_PAGE]\n"
        "    of: {sharing: [共享]}\n    only: {units: [信息中心]}",
        f"- id: a {FAULT}\n    description: 规则\n    privileges: [VIEW_ENTITY_PAGE]",
        "empty-invariant",
        "only",
    ),
    "duplicate id": Case(
        "invariants:\n",
        "invariants:\n  - {id: a, description: x, privileges: [EDIT_ENTITY], only: {}}\n",
        "duplicate-id",
        "规则 id「a」重复",
    ),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A content folder with one system of one shared dataset and no policies."""
    folder = new_home(tmp_path / "home")
    write(folder / "ingestion_recipes" / "systems" / "demo.yml", SYSTEM)
    return folder


def faults(home: Path) -> list[Problem]:
    """What loading the policies reports."""
    try:
        load_access(load_content(home))
    except ContentError as error:
        return error.problems
    return []


def policy_file(home: Path, text: str, name: str = "p.yml") -> Path:
    path = home / "policies" / "access" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(case: Case, sound: str, path: Path, home: Path) -> None:
    assert sound.count(case.old) == 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sound.replace(case.old, case.new), encoding="utf-8")
    (problem,) = faults(home)
    line = fault_line(path) if FAULT in case.new else problem.line
    assert (problem.file, problem.line, problem.code) == (path.relative_to(home).as_posix(), line, case.code)
    assert case.says in problem.message


def test_the_sound_files_have_no_fault(home: Path) -> None:
    policy_file(home, POLICY)
    policy_file(home, PLATFORM, "q.yml")
    (home / "policies" / "invariants.yml").write_text(INVARIANTS, encoding="utf-8")
    assert faults(home) == []


def test_no_policies_at_all_are_no_fault(home: Path) -> None:
    access = load_access(load_content(home))
    assert (access.policies, access.invariants) == ({}, [])


@pytest.mark.parametrize("name", CASES)
def test_bad_policy(name: str, home: Path) -> None:
    check(CASES[name], POLICY, home / "policies" / "access" / "p.yml", home)


@pytest.mark.parametrize("name", PLATFORM_CASES)
def test_bad_platform_policy(name: str, home: Path) -> None:
    check(PLATFORM_CASES[name], PLATFORM, home / "policies" / "access" / "p.yml", home)


@pytest.mark.parametrize("name", INVARIANT_CASES)
def test_bad_invariant(name: str, home: Path) -> None:
    check(INVARIANT_CASES[name], INVARIANTS, home / "policies" / "invariants.yml", home)


def test_a_constraint_on_anything_but_the_tags_urn(home: Path) -> None:
    text = POLICY.replace("VIEW_ENTITY_PAGE", "EDIT_ENTITY_TAGS").replace(
        "    resources:\n",
        f"    resources:\n      privilegeConstraints:\n        criteria:\n"
        f"          - {{field: TAG, values: [共享方式：共享]}} {FAULT}\n",
    )
    path = policy_file(home, text)
    (problem,) = faults(home)
    assert (problem.line, problem.code) == (fault_line(path), "constraint-field")


def test_the_same_id_in_two_files(home: Path) -> None:
    policy_file(home, POLICY, "a.yml")
    policy_file(home, POLICY, "b.yml")
    (problem,) = faults(home)
    assert (problem.file, problem.line, problem.code) == ("policies/access/b.yml", 2, "duplicate-id")
    assert "a.yml" in problem.message


def test_every_fault_of_every_file_at_once(home: Path) -> None:
    policy_file(home, POLICY.replace("VIEW_ENTITY_PAGE", "VIEW").replace("党政办公室", "党政办公厅"), "a.yml")
    policy_file(home, PLATFORM.replace("VIEW_ANALYTICS", "ANALYTICS"), "b.yml")
    policy_file(home, "policies: [", "c.yml")
    (home / "policies" / "invariants.yml").write_text(INVARIANTS.replace("[共享]", "[分享]"), encoding="utf-8")
    assert [(Path(problem.file).name, problem.code) for problem in faults(home)] == [
        ("a.yml", "unknown-privilege"),
        ("a.yml", "unknown-unit"),
        ("b.yml", "unknown-privilege"),
        ("c.yml", "yaml"),
        ("invariants.yml", "unknown-sharing"),
    ]


def test_a_repeated_policy_may_match_nothing_in_some_subsets_but_not_in_all(home: Path) -> None:
    repeated = POLICY.replace("name: 读者", "for_each: domain\n    name: $domain").replace(
        "[党政办公室]", "[$involved]"
    )
    policy_file(home, repeated.replace(CRITERION, "- {field: DOMAIN, values: [$domain]}"))
    assert faults(home) == []
    with_tag = f"- {{field: DOMAIN, values: [$domain]}}\n          - {{field: TAG, values: [共享方式：公开]}} {FAULT}"
    path = policy_file(home, repeated.replace(CRITERION, with_tag))
    (problem,) = faults(home)
    assert (problem.line, problem.code) == (fault_line(path), "matches-nothing")


def test_a_school_without_datasets_yet_may_have_policies(home: Path) -> None:
    (home / "ingestion_recipes" / "systems" / "demo.yml").unlink()
    policy_file(home, POLICY.replace(CRITERION, "- {field: TAG, values: [共享方式：公开]}"))
    assert faults(home) == []


def test_what_content_cannot_judge_is_not_called_a_match_of_nothing(home: Path) -> None:
    policy_file(home, POLICY.replace(CRITERION, "- {field: CONTAINER, values: ['urn:li:container:x']}"))
    assert faults(home) == []
    policy_file(home, POLICY.replace(CRITERION, "- {field: TYPE, values: [dataJob]}"))
    assert faults(home) == []


def test_a_school_that_names_things_otherwise_is_read_by_the_same_code(tmp_path: Path) -> None:
    from tests.support.content import OTHER_SCHOOL

    home = new_home(tmp_path / "other", OTHER_SCHOOL)
    for system in (OTHER_SCHOOL / "ingestion_recipes" / "systems").glob("*.yml"):
        (home / "ingestion_recipes" / "systems" / system.name).write_bytes(system.read_bytes())
    text = POLICY.replace("党政办公室", "本科院").replace(CRITERION, "- {field: DOMAIN, values: [教学类]}")
    policy_file(home, text)
    (info,) = load_access(load_content(home)).policies.values()
    assert info.actors.groups == ["urn:li:corpGroup:undergraduate-school"]
    assert info.resources and info.resources.filter
    assert info.resources.filter.criteria[0].values == ["urn:li:domain:learning"]
