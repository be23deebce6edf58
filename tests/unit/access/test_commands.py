"""``campus-catalog access`` on the school's own content, on a catalog, and between revisions."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from datahub.emitter.aspect import ASPECT_MAP
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import post_json_transform
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig
from datahub.metadata.schema_classes import StatusClass
from rich.cells import cell_len

from campus_catalog.access.loader import Access
from campus_catalog.access.world import World, world_of
from campus_catalog.apply.desired import desired_aspects
from campus_catalog.catalog.read import policies_in, read_catalog
from campus_catalog.catalog.target import Target
from campus_catalog.cli.access import command
from campus_catalog.cli.main import Settings
from campus_catalog.cli.matrix import told_apart
from campus_catalog.migration.run import plan_migration, write
from campus_catalog.register.systems import Register
from tests.contract.standin import Standin
from tests.support.content import ROOT, replace, whole_home
from tests.support.terminal import on_terminal

TARGET = "lite:none.db"


def run(*arguments: str, home: Path = ROOT, target: str = TARGET) -> Result:
    return CliRunner().invoke(command, list(arguments), obj=Settings(home, target))


def loaded(*arguments: str, **options: Any) -> Any:
    done = run(*arguments, "--format", "json", **options)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def proposals(register: Register, access: Access) -> list[MetadataChangeProposalWrapper]:
    """Everything the content declares, policies included, as a catalog is given it."""
    return [
        MetadataChangeProposalWrapper(
            entityUrn=wanted.urn, aspect=ASPECT_MAP[wanted.name].from_obj(post_json_transform(wanted.json))
        )
        for wanted in desired_aspects(register, dict(access.policies))
    ]


@pytest.fixture(scope="module")
def catalog(proposals: list[MetadataChangeProposalWrapper], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A metadata file with what the content declares; the names of live tables come with ingestion only."""
    path = tmp_path_factory.mktemp("catalog") / "catalog.json"
    records = [proposal.to_obj(simplified_structure=True) for proposal in proposals]
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Git repository with the school's content, committed."""
    home = whole_home(tmp_path / "school")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "content"]):
        identity = ["-c", "user.name=school", "-c", "user.email=school@example.edu"]
        subprocess.run(["git", *identity, *arguments], cwd=home, check=True)
    return home


def test_who_names_everyone_for_shared_data() -> None:
    done = run("who", "部门预算", "VIEW_ENTITY_PAGE")
    assert done.exit_code == 0
    assert "所有人" in done.stdout and "全校可见公开、共享和有条件共享的数据" in done.stdout


def test_who_names_the_people_and_the_policy_for_not_shared_data() -> None:
    (entry, *rest) = loaded("who", "会计凭证", "VIEW_ENTITY_PAGE")["access"]
    assert entry["policy"] == "urn:li:dataHubPolicy:owners-maintain"
    assert not any(one["everyone"] for one in [entry, *rest])
    named = {user["name"] for one in [entry, *rest] for user in one["users"]}
    assert {"财务处数据管理员", "财务处普通成员", "信息中心主任"} <= named
    assert "图书馆馆长" not in named


def test_who_finds_a_dataset_by_its_physical_name() -> None:
    assert loaded("who", "cw_pz", "VIEW_ENTITY_PAGE")["name"] == "会计凭证"


@pytest.mark.parametrize(
    "user, privilege, allowed",
    [
        ("财务处数据管理员", "VIEW_ENTITY_PAGE", True),
        ("财务处", "VIEW_ENTITY_PAGE", True),
        ("finance-office-steward", "EDIT_ENTITY_DOCS", True),
        ("财务处处长", "EDIT_ENTITY_OWNERS", False),
        ("图书馆", "VIEW_ENTITY_PAGE", False),
    ],
)
def test_can_says_yes_or_no_in_words_and_by_exit_code(user: str, privilege: str, allowed: bool) -> None:
    done = run("can", user, "会计凭证", privilege)
    assert done.exit_code == (0 if allowed else 1)
    assert done.stdout.startswith("可以：" if allowed else "不可以：")


def test_can_names_the_policy_that_comes_nearest_and_what_is_missing() -> None:
    done = run("can", "财务处数据管理员", "会计凭证", "EDIT_ENTITY_TAGS", "--tag", "sharing-not-shared")
    assert done.exit_code == 1
    assert "策略「责任单位增删本单位数据的标签（共享方式除外）」：不许增删这些标签" in done.stdout.splitlines()[1]
    answer = loaded("can", "图书馆", "会计凭证", "VIEW_ENTITY_PAGE")
    assert answer["allowed"] is False
    near = answer["misses"][0]
    assert (near["policy"], near["unmet"]) == ("urn:li:dataHubPolicy:everyone-sees-shared", ["resource"])


def test_can_judges_as_an_older_server_would() -> None:
    arguments = ("can", "财务处数据管理员", "会计凭证", "EDIT_ENTITY_TAGS", "--tag", "sharing-not-shared")
    assert run(*arguments, "--server-version", "1.1").exit_code == 0
    assert run(*arguments, "--server-version", "v1.2.0.1").exit_code == 1


def test_an_unknown_name_ends_with_1_and_suggests() -> None:
    done = run("can", "财务处数据管理", "会计凭证", "VIEW_ENTITY_PAGE")
    assert done.exit_code == 1
    assert "did you mean 财务处数据管理员" in done.stderr


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("who", "会计凭证", "VIEW_PAGE"), "no privilege 'VIEW_PAGE'"),
        (("who", "会计凭证", "edit-tag"), "Did you mean 'edit-tags'"),
        (("matrix", "--privilege", "EDIT_ENTITY_TAG"), "Did you mean 'EDIT_ENTITY_TAGS'"),
        (("who", "会计凭证", "--server-version", "new"), "no DataHub release"),
        (("diff", "--from", "no-such-revision"), "revision cannot be read"),
        (("diff", "--from=--output=x"), "is no Git revision"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], says: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr


def test_matrix_as_csv_has_a_row_per_dataset_and_a_column_per_unit(world: World) -> None:
    printed = run("matrix", "--format", "csv").stdout_bytes
    assert printed.startswith(b"\xef\xbb\xbf"), "without the mark Excel takes UTF-8 for another encoding"
    rows = list(csv.reader(io.StringIO(printed.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(world.datasets)
    assert rows[0][:6] == ["权限", "数据集", "urn", "数据子集", "责任单位", "共享方式"]
    assert len(rows[0]) == 6 + 24
    (voucher,) = [dict(zip(rows[0], row, strict=True)) for row in rows if row[1] == "会计凭证"]
    assert (voucher["财务处"], voucher["信息中心"], voucher["图书馆"]) == ("●", "●", "")


def test_matrix_as_json_takes_several_privileges(world: World) -> None:
    wanted = ("EDIT_ENTITY_DOCS", "VIEW_DATASET_PROFILE")
    cells = loaded("matrix", *(part for one in wanted for part in ("--privilege", one)))
    assert len(cells) == 2 * 24 * len(world.datasets)
    assert {cell["privilege"] for cell in cells} == set(wanted)


def test_matrix_as_table_shows_every_dataset(world: World) -> None:
    done = run("matrix")
    assert done.exit_code == 0
    assert all(world.name(entity.urn)[:4] in done.stdout for entity in world.datasets)


def test_matrix_on_80_columns_keeps_the_names_of_its_rows(world: World) -> None:
    command = [sys.executable, "-m", "campus_catalog", "--home", str(ROOT), "access", "matrix"]
    _, printed = on_terminal(command, {**os.environ, "TERM": "dumb", "COLUMNS": "80"})
    lines = printed.replace("\r\n", "\n").splitlines()
    assert max(map(cell_len, lines)) <= 80
    names = {world.name(entity.urn) for entity in world.datasets if cell_len(world.name(entity.urn)) <= 26}
    assert len(names) > 100
    tables = sum("●  全体成员" in line or "● 全体成员" in line for line in lines)
    assert tables > 1, "24 units do not fit"
    starts = [line.split()[0] for line in lines if line.strip()]
    for name in names:
        assert starts.count(name) == tables * sum(world.name(entity.urn) == name for entity in world.datasets)


def test_two_datasets_of_one_name_are_told_apart(repository: Path) -> None:
    replace(repository / "ingestion_recipes" / "systems" / "cwxt.yml", "name: 会计凭证\n", "name: 部门预算\n")
    printed = run("matrix", "--format", "csv", home=repository).stdout_bytes.decode("utf-8-sig")
    named = [row[1] for row in csv.reader(io.StringIO(printed)) if row[1].startswith("部门预算")]
    assert len(named) == len(set(named)) == 2
    assert any("cwxt.public.cw_pz" in name for name in named)


def test_datasets_of_one_name_everywhere_are_told_apart_by_urn() -> None:
    urns = [f"urn:li:dataset:(urn:li:dataPlatform:{platform},db.t,PROD)" for platform in ("mysql", "oracle")]
    assert told_apart({urns[0]: "课程", urns[1]: "课程", "urn:li:tag:x": "x"}) == {
        urns[0]: f"课程（{urns[0]}）",
        urns[1]: f"课程（{urns[1]}）",
        "urn:li:tag:x": "x",
    }


def test_diff_of_unchanged_content_is_empty(repository: Path) -> None:
    assert run("diff", home=repository).stdout == "no difference\n"


def test_diff_names_who_loses_what_when_a_dataset_closes(repository: Path) -> None:
    replace(repository / "policies" / "access" / "40-involved-units.yml", "      - VIEW_DATASET_USAGE\n", "")
    changes = loaded("diff", home=repository)
    assert {change["privilege"] for change in changes} == {"VIEW_DATASET_USAGE"}
    (budget,) = [change for change in changes if change["name"] == "部门预算"]
    assert budget["gained"] == []
    assert "urn:li:corpuser:audit-office-head" in budget["lost"]
    assert "urn:li:corpuser:finance-office-head" not in budget["lost"]  # the owner keeps it
    assert "失去" in run("diff", home=repository).stdout


def test_diff_follows_a_change_of_the_register(repository: Path) -> None:
    system = repository / "ingestion_recipes" / "systems" / "cwxt.yml"
    text = system.read_text(encoding="utf-8")
    start = text.index("table: cw_pz")
    system.write_text(
        text[:start]
        + text[start:].replace("class: 不予共享", "class: 有条件共享\n      scope: 校内\n      purpose: 查询", 1),
        encoding="utf-8",
    )
    changes = loaded("diff", "--privilege", "VIEW_ENTITY_PAGE", home=repository)
    assert [(change["name"], change["lost"]) for change in changes] == [("会计凭证", [])]
    assert "urn:li:corpuser:library-head" in changes[0]["gained"]


def test_diff_between_two_revisions(repository: Path) -> None:
    path = repository / "policies" / "access" / "10-datahub.yml"
    replace(path, "  - policy: view-entity-page-all       # 所有人查看一切\n    state: INACTIVE\n"
                  "    reason: 不予共享的数据属例外，只对责任单位等开放（第四条（二））\n", "")  # fmt: skip
    identity = ["-c", "user.name=school", "-c", "user.email=school@example.edu"]
    subprocess.run(["git", *identity, "commit", "-q", "-am", "open"], cwd=repository, check=True)
    changes = loaded("diff", "--from", "HEAD~1", "--to", "HEAD", "--privilege", "VIEW_ENTITY_PAGE", home=repository)
    assert "会计凭证" in {change["name"] for change in changes}
    assert all(change["gained"] and not change["lost"] for change in changes)


def test_diff_with_a_revision_older_than_the_content_version(repository: Path) -> None:
    """The auditor's question about March must not end at an upgrade in May."""
    replace(repository / "glossary" / "school.yml", "content_version: 2                     # 内容格式的版本\n", "")
    with (repository / "ingestion_recipes" / "jwxt.yml").open("a", encoding="utf-8") as recipe:
        recipe.write('deployment: {name: 教务管理系统, schedule: "40 1 * * *", time_zone: Asia/Shanghai}\n')
    identity = ["-c", "user.name=school", "-c", "user.email=school@example.edu"]
    for message in ("version 1", "version 2"):
        subprocess.run(["git", *identity, "commit", "-q", "-am", message], cwd=repository, check=True)
        write(repository, plan_migration(repository))
    assert run("diff", "--from", "HEAD~1", "--to", "HEAD", home=repository).stdout == "no difference\n"


def test_a_catalog_with_what_the_content_declares_gives_the_same_access(catalog: Path) -> None:
    changes = run("diff", "--from", "catalog", target=f"file:{catalog}")
    assert changes.stdout == "no difference\n"


def test_a_hand_made_policy_in_the_catalog_is_seen(catalog: Path, tmp_path: Path) -> None:
    records = json.loads(catalog.read_text(encoding="utf-8"))
    info = {"displayName": "手工策略", "description": "", "type": "METADATA", "state": "ACTIVE", "editable": True,
            "privileges": ["VIEW_ENTITY_PAGE"], "actors": {"users": ["urn:li:corpuser:library-head"]}}  # fmt: skip
    record = {"entityType": "dataHubPolicy", "entityUrn": "urn:li:dataHubPolicy:by-hand", "changeType": "UPSERT",
              "aspectName": "dataHubPolicyInfo", "aspect": {"json": info}}  # fmt: skip
    path = tmp_path / "changed.json"
    path.write_text(json.dumps([*records, record], ensure_ascii=False), encoding="utf-8")
    question = ("can", "图书馆馆长", "cw_pz", "VIEW_ENTITY_PAGE", "--of", "catalog")
    assert "手工策略" in run(*question, target=f"file:{path}").stdout
    assert run(*question, target=f"file:{catalog}").exit_code == 1
    changes = loaded("diff", "--from", "catalog", "--privilege", "VIEW_ENTITY_PAGE", target=f"file:{path}")
    assert {tuple(change["lost"]) for change in changes} == {("urn:li:corpuser:library-head",)}


Changed = Callable[..., str]


@pytest.fixture
def changed(catalog: Path, tmp_path: Path) -> Changed:
    """Makes a copy of the catalog with aspects added, each (urn, aspect, JSON); gives the target."""

    def change(*aspects: tuple[str, str, dict[str, Any]]) -> str:
        replaced = {aspect[:2] for aspect in aspects}
        records = json.loads(catalog.read_text(encoding="utf-8"))
        records = [one for one in records if (one["entityUrn"], one["aspectName"]) not in replaced]
        records += [
            {"entityType": urn.split(":")[2], "entityUrn": urn, "changeType": "UPSERT", "aspectName": name,
             "aspect": {"json": value}}
            for urn, name, value in aspects
        ]  # fmt: skip
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
        return f"file:{path}"

    return change


VOUCHER = "urn:li:dataset:(urn:li:dataPlatform:postgres,cwxt.public.cw_pz,PROD)"
STEWARD = "urn:li:corpuser:finance-office-steward"


def test_an_operation_is_judged_and_the_engines_answer_stays_available(changed: Changed) -> None:
    info = {"displayName": "手工策略", "description": "", "type": "METADATA", "state": "ACTIVE", "editable": True,
            "privileges": ["EDIT_ENTITY"], "actors": {"users": ["urn:li:corpuser:library-head"]}}  # fmt: skip
    target = changed(("urn:li:dataHubPolicy:by-hand", "dataHubPolicyInfo", info))
    for word in ("edit-description", "EDIT_ENTITY_DOCS"):
        done = run("can", "图书馆馆长", "cw_pz", word, "--of", "catalog", target=target)
        assert (done.exit_code, "凭 EDIT_ENTITY，由策略「手工策略」" in done.stdout) == (0, True)
    exact = ("EDIT_ENTITY_DOCS", "--exact", "--of", "catalog")
    assert run("can", "图书馆馆长", "cw_pz", *exact, target=target).exit_code == 1
    for options, seen in ((("--of", "catalog"), True), (("--of", "catalog", "--exact"), False)):
        who = loaded("who", "cw_pz", "VIEW_ENTITY_PAGE", *options, target=target)["access"]
        assert ("手工策略" in {entry["policy_name"] for entry in who}) is seen
        cells = loaded("matrix", *options, target=target)
        (cell,) = [one for one in cells if one["dataset"] == VOUCHER and one["unit"].endswith(":library")]
        assert (cell["posts"] == ["urn:li:corpuser:library-head"]) is seen


def test_diff_with_a_catalog_leaves_out_what_only_one_side_has(changed: Changed) -> None:
    """A table nobody declared, and one declared that is not there, are no change of access."""
    live = "urn:li:dataset:(urn:li:dataPlatform:postgres,cwxt.public.log,PROD)"
    tags = {"tags": [{"tag": "urn:li:tag:sharing-open"}]}
    done = run("diff", "--from", "catalog", target=changed((live, "globalTags", tags)))
    assert done.stdout == "no difference\n"
    assert done.stderr == "1 dataset(s) only one side has, left out\n"
    done = run("diff", "--from", "catalog", target=changed((VOUCHER, "status", {"removed": True})))
    assert (done.stdout, done.stderr) == ("no difference\n", "1 dataset(s) only one side has, left out\n")


def test_what_is_removed_from_a_catalog_is_judged_as_it_is(changed: Changed) -> None:
    target = changed((VOUCHER, "status", {"removed": True}))
    done = run("can", "财务处", VOUCHER, "read", "--of", "catalog", target=target)
    assert done.exit_code == 0
    assert "已从目录中移除" in done.stdout
    assert run("can", "图书馆", VOUCHER, "read", "--of", "catalog", target=target).exit_code == 1
    assert loaded("who", VOUCHER, "read", "--of", "catalog", target=target)["removed"] is True
    assert VOUCHER not in {cell["dataset"] for cell in loaded("matrix", "--of", "catalog", target=target)}


@pytest.mark.parametrize("aspect, value, active", [("status", {"removed": True}, False),
                                                   ("corpUserStatus", {"status": "SUSPENDED"}, False),
                                                   ("corpUserInfo", {"active": False}, True)])  # fmt: skip
def test_who_cannot_log_in_can_do_nothing(aspect: str, value: dict[str, Any], active: bool, changed: Changed) -> None:
    """The server asks for removed and suspended; of what ``corpUserInfo`` calls active it makes nothing."""
    target = changed((STEWARD, aspect, value))
    done = run("can", STEWARD, "cw_pz", "read", "--of", "catalog", target=target)
    assert (done.exit_code == 0) is active
    assert ("不能登录" in done.stdout) is not active


def test_removed_entities_of_a_server_are_read_too(
    gms: Standin, proposals: list[MetadataChangeProposalWrapper]
) -> None:
    graph = DataHubGraph(DatahubClientConfig(server=gms.url, openapi_ingestion=True))
    graph.emit_mcps([*proposals, MetadataChangeProposalWrapper(entityUrn=VOUCHER, aspect=StatusClass(removed=True))])
    snapshot = read_catalog(Target("server", gms.url))
    assert VOUCHER in snapshot.removed and VOUCHER not in snapshot.entities
    assert world_of(snapshot).entities[VOUCHER].tags == {"urn:li:tag:sharing-not-shared"}


def test_a_server_is_read_as_the_content_is(
    gms: Standin, proposals: list[MetadataChangeProposalWrapper], world: World, access: Access
) -> None:
    DataHubGraph(DatahubClientConfig(server=gms.url, openapi_ingestion=True)).emit_mcps(proposals)
    snapshot = read_catalog(Target("server", gms.url))
    assert set(policies_in(snapshot)) == set(access.policies)
    found = world_of(snapshot)
    for urn, entity in world.entities.items():
        if entity.type in ("dataset", "domain", "corpGroup"):
            assert (found.entity(urn).tags, found.entity(urn).domains) == (entity.tags, entity.domains)
            assert set(found.entity(urn).owners) == set(entity.owners)
    assert {urn: user.groups for urn, user in found.users.items()} == {
        urn: user.groups for urn, user in world.users.items()
    }


@pytest.mark.parametrize("name", ["who", "can", "matrix", "diff"])
def test_every_command_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) > 8
