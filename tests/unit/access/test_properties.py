"""What holds for any policies: denied by default, granted by addition only, and INACTIVE is the same as absent."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.vocabulary import CONDITIONS
from tests.unit.access.test_evaluator import (
    FOOD,
    MENU,
    PEOPLE,
    READER,
    SALARY,
    STAFF,
    STEWARD,
    WORLD,
    group,
    tag,
    user,
)

PRIVILEGES = ["VIEW_ENTITY_PAGE", "EDIT_ENTITY_TAGS", "EDIT_ENTITY"]
VALUES = {
    "TYPE": ["dataset", "domain", "chart"],
    "URN": [SALARY, MENU],
    "DOMAIN": [STAFF, PEOPLE, FOOD],
    "TAG": [tag("closed"), tag("open")],
    "OWNER": [group("hr")],
}


def some(values: Any) -> Any:
    return st.lists(st.sampled_from(list(values)), unique=True, max_size=3)


CRITERIA = st.lists(
    st.sampled_from(list(VALUES)).flatmap(
        lambda field: st.fixed_dictionaries(
            {"field": st.just(field), "values": some(VALUES[field]), "condition": st.sampled_from(list(CONDITIONS))}
        )
    ),
    max_size=3,
)
POLICIES = st.lists(
    st.fixed_dictionaries(
        {
            "displayName": st.just("p"),
            "type": st.sampled_from(["METADATA", "PLATFORM"]),
            "state": st.sampled_from(["ACTIVE", "INACTIVE"]),
            "privileges": some(PRIVILEGES),
            "actors": st.fixed_dictionaries(
                {
                    "users": some(WORLD.users),
                    "groups": some([group("hr"), group("canteen")]),
                    "roles": some([READER]),
                    "allUsers": st.booleans(),
                    "allGroups": st.booleans(),
                    "resourceOwners": st.booleans(),
                    "resourceOwnersTypes": st.one_of(st.none(), some([STEWARD])),
                }
            ),
            "resources": st.one_of(
                st.none(),
                st.fixed_dictionaries(
                    {"filter": st.fixed_dictionaries({"criteria": CRITERIA})},
                    optional={"privilegeConstraints": st.fixed_dictionaries({"criteria": CRITERIA})},
                ),
            ),
        }
    ),
    max_size=5,
)


def granted(policies: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Every request that is allowed."""
    evaluator = Evaluator({str(index): info for index, info in enumerate(policies)}, WORLD)
    return {
        (actor, privilege, resource, tags)
        for actor in WORLD.users
        for privilege in PRIVILEGES
        for resource in (SALARY, MENU, STAFF, user("bob"), None)
        if resource != actor  # everyone may do some things with themselves
        for tags in ((), (tag("closed"),))
        if evaluator.allows(actor, privilege, resource, tags)
    }


def test_without_policies_nothing_is_allowed() -> None:
    assert granted([]) == set()


@given(POLICIES, POLICIES)
def test_adding_policies_never_takes_anything_away(some: list[dict[str, Any]], more: list[dict[str, Any]]) -> None:
    assert granted(some) <= granted([*some, *more])


@given(POLICIES)
def test_a_set_grants_what_its_policies_grant_one_by_one(policies: list[dict[str, Any]]) -> None:
    assert granted(policies) == set().union(*(granted([info]) for info in policies))


@given(POLICIES)
def test_inactive_is_the_same_as_absent(policies: list[dict[str, Any]]) -> None:
    assert granted(policies) == granted([info for info in policies if info["state"] != "INACTIVE"])


@given(POLICIES)
def test_naming_tags_never_allows_more(policies: list[dict[str, Any]]) -> None:
    allowed = granted(policies)
    assert all((*request[:3], ()) in allowed for request in allowed)


@given(POLICIES)
def test_an_older_server_without_not_equals_never_sees_more_by_it(policies: list[dict[str, Any]]) -> None:
    unlimited = [{**info, "resources": {"filter": info["resources"]["filter"]}} if info["resources"] else info
                 for info in policies]  # fmt: skip
    policies_by_urn = {str(index): info for index, info in enumerate(unlimited)}
    newest, older = Evaluator(policies_by_urn, WORLD, "1.2"), Evaluator(policies_by_urn, WORLD, "1.1")
    for actor in WORLD.users:
        for privilege in PRIVILEGES:
            if older.allows(actor, privilege, SALARY):
                assert newest.allows(actor, privilege, SALARY)
