"""Merging what we declare with what people and other sources added (DESIGN section 5).

Entries that carry our attribution are ours: updated, and removed when the declaration goes. Every other entry is
foreign and stays. All functions work on aspects as JSON and change nothing they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from campus_catalog.aspects.common import ACTOR, ATTRIBUTION_SOURCE

Entry = dict[str, Any]

#: aspect -> (field with the entries, what identifies an entry)
LISTS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "ownership": ("owners", lambda entry: (entry["owner"], entry.get("typeUrn") or entry.get("type"))),
    "glossaryTerms": ("terms", lambda entry: entry["urn"]),
    "globalTags": ("tags", lambda entry: entry["tag"]),
    "structuredProperties": ("properties", lambda entry: entry["propertyUrn"]),
    "institutionalMemory": ("elements", lambda entry: entry["url"]),
}
#: aspect -> field with plain urns; which of them are ours is known from the declaration alone
MEMBERS = {"groupMembership": "groups", "applications": "applications"}

_READER = "ingestion bot"


def is_ours(entry: Entry) -> bool:
    """Whether an entry was written by this project."""
    if "createStamp" in entry:
        # the message is of DataHub's glossary reader: people may have signed in as the same user
        made = entry["createStamp"]
        return bool(made.get("actor") == ACTOR and made.get("message") == _READER)
    return bool((entry.get("attribution") or {}).get("source") == ATTRIBUTION_SOURCE)


def merge(
    aspect: str, current: Any | None, declared: Any | None, known: Collection[str] = (), keys: Collection[str] = ()
) -> Any | None:
    """What the aspect should be.

    Args:
        aspect: the aspect's name.
        current: the aspect in the catalog, None when there is none.
        declared: what we declare, None when nothing (any more).
        known: urns this project declares or once declared; in a list of plain urns these are ours.
        keys: custom properties this project once declared on the entity.

    Returns:
        The aspect to be, or None when nothing is left of it.
    """
    if current is None:
        return declared
    if aspect in LISTS:
        return _merge_list(*LISTS[aspect], current, declared)
    if aspect in MEMBERS:
        return _merge_members(MEMBERS[aspect], current, declared, known)
    if declared is None:
        return None
    if aspect == "dataHubPolicyInfo":
        return _keep_roles(current, declared)
    if "customProperties" in current or "customProperties" in declared:
        stated = declared.get("customProperties", {})
        foreign = {key: value for key, value in current.get("customProperties", {}).items() if key not in keys}
        return {**declared, "customProperties": {**foreign, **stated}}
    return declared


def _merge_list(field: str, identity: Callable[[Entry], Any], current: Any, declared: Any | None) -> Any | None:
    """Foreign entries stay where they are, ours are replaced in place, new ones come last."""
    there = current.get(field, [])
    foreign = {identity(entry) for entry in there if not is_ours(entry)}
    stated = {identity(entry): entry for entry in (declared or {}).get(field, [])}
    merged = []
    for entry in there:
        if not is_ours(entry):
            merged.append(entry)
        elif identity(entry) in stated:
            merged.append(stated.pop(identity(entry)))
    # where people said the same, theirs stands for both
    merged += [entry for key, entry in stated.items() if key not in foreign]
    if not merged and declared is None:
        return None
    # what surrounds the list (audit stamps, what a server derives from it) is the catalog's own
    return {**(declared or {}), **current, field: merged}


def _merge_members(field: str, current: Any, declared: Any | None, known: Collection[str]) -> Any | None:
    stated = (declared or {}).get(field, [])
    kept = [urn for urn in current.get(field, []) if urn in stated or urn not in known]
    merged = kept + [urn for urn in stated if urn not in kept]
    if not merged and declared is None:
        return None
    return {**(declared or current), field: merged}


def _keep_roles(current: Any, declared: Any) -> Any:
    """Roles bound to a policy in the UI survive: content names no roles of a server it does not know."""
    actors = declared.get("actors") or {}
    roles = (current.get("actors") or {}).get("roles")
    if roles and not actors.get("roles"):
        return {**declared, "actors": {**actors, "roles": roles}}
    return declared
