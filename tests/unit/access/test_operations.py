"""What an operation asks for, and that it is judged as the server does; the engine's answer stays beside it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.operations import BY_NAME, OPERATIONS, able, decide, granted, operation_of
from campus_catalog.access.vocabulary import METADATA_PRIVILEGES, NEWEST, PLATFORM_PRIVILEGES
from tests.unit.access.test_evaluator import ANN, EVE, MENU, SALARY, STAFF, WORLD, limited, policy, tag, user, where
from tests.unit.access.test_properties import POLICIES

EDITS = [operation.name for operation in OPERATIONS if operation.name.startswith("edit-")]


def can(
    word: str, *privileges: str, version: str = NEWEST, actor: str = EVE, resource: str = SALARY, **rest: Any
) -> bool:
    """Whether a policy that grants these privileges to everybody lets them do it."""
    evaluator = Evaluator({"p": policy(privileges=list(privileges), **rest)}, WORLD, version)
    asked = operation_of(word).asked(version, WORLD.entity(resource).type)
    return granted(evaluator, asked, actor, resource) is not None


def test_the_table_speaks_of_privileges_there_are() -> None:
    assert len(BY_NAME) == len(OPERATIONS)
    named = [privilege for operation in OPERATIONS for privilege in operation.privileges]
    assert len(named) == len(set(named)), "a privilege means two operations"
    assert set(named) <= METADATA_PRIVILEGES
    asked = {privilege for operation in OPERATIONS for ask in operation.asks for privilege in ask.any_of}
    assert asked <= METADATA_PRIVILEGES | PLATFORM_PRIVILEGES
    assert all(operation.label and operation.source for operation in OPERATIONS)


@pytest.mark.parametrize("name", EDITS)
def test_edit_entity_suffices_for_every_finer_edit(name: str) -> None:
    release = "1.7" if name == "edit-members" else NEWEST  # the newest asks more of who gives others rights
    assert can(name, "EDIT_ENTITY", version=release)
    assert can(name, BY_NAME[name].privileges[0])
    assert not can(name, "VIEW_ENTITY_PAGE")


@pytest.mark.parametrize("privilege", ["VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY"])
def test_reading_is_any_of_four(privilege: str) -> None:
    assert can("read", privilege)
    assert can("VIEW_ENTITY_PAGE", privilege)  # a privilege means the operation it is asked for


def test_reading_is_nothing_else() -> None:
    others = METADATA_PRIVILEGES - {"VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY"}
    assert not can("read", *others)


def test_editing_did_not_mean_reading_before_0_13() -> None:
    assert can("read", "GET_ENTITY_PRIVILEGE", version="0.12")
    assert not can("read", "EDIT_ENTITY", version="0.12")


def test_the_engines_own_answer_stays_available() -> None:
    evaluator = Evaluator({"p": policy(privileges=["EDIT_ENTITY"])}, WORLD)
    exact = operation_of("EDIT_ENTITY_DOCS", exact=True)
    assert granted(evaluator, exact.asked(NEWEST, "dataset"), EVE, SALARY) is None
    for privilege in METADATA_PRIVILEGES:
        asked = operation_of(privilege, exact=True).asked(NEWEST, "dataset")
        assert (granted(evaluator, asked, EVE, SALARY) is not None) == bool(evaluator.allows(EVE, privilege, SALARY)), (
            privilege
        )


@pytest.mark.parametrize("what, privilege", [("profile", "VIEW_DATASET_PROFILE"), ("usage", "VIEW_DATASET_USAGE"),
                                             ("operations", "VIEW_DATASET_OPERATIONS")])  # fmt: skip
def test_statistics_over_openapi_are_readable_with_the_dataset_until_1_8(what: str, privilege: str) -> None:
    name = f"view-{what}-over-openapi"
    assert can(name, "VIEW_ENTITY_PAGE", version="1.7")
    assert not can(name, "VIEW_ENTITY_PAGE", version="1.8")
    assert not can(name, privilege, version="1.8")
    assert can(name, "VIEW_ENTITY_PAGE", privilege, version="1.8")
    assert can(f"view-{what}", privilege, version="1.7")
    assert not can(f"view-{what}", privilege, version="1.8")


@pytest.mark.parametrize(
    "version, privilege, seen",
    [
        ("1.5", "VIEW_ENTITY_PAGE", True),
        ("1.5", "DELETE_ENTITY", True),
        ("1.7", "VIEW_ENTITY_PAGE", True),
        ("1.7", "DELETE_ENTITY", False),
        ("1.7", "VIEW_ENTITY_QUERIES", False),
        ("1.8", "VIEW_ENTITY_PAGE", False),
        ("1.8", "VIEW_ENTITY_QUERIES", True),
        ("1.8", "EDIT_ENTITY_QUERIES", True),
        ("1.8", "EDIT_ENTITY", True),
    ],
)
def test_who_sees_queries(version: str, privilege: str, seen: bool) -> None:
    assert can("view-queries", privilege, version=version) is seen


def test_view_all_queries_is_asked_without_a_resource() -> None:
    """A policy about some entities, or about all, names resources; then a platform privilege in it grants nothing."""
    assert can("view-queries", "VIEW_ALL_QUERIES", type="PLATFORM")
    assert can("view-queries", "VIEW_ALL_QUERIES")  # as DataHub's own view-entity-page-all would
    assert not can("view-queries", "VIEW_ALL_QUERIES", resources=where("TYPE", "dataset"))
    assert not can("view-queries", "VIEW_ALL_QUERIES", resources={"allResources": True})


def test_of_people_and_policies_something_else_is_asked() -> None:
    assert not can("edit-entity", "EDIT_ENTITY", resource=user("bob"))
    assert can("edit-entity", "UPDATE_USERS", resource=user("bob"))
    assert can("edit-entity", "UPDATE_USERS_AND_GROUPS", resource=user("bob"))
    asked = operation_of("delete").asked(NEWEST, "dataHubPolicy")
    assert asked == (("MANAGE_POLICIES",),)


@given(POLICIES)
def test_asked_of_all_users_at_once_the_answer_is_the_same(policies: list[dict[str, Any]]) -> None:
    evaluator = Evaluator({str(index): info for index, info in enumerate(policies)}, WORLD)
    for word in ("read", "edit-tags", "view-profile", "EDIT_ENTITY"):
        for resource in (SALARY, MENU, STAFF):
            asked = operation_of(word).asked(NEWEST, WORLD.entity(resource).type)
            one_by_one = {urn for urn in WORLD.users if granted(evaluator, asked, urn, resource)}
            assert able(evaluator, asked, resource) == one_by_one


def test_a_privilege_no_operation_asks_for_means_itself() -> None:
    assert operation_of("MANAGE_TAGS").asked(NEWEST, "dataset") == (("MANAGE_TAGS",),)
    assert operation_of("MANAGE_TAGS").title == "MANAGE_TAGS"


def test_tags_that_must_not_be_touched_are_asked_of_every_way() -> None:
    closed = tag("closed")
    asked = operation_of("edit-tags").asked(NEWEST, "dataset")
    only_others = {"p": limited("URN", closed, condition="NOT_EQUALS")}
    assert granted(Evaluator(only_others, WORLD), asked, EVE, SALARY, [closed]) is None
    both = {**only_others, "q": policy(privileges=["EDIT_ENTITY"])}
    assert granted(Evaluator(both, WORLD), asked, EVE, SALARY, [closed]) == ("EDIT_ENTITY", "q")


def test_a_refusal_names_what_is_missing_and_each_policy_once() -> None:
    policies = {
        "all": policy({"users": [ANN]}, privileges=["EDIT_ENTITY", "EDIT_ENTITY_DOCS"], displayName="all"),
        "read": policy(privileges=["VIEW_ENTITY_PAGE"], displayName="read"),
    }
    asked = operation_of("edit-description").asked(NEWEST, "dataset")
    decision, privileges = decide(Evaluator(policies, WORLD), asked, EVE, SALARY)
    assert not decision.allowed
    assert privileges == ("EDIT_ENTITY_DOCS", "MANAGE_ASSET_SUMMARY", "EDIT_ENTITY")
    assert [(miss.name, miss.parts) for miss in decision.misses] == [("all", ("actor",))]


def test_a_refusal_is_about_the_part_that_is_missing() -> None:
    evaluator = Evaluator({"p": policy(privileges=["VIEW_DATASET_PROFILE"])}, WORLD)
    decision, privileges = decide(evaluator, operation_of("view-profile").asked("1.8", "dataset"), EVE, SALARY)
    assert not decision.allowed
    assert privileges[0] == "VIEW_ENTITY_PAGE"


def test_a_yes_names_privilege_and_policy() -> None:
    evaluator = Evaluator({"p": policy(privileges=["EDIT_ENTITY"])}, WORLD)
    decision, privileges = decide(evaluator, operation_of("edit-owners").asked(NEWEST, "dataset"), EVE, SALARY)
    assert (decision.allowed, decision.policy, privileges) == (True, "p", ("EDIT_ENTITY",))
