"""Requests and what DataHub's policy engine answers; each case names the rule it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from datahub.metadata.schema_classes import DataHubPolicyInfoClass

from campus_catalog.access.evaluate import SYSTEM_ACTOR, VIEW_SELF, Evaluator
from campus_catalog.access.vocabulary import NEWEST
from campus_catalog.access.world import Entity, Owner, User, World


def user(name: str) -> str:
    return f"urn:li:corpuser:{name}"


def group(name: str) -> str:
    return f"urn:li:corpGroup:{name}"


def tag(name: str) -> str:
    return f"urn:li:tag:{name}"


def dataset(name: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:mysql,{name},PROD)"


STEWARD, PRODUCER = "urn:li:ownershipType:steward", "urn:li:ownershipType:producer"
SALARY, MENU, LOOSE = dataset("hr.salary"), dataset("canteen.menu"), dataset("loose")
STAFF, PEOPLE, FOOD = "urn:li:domain:staff", "urn:li:domain:people", "urn:li:domain:food"
SCHEMA, DATABASE = "urn:li:container:schema", "urn:li:container:database"
TERM, NODE, ROOT_NODE = "urn:li:glossaryTerm:pay", "urn:li:glossaryNode:money", "urn:li:glossaryNode:all"
INSTANCE = "urn:li:dataPlatformInstance:(urn:li:dataPlatform:mysql,campus)"
READER, EDITOR = "urn:li:dataHubRole:Reader", "urn:li:dataHubRole:Editor"
SCOPE = "urn:li:structuredProperty:scope"


def entity(urn: str, **facts: Any) -> Entity:
    return Entity(urn, urn.split(":", 3)[2], **facts)


WORLD = World(
    entities={
        one.urn: one
        for one in (
            entity(
                SALARY,
                domains=frozenset({STAFF}),
                tags=frozenset({tag("closed"), tag("personal")}),
                terms=frozenset({TERM}),
                owners=(Owner(user("ann"), STEWARD), Owner(group("hr"), PRODUCER), Owner(user("old"))),
                container=SCHEMA,
                instance=INSTANCE,
                properties={SCOPE: frozenset({"hr only", "audit"})},
            ),
            entity(MENU, domains=frozenset({FOOD}), tags=frozenset({tag("open")})),
            entity(LOOSE),
            entity(STAFF, parent=PEOPLE),
            entity(PEOPLE),
            entity(FOOD),
            entity(SCHEMA, container=DATABASE),
            entity(DATABASE),
            entity(TERM, parent=NODE),
            entity(NODE, parent=ROOT_NODE),
            entity(ROOT_NODE),
            entity("urn:li:domain:loop-a", parent="urn:li:domain:loop-b"),
            entity("urn:li:domain:loop-b", parent="urn:li:domain:loop-a"),
            entity(dataset("looped"), domains=frozenset({"urn:li:domain:loop-a"})),
            entity(user("bob")),
        )
    },
    users={
        one.urn: one
        for one in (
            User(user("ann")),
            User(user("bob"), groups=frozenset({group("hr")})),
            User(user("cat"), groups=frozenset({group("canteen")}), roles=frozenset({READER})),
            User(user("dan"), groups=frozenset({group("editors")})),
            User(user("eve")),
            User(user("old")),
        )
    },
    group_roles={group("editors"): frozenset({EDITOR})},
)

ANN, BOB, CAT, DAN, EVE, OLD = (user(name) for name in ("ann", "bob", "cat", "dan", "eve", "old"))
ALL: dict[str, Any] = {"allUsers": True}


def policy(actors: dict[str, Any] = ALL, resources: Any = None, **rest: Any) -> dict[str, Any]:
    """A policy granting VIEW_ENTITY_PAGE unless told otherwise."""
    info = {"displayName": "p", "description": "", "type": "METADATA", "state": "ACTIVE", "actors": actors,
            "privileges": ["VIEW_ENTITY_PAGE"], **rest}  # fmt: skip
    return info if resources is None else {**info, "resources": resources}


def where(field: str, *values: str, condition: str | None = "EQUALS", **rest: Any) -> dict[str, Any]:
    """Resources matched by one criterion."""
    criterion = {"field": field, "values": list(values), **({"condition": condition} if condition else {}), **rest}
    return {"filter": {"criteria": [criterion]}}


def both(*resources: dict[str, Any]) -> dict[str, Any]:
    """Resources matched by the criteria of several."""
    return {"filter": {"criteria": [one for each in resources for one in each["filter"]["criteria"]]}}


def limited(field: str, *values: str, condition: str = "EQUALS") -> dict[str, Any]:
    """A policy for tags, limited by a privilege constraint."""
    resources = {"allResources": True, "privilegeConstraints": where(field, *values, condition=condition)["filter"]}
    return policy(privileges=["EDIT_ENTITY_TAGS"], resources=resources)


VIEW = "VIEW_ENTITY_PAGE"
TAGS = "EDIT_ENTITY_TAGS"
OWNERS = {"resourceOwners": True}


def owners_of(*types: str) -> dict[str, Any]:
    return {"resourceOwners": True, "resourceOwnersTypes": list(types)}


@dataclass(frozen=True)
class Case:
    """One request under one policy, and the engine's answer."""

    policy: dict[str, Any]
    actor: str = EVE
    privilege: str = VIEW
    resource: str | None = SALARY
    tags: tuple[str, ...] = ()
    version: str = NEWEST
    allowed: bool = True


yes = Case
no = partial(Case, allowed=False)

# Unless said otherwise eve, who is in no group, asks to view the salaries, of the newest server.
CASES: dict[str, Case] = {
    # policy
    "no resources means any resource": yes(policy()),
    "no resources means also no resource": yes(policy(), resource=None),
    "an inactive policy grants nothing": no(policy(state="INACTIVE")),
    "any state but INACTIVE is active": yes(policy(state="DRAFT")),
    "a privilege not listed is not granted": no(policy(), privilege="EDIT_ENTITY"),
    "EDIT_ENTITY does not contain other privileges": no(policy(privileges=["EDIT_ENTITY"]), privilege=TAGS),
    "a policy without privileges grants nothing": no(policy(privileges=[])),
    "a platform policy asks for no resource": yes(
        policy(type="PLATFORM", privileges=["MANAGE_TAGS"]), privilege="MANAGE_TAGS", resource=None
    ),
    "a platform policy ignores its resources": yes(policy(type="PLATFORM", resources=where("TYPE", "chart"))),
    "a filter needs a resource": no(policy(resources=where("TYPE", "dataset")), resource=None),
    # actors
    "nobody is named, nobody is granted": no(policy({})),
    "a named user": yes(policy({"users": [EVE]})),
    "another user": no(policy({"users": [EVE]}), actor=ANN),
    "a member of a named group": yes(policy({"groups": [group("hr")]}), actor=BOB),
    "a member of another group": no(policy({"groups": [group("hr")]}), actor=CAT),
    "a user of no group": no(policy({"groups": [group("hr")]})),
    "all users": yes(policy({"allUsers": True})),
    "all users, even unknown ones": yes(policy({"allUsers": True}), actor=user("new")),
    "all groups: a member of any": yes(policy({"allGroups": True}), actor=CAT),
    "all groups: not a user of none": no(policy({"allGroups": True})),
    "all groups before 0.12: a user of none too": yes(policy({"allGroups": True}), version="0.11"),
    "a user with a named role": yes(policy({"roles": [READER]}), actor=CAT),
    "a user with another role": no(policy({"roles": [EDITOR]}), actor=CAT),
    "a role through a group": yes(policy({"roles": [EDITOR]}), actor=DAN),
    "a role through a group, before 0.13": no(policy({"roles": [EDITOR]}), actor=DAN, version="0.12"),
    "any of users, groups, roles suffices": yes(
        policy({"users": [ANN], "groups": [group("hr")], "roles": [READER]}), actor=CAT
    ),
    "DataHub itself is always allowed": yes(policy({}), actor=SYSTEM_ACTOR, privilege="EDIT_ENTITY"),
    "everyone may view themselves": yes(policy({}), actor=BOB, resource=BOB),
    "everyone may edit themselves": yes(policy({}), actor=BOB, privilege="EDIT_ENTITY", resource=BOB),
    "nobody may give themselves tags": no(policy({}), actor=BOB, privilege=TAGS, resource=BOB),
    "nobody may view another user unasked": no(policy({}), resource=BOB),
    # owners
    "a user who owns": yes(policy(OWNERS), actor=ANN),
    "a user whose group owns": yes(policy(OWNERS), actor=BOB),
    "a user who does not own": no(policy(OWNERS)),
    "nobody owns what has no owners": no(policy(OWNERS), actor=ANN, resource=LOOSE),
    "owning needs a resource": no(policy(OWNERS), actor=ANN, resource=None),
    "owner of a named type": yes(policy(owners_of(STEWARD)), actor=ANN),
    "owner of another type": no(policy(owners_of(PRODUCER)), actor=ANN),
    "group that owns with a named type": yes(policy(owners_of(PRODUCER)), actor=BOB),
    "owner without a type, any type counts": yes(policy(OWNERS), actor=OLD),
    "owner without a type, types are named": no(policy(owners_of(STEWARD)), actor=OLD),
    "an empty list of owner types is no owner": no(policy(owners_of()), actor=ANN),
    "owners of a resource outside the filter": no(policy(OWNERS, where("TYPE", "chart")), actor=ANN),
    # criteria
    "an empty filter matches everything": yes(policy(resources={"filter": {"criteria": []}})),
    "by type": yes(policy(resources=where("TYPE", "dataset"))),
    "by another type": no(policy(resources=where("TYPE", "chart"))),
    "values are alternatives": yes(policy(resources=where("TYPE", "chart", "dataset"))),
    "by the former name of type": yes(policy(resources=where("RESOURCE_TYPE", "dataset"))),
    "by urn": yes(policy(resources=where("URN", SALARY))),
    "by the former name of urn": no(policy(resources=where("RESOURCE_URN", MENU))),
    "a field in lower case": yes(policy(resources=where("type", "dataset"))),
    "an unknown field never holds": no(policy(resources=where("COLOUR", "red"))),
    "an unknown field does not hold negated either": no(
        policy(resources=where("COLOUR", "red", condition="NOT_EQUALS"))
    ),
    "an unknown condition never holds": no(policy(resources=where("TYPE", "dataset", condition="CONTAINS"))),
    "no condition is EQUALS": yes(policy(resources=where("TYPE", "dataset", condition=None))),
    "no values never equal": no(policy(resources=where("TYPE"))),
    "criteria must all hold": no(policy(resources=both(where("TYPE", "dataset"), where("DOMAIN", FOOD)))),
    "criteria that all hold": yes(policy(resources=both(where("TYPE", "dataset"), where("DOMAIN", STAFF)))),
    "an unknown resource has urn and type": yes(policy(resources=where("TYPE", "dataset")), resource=dataset("new")),
    "an unknown resource has no tags": no(policy(resources=where("TAG", tag("open"))), resource=dataset("new")),
    # domains and containers
    "by domain": yes(policy(resources=where("DOMAIN", STAFF))),
    "by the parent of the domain": yes(policy(resources=where("DOMAIN", PEOPLE))),
    "by another domain": no(policy(resources=where("DOMAIN", FOOD))),
    "a domain is in itself": yes(policy(resources=where("DOMAIN", STAFF)), resource=STAFF),
    "a domain is in its parent": yes(policy(resources=where("DOMAIN", PEOPLE)), resource=STAFF),
    "a domain is in its parent, before 1.5": no(
        policy(resources=where("DOMAIN", PEOPLE)), resource=STAFF, version="1.4"
    ),
    "domains in a circle end": yes(
        policy(resources=where("DOMAIN", "urn:li:domain:loop-b")), resource=dataset("looped")
    ),
    "by the container around": yes(policy(resources=where("CONTAINER", SCHEMA))),
    "by a container further out": yes(policy(resources=where("CONTAINER", DATABASE))),
    "a container is in itself": yes(policy(resources=where("CONTAINER", SCHEMA)), resource=SCHEMA),
    "a dataset is no container": no(policy(resources=where("CONTAINER", SALARY))),
    "by container, before 1.1": no(policy(resources=where("CONTAINER", SCHEMA)), version="1.0"),
    "by parent domain: a domain in it": yes(policy(resources=where("PARENT_DOMAIN", PEOPLE)), resource=STAFF),
    "by parent domain: not the domain itself": no(policy(resources=where("PARENT_DOMAIN", STAFF)), resource=STAFF),
    "by parent domain: not a dataset": no(policy(resources=where("PARENT_DOMAIN", PEOPLE))),
    # tags, owners, groups, instances, terms, properties
    "by tag": yes(policy(resources=where("TAG", tag("closed")))),
    "by one of its tags": yes(policy(resources=where("TAG", tag("personal")))),
    "by part of a tag": no(policy(resources=where("TAG", tag("clo")))),
    "by tag, before 0.13": no(policy(resources=where("TAG", tag("closed"))), version="0.12"),
    "by owner": yes(policy(resources=where("OWNER", group("hr")))),
    "by an owner's group's member": no(policy(resources=where("OWNER", BOB))),
    "a user by group": yes(policy(resources=where("GROUP_MEMBERSHIP", group("hr"))), resource=BOB),
    "a dataset has no groups": no(policy(resources=where("GROUP_MEMBERSHIP", group("hr")))),
    "by platform instance": yes(policy(resources=where("DATA_PLATFORM_INSTANCE", INSTANCE))),
    "an instance is in itself": yes(policy(resources=where("DATA_PLATFORM_INSTANCE", INSTANCE)), resource=INSTANCE),
    "by term": yes(policy(resources=where("GLOSSARY", TERM))),
    "by a node above the term": yes(policy(resources=where("GLOSSARY", ROOT_NODE))),
    "a term by the node above": yes(policy(resources=where("GLOSSARY", NODE)), resource=TERM),
    "by term, before 1.5": no(policy(resources=where("GLOSSARY", TERM)), version="1.4"),
    "a term by parent node": yes(policy(resources=where("PARENT_GLOSSARY_NODE", ROOT_NODE)), resource=TERM),
    "by structured property": yes(
        policy(
            resources=where(
                "STRUCTURED_PROPERTY", structuredPropertyValues=[{"propertyUrn": SCOPE, "values": ["audit"]}]
            )
        )
    ),
    "by structured property, each must match": no(
        policy(
            resources=where(
                "STRUCTURED_PROPERTY",
                structuredPropertyValues=[
                    {"propertyUrn": SCOPE, "values": ["audit"]},
                    {"propertyUrn": "urn:li:structuredProperty:x", "values": ["y"]},
                ],
            )
        )
    ),
    "by structured property, none named": no(policy(resources=where("STRUCTURED_PROPERTY"))),
    "by structured property, before 1.8": no(
        policy(
            resources=where(
                "STRUCTURED_PROPERTY", structuredPropertyValues=[{"propertyUrn": SCOPE, "values": ["audit"]}]
            )
        ),
        version="1.7",
    ),
    # conditions
    "starts with": yes(
        policy(resources=where("URN", "urn:li:dataset:(urn:li:dataPlatform:mysql,hr.", condition="STARTS_WITH"))
    ),
    "starts otherwise": no(
        policy(resources=where("URN", "urn:li:dataset:(urn:li:dataPlatform:mysql,hr.", condition="STARTS_WITH")),
        resource=MENU,
    ),
    "starts with, before 0.15": no(
        policy(resources=where("URN", "urn:li:dataset:", condition="STARTS_WITH")), version="0.14"
    ),
    "not equals: it has one of them": no(
        policy(resources=where("TAG", tag("closed"), tag("x"), condition="NOT_EQUALS"))
    ),
    "not equals: it has none of them": yes(
        policy(resources=where("TAG", tag("closed"), condition="NOT_EQUALS")), resource=MENU
    ),
    "not equals: it has no tags at all": yes(
        policy(resources=where("TAG", tag("closed"), condition="NOT_EQUALS")), resource=LOOSE
    ),
    "not equals before 1.2 never holds": no(
        policy(resources=where("TAG", tag("closed"), condition="NOT_EQUALS")), resource=MENU, version="1.1"
    ),
    # former fields of resources
    "former: all of a type": yes(policy(resources={"type": "dataset", "allResources": True})),
    "former: all of another type": no(policy(resources={"type": "chart", "allResources": True})),
    "former: only named resources": no(policy(resources={"type": "dataset", "resources": [MENU]})),
    "former: a named resource": yes(policy(resources={"type": "dataset", "resources": [SALARY]})),
    "former: all resources beats named ones": yes(
        policy(resources={"type": "dataset", "resources": [MENU], "allResources": True})
    ),
    "former: nothing stated is everything": yes(policy(resources={"allResources": False})),
    "former: named resources without a type": no(policy(resources={"resources": [MENU]})),
    "former: named resources without a type were ignored before 1.7": yes(
        policy(resources={"resources": [MENU]}), version="1.6"
    ),
    "a filter makes the former fields void": yes(
        policy(resources={"type": "chart", "resources": [MENU], **where("TYPE", "dataset")})
    ),
    # privilege constraints
    "a constraint says nothing without tags": yes(
        limited("URN", tag("closed"), condition="NOT_EQUALS"), privilege=TAGS
    ),
    "a tag that must not be touched": no(
        limited("URN", tag("closed"), condition="NOT_EQUALS"), privilege=TAGS, tags=(tag("closed"),)
    ),
    "any other tag": yes(limited("URN", tag("closed"), condition="NOT_EQUALS"), privilege=TAGS, tags=(tag("nice"),)),
    "one forbidden tag among several": no(
        limited("URN", tag("closed"), condition="NOT_EQUALS"), privilege=TAGS, tags=(tag("nice"), tag("closed"))
    ),
    "only these tags": yes(limited("URN", tag("nice")), privilege=TAGS, tags=(tag("nice"),)),
    "not those outside these tags": no(limited("URN", tag("nice")), privilege=TAGS, tags=(tag("other"),)),
    "only tags that start so": yes(
        limited("URN", tag("hr-"), condition="STARTS_WITH"), privilege=TAGS, tags=(tag("hr-1"),)
    ),
    "no constraint, any tag": yes(policy(privileges=[TAGS]), privilege=TAGS, tags=(tag("closed"),)),
    "constraints were ignored before 1.2": yes(
        limited("URN", tag("closed"), condition="NOT_EQUALS"), privilege=TAGS, tags=(tag("closed"),), version="1.1"
    ),
}


def test_there_are_at_least_60_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    evaluator = Evaluator({"urn:li:dataHubPolicy:p": case.policy}, WORLD, case.version)
    decision = evaluator.decide(case.actor, case.privilege, case.resource, case.tags)
    assert decision.allowed is case.allowed
    expected = {SYSTEM_ACTOR: SYSTEM_ACTOR, case.resource: VIEW_SELF}.get(case.actor, "urn:li:dataHubPolicy:p")
    assert decision.policy == (expected if case.allowed else None)


@pytest.mark.parametrize("name", [name for name in CASES if "CONTAINS" not in str(CASES[name])])
def test_datahubs_own_class_and_its_json_are_read_alike(name: str) -> None:
    case = CASES[name]
    typed = DataHubPolicyInfoClass.from_obj(case.policy)
    decision = Evaluator({"p": typed}, WORLD, case.version).decide(case.actor, case.privilege, case.resource, case.tags)
    assert decision.allowed is case.allowed


def test_the_first_policy_that_grants_decides() -> None:
    policies = {"a": policy({"users": [ANN]}), "b": policy({"users": [EVE]}), "c": policy()}
    assert Evaluator(policies, WORLD).allows(EVE, VIEW, SALARY) == "b"


def test_a_refusal_names_the_nearest_policy_first_and_what_does_not_fit() -> None:
    policies = {
        "far": policy({"users": [ANN]}, where("TYPE", "chart"), displayName="far"),
        "off": policy(displayName="off", state="INACTIVE"),
        "near": policy({"users": [ANN]}, displayName="near"),
        "other": policy(privileges=["EDIT_ENTITY"], displayName="other"),
    }
    misses = Evaluator(policies, WORLD).decide(EVE, VIEW, SALARY).misses
    assert [(miss.name, miss.parts) for miss in misses] == [
        ("near", ("actor",)),
        ("off", ("state",)),
        ("far", ("resource", "actor")),
    ]
    assert [criterion.field for criterion in misses[2].criteria] == ["TYPE"]
