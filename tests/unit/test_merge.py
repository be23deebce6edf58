"""Merging: foreign entries always survive, ours become what is declared."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campus_catalog.aspects.common import ACTOR, ATTRIBUTION_SOURCE
from campus_catalog.aspects.lists import LISTS
from campus_catalog.aspects.merge import merge

PROPERTY = settings(max_examples=100, deadline=None)
NAMES = st.sampled_from("abcde")
OURS = {"source": ATTRIBUTION_SOURCE, "time": 0, "actor": ACTOR}
#: people leave no attribution; other sources their own
FOREIGN = st.sampled_from([None, {"source": "urn:li:platformResource:other", "time": 7, "actor": "urn:li:corpuser:x"}])

#: lists whose entries say whose they are, and those of bare urns
MARKED = sorted(name for name, row in LISTS.items() if row.ours != "declared")
MEMBERS = {name: row.field for name, row in LISTS.items() if not row.key}


def _urn(kind: str, name: str) -> str:
    return f"urn:li:{kind}:{name}"


def _entry(aspect: str, name: str, detail: str, attribution: Any) -> dict[str, Any]:
    if aspect == "institutionalMemory":
        theirs = {"time": 3, "actor": "urn:li:corpuser:guest"}
        stamp = {"time": 5, "actor": ACTOR, "message": "ingestion bot"} if attribution is OURS else theirs
        return {"url": f"https://example.edu/{name}", "description": detail, "createStamp": stamp}
    entries: dict[str, dict[str, Any]] = {
        "ownership": {"owner": _urn("corpuser", name), "type": "CUSTOM", "typeUrn": _urn("ownershipType", detail)},
        "glossaryTerms": {"urn": _urn("glossaryTerm", name), "context": detail},
        "globalTags": {"tag": _urn("tag", name), "context": detail},
        "structuredProperties": {"propertyUrn": _urn("structuredProperty", name), "values": [{"string": detail}]},
    }
    return {**entries[aspect], "attribution": attribution} if attribution else entries[aspect]


def _entries(aspect: str, attribution: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    entry = st.builds(lambda name, detail, mark: _entry(aspect, name, detail, mark), NAMES, NAMES, attribution)
    return st.lists(
        entry, max_size=6, unique_by=lambda entry: (LISTS[aspect].identity(entry), LISTS[aspect].is_ours(entry))
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Any, Any]:
    """(aspect, the aspect in the catalog with foreign entries and ours, the aspect declared)."""
    aspect = draw(st.sampled_from(MARKED))
    field = LISTS[aspect].field
    current: dict[str, Any] = {field: draw(_entries(aspect, FOREIGN | st.just(OURS)))}
    declared: dict[str, Any] = {field: draw(_entries(aspect, st.just(OURS)))}
    stamp = {"time": 9, "actor": "urn:li:corpuser:guest"}
    if aspect in ("ownership", "glossaryTerms"):
        name = "lastModified" if aspect == "ownership" else "auditStamp"
        current[name], declared[name] = stamp, {"time": 0, "actor": ACTOR}
    return aspect, current, declared


def split(aspect: str, value: Any) -> tuple[list[Any], list[Any]]:
    """Foreign entries and ours."""
    row = LISTS[aspect]
    listed = (value or {}).get(row.field, [])
    return [entry for entry in listed if not row.is_ours(entry)], [entry for entry in listed if row.is_ours(entry)]


@PROPERTY
@given(cases())
def test_foreign_entries_survive_in_their_order(case: tuple[str, Any, Any]) -> None:
    aspect, current, declared = case
    for stated in (declared, None):
        assert split(aspect, merge(aspect, current, stated))[0] == split(aspect, current)[0]


@PROPERTY
@given(cases())
def test_ours_become_the_declared_ones_but_those_people_said_too(case: tuple[str, Any, Any]) -> None:
    aspect, current, declared = case
    identity = LISTS[aspect].identity
    foreign, before = split(aspect, current)
    said, had = {identity(entry) for entry in foreign}, {identity(entry) for entry in before}
    ours = split(aspect, merge(aspect, current, declared))[1]
    for entry in declared[LISTS[aspect].field]:
        # an entry of ours that stood there before people said the same stays beside theirs
        assert (entry in ours) is (identity(entry) not in said or identity(entry) in had)
    assert all(entry in declared[LISTS[aspect].field] for entry in ours)
    assert len({identity(entry) for entry in ours}) == len(ours)


@PROPERTY
@given(cases())
def test_merging_again_changes_nothing(case: tuple[str, Any, Any]) -> None:
    aspect, current, declared = case
    for stated in (declared, None):
        once = merge(aspect, current, stated)
        assert merge(aspect, once, stated) == (once if once is not None else stated)


@PROPERTY
@given(cases())
def test_declaring_nothing_takes_ours_away_and_nothing_else(case: tuple[str, Any, Any]) -> None:
    aspect, current, _ = case
    foreign, _ = split(aspect, current)
    after = merge(aspect, current, None)
    assert after == ({**current, LISTS[aspect].field: foreign} if foreign else None)


@PROPERTY
@given(cases())
def test_merging_changes_nothing_it_is_given(case: tuple[str, Any, Any]) -> None:
    before = copy.deepcopy(case)
    merge(*case)
    assert case == before


@pytest.mark.parametrize("aspect", [*LISTS, "dataHubPolicyInfo", "domains"])
def test_without_an_aspect_the_declaration_is_the_aspect(aspect: str) -> None:
    assert merge(aspect, None, {"anything": 1}) == {"anything": 1}
    assert merge(aspect, None, None) is None


@PROPERTY
@given(st.lists(NAMES, unique=True), st.lists(NAMES, unique=True), st.sets(NAMES))
def test_memberships_in_groups_we_never_declared_survive(there: list[str], stated: list[str], known: set[str]) -> None:
    for aspect, field in MEMBERS.items():
        after = merge(aspect, {field: there}, {field: stated}, {*known, *stated})
        assert after is not None
        assert set(after[field]) == set(stated) | (set(there) - known)
        assert len(after[field]) == len(set(after[field]))
        assert merge(aspect, after, {field: stated}, {*known, *stated}) == after
        gone = merge(aspect, {field: there}, None, known)
        assert gone == ({field: left} if (left := [name for name in there if name not in known]) else None)


def test_roles_people_put_into_access_survive_and_ours_follow_the_declaration() -> None:
    ours, old, theirs = ({"urn": f"urn:li:role:{name}"} for name in ("ours", "old", "theirs"))
    known = {ours["urn"], old["urn"]}
    current = {"roles": [theirs, old]}
    assert merge("access", current, {"roles": [ours]}, known) == {"roles": [theirs, ours]}
    assert merge("access", current, None, known) == {"roles": [theirs]}
    assert merge("access", {"roles": [old]}, None, known) is None


def test_the_order_of_memberships_stays() -> None:
    after = merge("groupMembership", {"groups": ["x", "b", "old"]}, {"groups": ["a", "b"]}, {"a", "b", "old"})
    assert after == {"groups": ["x", "b", "a"]}


ACTORS = st.fixed_dictionaries({"allUsers": st.booleans()}, optional={"users": st.lists(NAMES)})


@PROPERTY
@given(ACTORS, ACTORS, st.lists(NAMES, min_size=1))
def test_roles_bound_to_a_policy_survive(before: Any, declared: Any, roles: list[str]) -> None:
    current = {"displayName": "old", "actors": {**before, "roles": roles}}
    after = merge("dataHubPolicyInfo", current, {"displayName": "new", "actors": declared})
    assert after == {"displayName": "new", "actors": {**declared, "roles": roles}}


def test_roles_that_are_declared_replace_those_there() -> None:
    declared = {"actors": {"roles": ["reader"]}}
    assert merge("dataHubPolicyInfo", {"actors": {"roles": ["editor"]}}, declared) == declared


@PROPERTY
@given(
    st.dictionaries(NAMES, st.just("there")),
    st.dictionaries(NAMES, st.just("declared"), max_size=3),
    st.sets(NAMES, max_size=2),
)
def test_custom_properties_of_others_survive(there: dict[str, str], stated: dict[str, str], keys: set[str]) -> None:
    current = {"name": "old", "customProperties": there}
    after = merge("datasetProperties", current, {"name": "new", "customProperties": stated}, keys=keys)
    foreign = {key: value for key, value in there.items() if key not in keys}
    assert after == {"name": "new", "customProperties": {**foreign, **stated}}


def test_an_aspect_that_is_ours_alone_is_replaced() -> None:
    assert merge("domains", {"domains": ["x"]}, {"domains": ["y"]}) == {"domains": ["y"]}
    assert merge("domains", {"domains": ["x"]}, None) is None


def test_a_link_of_the_shipped_administrator_is_foreign() -> None:
    """DataHub's reader signs links as the user a person may have signed in as; only its message tells them apart."""
    link = {"url": "https://example.edu", "description": "说明", "createStamp": {"time": 1, "actor": ACTOR}}
    assert merge("institutionalMemory", {"elements": [link]}, {"elements": []}) == {"elements": [link]}
