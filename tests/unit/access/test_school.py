"""The school's own policies: every rule of the regulation holds, and each policy is needed for one."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import pytest
from datahub.metadata.schema_classes import KEY_ASPECTS

from campus_catalog.access.compile import expand
from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.invariants import ROOT as ROOT_USER
from campus_catalog.access.invariants import check_access
from campus_catalog.access.loader import Access, effective, load_access
from campus_catalog.access.matrix import matrix
from campus_catalog.access.shipped import SHIPPED, policy_urn
from campus_catalog.access.vocabulary import MAIN_PRIVILEGES
from campus_catalog.access.world import STRANGER, Owner, User, World, member_of
from campus_catalog.register.systems import Register
from campus_catalog.school import School
from tests.support.content import ROOT

TAKEN_OVER = ["view-entity-page-all", "view-dataset-sensitive", "asset-owners-metadata-policy", "7"]
INVOLVED = ["public-management", "staff", "student", "teaching-resources", "research", "finance-assets",
            "office-archives", "public-services"]  # fmt: skip
OWN = ["everyone-sees-shared", "everyone-sees-taxonomy", "owners-maintain", "owners-tag", "information-center-data",
       "information-center-platform", "leading-group-office-review", "leading-group-office-analytics",
       *(f"involved-units.{subset}" for subset in INVOLVED)]  # fmt: skip
CENTER, OFFICE = "urn:li:corpGroup:information-center", "urn:li:corpGroup:cybersecurity-leading-group-office"
NOT_SHARED = "urn:li:tag:sharing-not-shared"


@cache
def _urns() -> list[str]:
    access = School(ROOT).access
    assert access is not None
    return list(access.policies)


def evaluator(access: Access, world: World, version: str = "1.8") -> Evaluator:
    return Evaluator(effective(access.policies), world.with_members(), version)


def dataset(world: World, name: str) -> str:
    (urn,) = [entity.urn for entity in world.datasets if world.name(entity.urn) == name]
    return urn


def test_the_set_is_the_schools_own_policies_and_four_taken_over(access: Access) -> None:
    assert sorted(access.policies) == sorted(map(policy_urn, [*OWN, *TAKEN_OVER]))


def test_every_policy_is_a_valid_aspect_a_policy_may_carry(access: Access) -> None:
    for info in access.policies.values():
        assert info.validate()
        assert info.ASPECT_NAME in KEY_ASPECTS["dataHubPolicy"].ASPECT_INFO["entityAspects"]


def test_taken_over_policies_are_written_as_shipped_but_inactive(access: Access) -> None:
    for id_ in TAKEN_OVER:
        written = access.policies[policy_urn(id_)].to_obj()
        assert {**SHIPPED[id_].info(), "state": "INACTIVE"}.items() <= written.items()


def test_the_servers_roles_survive(access: Access, world: World) -> None:
    """Nothing of ours has the urn of a policy that bears a role, and its holders keep what it grants."""
    for shipped in SHIPPED.values():
        if shipped.actor in ("Admin", "Editor", "Reader"):
            assert shipped.urn not in access.policies
    reader = User("urn:li:corpuser:reader", roles=frozenset({"urn:li:dataHubRole:Reader"}))
    with_reader = replace(world, users={**world.users, reader.urn: reader})
    decision = evaluator(access, with_reader).decide(reader.urn, "VIEW_ENTITY_PAGE", dataset(world, "会计凭证"))
    assert decision.policy == policy_urn("reader-metadata-policy")


def test_compiling_twice_gives_the_same(register: Register, world: World, access: Access) -> None:
    again = load_access(register, world)
    assert [(urn, info.to_obj()) for urn, info in again.policies.items()] == [
        (urn, info.to_obj()) for urn, info in access.policies.items()
    ]


def test_every_invariant_holds(register: Register, access: Access, world: World) -> None:
    assert len(access.invariants) >= 10
    assert check_access(register, access, world) == []


@pytest.mark.parametrize("urn", _urns(), ids=lambda urn: urn.rsplit(":", 1)[1])
def test_without_one_policy_an_invariant_fails(urn: str, register: Register, access: Access, world: World) -> None:
    rest = {other: info for other, info in access.policies.items() if other != urn}
    problems = check_access(register, access, world, policies=rest)
    assert problems
    assert {problem.code for problem in problems} == {"broken-invariant"}


def test_a_broken_invariant_names_user_dataset_and_policy(register: Register, access: Access, world: World) -> None:
    rest = {urn: info for urn, info in access.policies.items() if not urn.endswith(":view-entity-page-all")}
    first = check_access(register, access, world, policies=rest)[0]
    assert first.file == "policies/invariants.yml"
    lines = (ROOT / first.file).read_text(encoding="utf-8").splitlines()
    assert lines[first.line - 1].strip() == "- id: not-shared-is-closed"
    for part in ("用户「", "数据集「", "由策略「All Users - View Entity Page」授予"):
        assert part in first.message


@pytest.mark.parametrize("name", ["会计凭证", "人事档案"])
def test_not_shared_is_seen_by_its_unit_the_center_and_the_office_only(name: str, access: Access, world: World) -> None:
    judge, urn = evaluator(access, world), dataset(world, name)
    units = {owner.urn for owner in world.entities[urn].owners if owner.urn.startswith("urn:li:corpGroup:")}
    seen = {group.urn for group in world.groups if judge.allows(member_of(group.urn), "VIEW_ENTITY_PAGE", urn)}
    assert seen == units | {CENTER, OFFICE}
    assert judge.allows(STRANGER, "VIEW_ENTITY_PAGE", urn) is None


def test_both_a_shared_and_a_not_shared_tag_means_not_shared(access: Access, world: World) -> None:
    urn = dataset(world, "会计凭证")
    both = replace(world.entities[urn], tags=frozenset({NOT_SHARED, "urn:li:tag:sharing-open"}))
    judge = evaluator(access, replace(world, entities={**world.entities, urn: both}))
    assert judge.allows(STRANGER, "VIEW_ENTITY_PAGE", urn) is None
    assert judge.allows(member_of("urn:li:corpGroup:audit-office"), "VIEW_DATASET_PROFILE", urn) is None


def test_a_dataset_without_a_sharing_tag_is_closed(access: Access, world: World) -> None:
    urn = dataset(world, "部门预算")
    bare = replace(world.entities[urn], tags=frozenset())
    judge = evaluator(access, replace(world, entities={**world.entities, urn: bare}))
    assert judge.allows(STRANGER, "VIEW_ENTITY_PAGE", urn) is None
    assert judge.allows(member_of("urn:li:corpGroup:audit-office"), "VIEW_DATASET_PROFILE", urn) is None


def test_an_owner_of_another_type_added_by_hand_gets_nothing(access: Access, world: World) -> None:
    urn, friend = dataset(world, "会计凭证"), "urn:li:corpuser:library-head"
    owned = replace(
        world.entities[urn],
        owners=(*world.entities[urn].owners, Owner(friend, "urn:li:ownershipType:__system__technical_owner")),
    )
    judge = evaluator(access, replace(world, entities={**world.entities, urn: owned}))
    assert judge.allows(friend, "VIEW_ENTITY_PAGE", urn) is None


@pytest.mark.parametrize("version, tag_can_be_lifted", [("1.1", True), ("1.2", False), ("1.8", False)])
def test_before_1_2_a_unit_could_lift_its_own_tag(
    version: str, tag_can_be_lifted: bool, access: Access, world: World
) -> None:
    judge, urn = evaluator(access, world, version), dataset(world, "会计凭证")
    member = member_of("urn:li:corpGroup:finance-office")
    assert bool(judge.allows(member, "EDIT_ENTITY_TAGS", urn, [NOT_SHARED])) is tag_can_be_lifted


def test_the_set_needs_a_server_of_1_2(register: Register, access: Access, world: World) -> None:
    assert check_access(register, access, world, version="1.2") == []
    old = " ".join(problem.message for problem in check_access(register, access, world, version="1.1"))
    assert "除信息中心外谁都不能增删共享方式的标签" in old
    assert "公开、共享和有条件共享的数据全校可见" in old  # NOT_EQUALS never holds there


def test_datahubs_root_user_in_a_catalog_breaks_no_invariant(register: Register, access: Access, world: World) -> None:
    rooted = replace(world, users={**world.users, ROOT_USER: User(ROOT_USER)})
    assert check_access(register, access, rooted) == []


def test_a_person_with_datahubs_admin_role_breaks_them(register: Register, access: Access, world: World) -> None:
    post = "urn:li:corpuser:library-head"
    admin = replace(world.users[post], roles=frozenset({"urn:li:dataHubRole:Admin"}))
    problems = check_access(register, access, replace(world, users={**world.users, post: admin}))
    assert any("图书馆馆长" in problem.message and "Admins" in problem.message for problem in problems)


def test_a_user_who_cannot_log_in_is_left_out(register: Register, access: Access, world: World) -> None:
    post = "urn:li:corpuser:library-head"
    gone = replace(world.users[post], roles=frozenset({"urn:li:dataHubRole:Admin"}), active=False)
    assert check_access(register, access, replace(world, users={**world.users, post: gone})) == []


def test_the_full_matrix_has_every_unit_and_dataset(access: Access, world: World) -> None:
    cells = matrix(evaluator(access, world), MAIN_PRIVILEGES)
    assert len(cells) == len(world.groups) * len(world.datasets) * len(MAIN_PRIVILEGES)
    marks = {cell.mark for cell in cells}
    assert marks == {"●", "○", ""}
    for cell in cells:
        if cell.member:  # a post has at least what any member has
            assert len(cell.posts) == sum(user.real and cell.unit in user.groups for user in world.users.values())


def test_the_matrix_of_24_units_and_210_datasets_takes_under_5_seconds(access: Access, world: World) -> None:
    entities = dict(world.entities)
    model = world.datasets[0]
    for index in range(210 - len(world.datasets)):
        urn = f"urn:li:dataset:(urn:li:dataPlatform:mysql,more.t{index},PROD)"
        entities[urn] = replace(model, urn=urn)
    larger = replace(world, entities=entities)
    assert len(larger.datasets) == 210 and len(larger.groups) == 24 and len(larger.users) == 52
    started = time.process_time()
    matrix(evaluator(access, larger), MAIN_PRIVILEGES)
    assert time.process_time() - started < 5


def test_subsets_without_involved_units_get_no_policy(register: Register) -> None:
    from campus_catalog.access.model import Policy

    repeated = Policy.model_validate({
        "id": "x", "name": "$domain", "description": "d", "type": "METADATA", "for_each": "domain",
        "privileges": ["VIEW_ENTITY_PAGE"], "actors": {"groups": ["$involved"]},
        "resources": {"filter": {"criteria": [{"field": "DOMAIN", "values": ["$domain"]}]}},
    })  # fmt: skip
    expanded = {policy.id: policy for policy in expand(repeated, register.regulation)}
    assert set(expanded) == {f"x.{subset}" for subset in INVOLVED}
    assert expanded["x.research"].name == "科研管理子集"
    assert expanded["x.research"].actors.groups == ["各二级学院", "科研处", "财务处"]
    assert expanded["x.research"].for_each is None


def test_checking_the_invariants_does_not_grow_with_datasets_alike(
    register: Register, access: Access, world: World
) -> None:
    entities = dict(world.entities)
    for entity in world.datasets:
        for index in range(70):
            urn = entity.urn.replace(",PROD)", f"_{index},PROD)")
            entities[urn] = replace(entity, urn=urn)
    started = time.process_time()
    rest = {urn: info for urn, info in access.policies.items() if not urn.endswith(":view-entity-page-all")}
    problems = check_access(register, access, replace(world, entities=entities), policies=rest)
    assert time.process_time() - started < 10
    datasets = sum(NOT_SHARED in entity.tags for entity in entities.values() if entity.type == "dataset")
    assert datasets > 2000
    counts = [
        int(part) for problem in problems for part in problem.message.split("共 ")[1:2] for part in part.split()[:1]
    ]
    assert max(counts) > datasets  # counted one by one, though judged together


def test_a_policy_may_be_repeated_for_each_unit_and_its_head(register: Register) -> None:
    from campus_catalog.access.model import Policy

    repeated = Policy.model_validate(
        {
            "id": "heads",
            "name": "$unit的负责人",
            "description": "d",
            "type": "METADATA",
            "for_each": "unit",
            "privileges": ["EDIT_GROUP_MEMBERS"],
            "actors": {"users": ["$head"]},
            "resources": {"filter": {"criteria": [{"field": "TYPE", "values": ["corpGroup"]}]}},
        }
    )
    expanded = {policy.id: policy for policy in expand(repeated, register.regulation)}
    assert len(expanded) == 24
    assert expanded["heads.library"].actors.users == ["图书馆馆长"]
    assert expanded["heads.library"].name == "图书馆的负责人"
