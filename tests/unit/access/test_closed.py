"""Invariants are closed: no privilege is passed over, and whatever is granted to somebody it is not meant for shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.access.closed import WAYS_ROUND, check_closed
from campus_catalog.access.invariants import check_access
from campus_catalog.access.loader import Access
from campus_catalog.access.model import Free, Of
from campus_catalog.access.vocabulary import (
    INTERFACE_PRIVILEGES,
    METADATA_PRIVILEGES,
    PLATFORM_PRIVILEGES,
    RESOURCE_PRIVILEGES,
)
from campus_catalog.access.world import World
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import Problem
from campus_catalog.register.systems import Register
from campus_catalog.school import School
from tests.support.content import FAULT, fault_line, whole_home

LIBRARY = "urn:li:corpGroup:library"
EVERYTHING: dict[str, Any] = {"allResources": True}
#: what the school leaves free for every entity
FREE = {"SEARCH_PRIVILEGE", "GET_COUNTS_PRIVILEGE", "VIEW_TESTS", "VIEW_MANAGE_TAGS", "VIEW_STRUCTURED_PROPERTIES_PAGE"}


def grab(name: str, privilege: str, resources: Any = EVERYTHING, **actors: Any) -> dict[str, Any]:
    """A policy that gives the library one privilege."""
    platform = privilege in PLATFORM_PRIVILEGES
    info = {"displayName": name, "type": "PLATFORM" if platform else "METADATA", "state": "ACTIVE",
            "privileges": [privilege], "actors": actors or {"groups": [LIBRARY]}}  # fmt: skip
    return info if platform else {**info, "resources": resources}


def criteria(*triples: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "filter": {
            "criteria": [
                {"field": field, "condition": condition, "values": [value]} for field, condition, value in triples
            ]
        }
    }


def broken_by(grabs: dict[str, dict[str, Any]], register: Register, access: Access, world: World) -> set[str]:
    """The names of those of some policies, added to the school's, that break a rule."""
    added = {f"urn:li:dataHubPolicy:{name}": info for name, info in grabs.items()}
    problems = check_access(register, access, world, policies={**access.policies, **added})
    assert {problem.code for problem in problems} <= {"broken-invariant"}
    return {name for problem in problems for name in re.findall("由策略「(.+?)」授予", problem.message)}


def closed(register: Register, access: Access) -> list[Problem]:
    problems = Problems(access.home)
    check_closed(register, access, problems)
    return problems.found


def without(access: Access, privilege: str) -> Access:
    """The school's rules, with nothing said of a privilege."""

    def other(items: list[Any]) -> list[Any]:
        return [
            item.model_copy(update={"privileges": [one for one in item.privileges if one != privilege]})
            for item in items
        ]

    return Access(access.home, invariants=other(access.invariants), free=other(access.free), ruled=True)


# nothing is passed over


def test_every_privilege_is_held_or_free(register: Register, access: Access) -> None:
    assert closed(register, access) == []


def test_a_privilege_in_neither_is_a_problem_whichever_it_is(register: Register, access: Access) -> None:
    """Also one of a coming release: it is in the vocabulary, and in no rule."""
    for privilege in METADATA_PRIVILEGES | PLATFORM_PRIVILEGES:
        (problem,) = closed(register, without(access, privilege))
        assert (problem.file, problem.code) == ("policies/invariants.yml", "open-privilege")
        assert privilege in problem.message


def test_a_rule_for_some_types_or_classes_leaves_the_others_open(register: Register, access: Access) -> None:
    bare = without(access, "EDIT_ENTITY_DOCS")
    held = [item for item in access.invariants if item.id == "maintained-by-owners-only"]
    (problem,) = closed(register, Access(bare.home, invariants=[*bare.invariants, *held], free=bare.free))
    assert "EDIT_ENTITY_DOCS（chart、dashboard" in problem.message
    free = Free(privileges=["EDIT_ENTITY_DOCS"], of=Of(types=["all"], sharing=["公开"]), reason="x")
    (problem,) = closed(register, Access(bare.home, invariants=bare.invariants, free=[*bare.free, free]))
    assert problem.message.endswith(
        "共享方式：共享、有条件共享、不予共享、无）：请写进一条有 only 的规则，或列入 free 并写明理由"
    )


def test_a_rule_that_lets_everyone_or_speaks_of_tags_only_holds_nothing(register: Register, access: Access) -> None:
    for update in ({"only": {"everyone": True}}, {"changing": "sharing"}):
        invariants = [
            type(item).model_validate({**item.model_dump(), **update}) if item.id == "ownership-is-fixed" else item
            for item in access.invariants
        ]
        found = closed(register, Access(access.home, invariants=invariants, free=access.free))
        assert "EDIT_ENTITY_OWNERS" in " ".join(problem.message for problem in found)


@pytest.mark.parametrize("privilege", WAYS_ROUND)
def test_a_way_round_the_rules_cannot_be_free(privilege: str, register: Register, access: Access) -> None:
    of = Of(platform=privilege in PLATFORM_PRIVILEGES, types=["all"])
    free = [*access.free, Free(privileges=["VIEW_TESTS", privilege], of=of, reason="x")]
    found = closed(register, Access(access.home, invariants=access.invariants, free=free))
    assert [problem.code for problem in found] == ["way-round"]
    assert WAYS_ROUND[privilege] in found[0].message


def test_ways_round_are_privileges_there_are() -> None:
    assert WAYS_ROUND.keys() <= METADATA_PRIVILEGES | PLATFORM_PRIVILEGES


# whatever the library is given shows


def test_every_privilege_given_to_the_library_breaks_a_rule(register: Register, access: Access, world: World) -> None:
    every = METADATA_PRIVILEGES | PLATFORM_PRIVILEGES
    broken = broken_by({name: grab(name, name) for name in every}, register, access, world)
    assert every - broken == FREE


def test_every_entity_type_is_judged(register: Register, access: Access, world: World) -> None:
    """Also those the content holds nothing of, such as tokens and requests to run an ingestion."""
    grabs = {type_: grab(type_, "EDIT_ENTITY", criteria(("TYPE", "EQUALS", type_))) for type_ in RESOURCE_PRIVILEGES}
    assert broken_by(grabs, register, access, world) == set(RESOURCE_PRIVILEGES)


@pytest.mark.parametrize(
    "name, triples",
    [
        ("tables nobody has registered, of a container", [("CONTAINER", "EQUALS", "urn:li:container:x")]),
        ("what is not open", [("TAG", "NOT_EQUALS", "urn:li:tag:sharing-open")]),
        ("what carries no class", [("TAG", "NOT_EQUALS", f"urn:li:tag:sharing-{one}") for one in
                                   ("open", "shared", "conditional", "not-shared")]),
        ("tables to come", [("URN", "STARTS_WITH", "urn:li:dataset:(urn:li:dataPlatform:postgres,")]),
        ("charts of a subset", [("TYPE", "EQUALS", "chart"), ("DOMAIN", "EQUALS", "urn:li:domain:student")]),
        ("what somebody owns", [("OWNER", "EQUALS", LIBRARY), ("TYPE", "EQUALS", "container")]),
        ("tokens", [("URN", "STARTS_WITH", "urn:li:dataHubAccessToken:")]),
    ],
)  # fmt: skip
def test_what_the_content_does_not_hold_is_judged(
    name: str, triples: list[tuple[str, str, str]], register: Register, access: Access, world: World
) -> None:
    given = grab(name, "VIEW_ENTITY_PAGE", criteria(*triples))
    assert broken_by({"given": given}, register, access, world) == {name}


def test_an_owner_of_a_type_nobody_has_yet_is_judged(register: Register, access: Access, world: World) -> None:
    owners = {"resourceOwners": True, "resourceOwnersTypes": ["urn:li:ownershipType:friend"]}
    given = grab("friends", "VIEW_ENTITY_PAGE", criteria(("TYPE", "EQUALS", "dataset")), **owners)
    assert broken_by({"given": given}, register, access, world) == {"friends"}
    responsible = {**owners, "resourceOwnersTypes": ["urn:li:ownershipType:responsible-unit"]}
    given = grab("owners", "VIEW_ENTITY_PAGE", criteria(("TYPE", "EQUALS", "dataset")), **responsible)
    assert broken_by({"given": given}, register, access, world) == set()


def test_what_is_free_of_rules_may_be_given(register: Register, access: Access, world: World) -> None:
    shared = grab("shared", "GET_ENTITY_PRIVILEGE", criteria(("TAG", "EQUALS", "urn:li:tag:sharing-open")))
    units = grab("units", "GET_ENTITY_PRIVILEGE", criteria(("TYPE", "EQUALS", "corpGroup")))
    assert broken_by({"shared": shared, "units": units}, register, access, world) == {"shared"}
    # a policy on one tag is not closed to what bears another beside it: the stricter of two classes wins
    both = criteria(
        ("TAG", "EQUALS", "urn:li:tag:sharing-open"), ("TAG", "NOT_EQUALS", "urn:li:tag:sharing-not-shared")
    )
    assert broken_by({"shared": grab("s", "GET_ENTITY_PRIVILEGE", both)}, register, access, world) == set()


# as a steward sees it

NOT_SHARED = "filter: {criteria: [{field: TYPE, values: [dataset]}, {field: TAG, values: [共享方式：不予共享]}]}"
GRABS = {
    "EDIT_GROUP_MEMBERS": ("METADATA", "filter: {criteria: [{field: TYPE, values: [corpGroup]}]}"),
    "VIEW_ENTITY_QUERIES": ("METADATA", NOT_SHARED),
    "EDIT_ENTITY_OWNERS": ("METADATA", NOT_SHARED),
    **dict.fromkeys(("UPDATE_USERS_AND_GROUPS", "CREATE_USERS_AND_GROUPS", "UPDATE_USERS", "MANAGE_SYSTEM_OPERATIONS",
                     "MANAGE_SECRETS", "MANAGE_INGESTION"), ("PLATFORM", "")),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_home(tmp_path_factory.mktemp("closed"))


@pytest.mark.parametrize("privilege", GRABS)
def test_the_problem_stands_where_the_policy_grants_it(privilege: str, home: Path) -> None:
    type_, resources = GRABS[privilege]
    path = home / "policies" / "access" / "90-library.yml"
    path.write_text(
        f"policies:\n  - id: library\n    name: 图书馆的策略\n    description: x\n    type: {type_}\n"
        f"    privileges:\n      - {privilege} {FAULT}\n    actors: {{groups: [图书馆]}}\n"
        + (f"    resources:\n      {resources}\n" if resources else ""),
        encoding="utf-8",
    )
    found = School(home).declared_problems
    assert {(problem.file, problem.line, problem.code) for problem in found} == {
        ("policies/access/90-library.yml", fault_line(path), "broken-invariant")
    }
    for problem in found:
        assert "用户「图书馆馆长」" in problem.message and "由策略「图书馆的策略」授予" in problem.message
        assert WAYS_ROUND.get(privilege, "") in problem.message


def test_rules_that_are_there_but_empty_leave_everything_open(tmp_path: Path) -> None:
    whole_home(tmp_path)
    (tmp_path / "policies" / "invariants.yml").write_text("invariants: []\n", encoding="utf-8")
    found = School(tmp_path).declared_problems
    assert {problem.code for problem in found} == {"open-privilege"}
    told = " ".join(problem.message for problem in found)
    assert all(name in told for name in METADATA_PRIVILEGES | PLATFORM_PRIVILEGES | INTERFACE_PRIVILEGES)
