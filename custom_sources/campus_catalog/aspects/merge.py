"""Merging what we declare with what people and other sources added (DESIGN section 6).

Entries of ours are updated, and removed when the declaration goes; every other entry is foreign and stays. All
functions work on aspects as JSON and change nothing they are given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from campus_catalog.aspects.lists import LISTS, ListAspect


def merge(
    aspect: str, current: Any | None, declared: Any | None, known: Collection[str] = (), keys: Collection[str] = ()
) -> Any | None:
    """What the aspect should be.

    Args:
        aspect: the aspect's name.
        current: the aspect in the catalog, None when there is none.
        declared: what we declare, None when nothing (any more).
        known: urns this project declares or once declared.
        keys: custom properties this project once declared on the entity.

    Returns:
        The aspect to be, or None when nothing is left of it.
    """
    if current is None:
        return declared
    if aspect in LISTS:
        return _merge_list(LISTS[aspect], current, declared, known)
    if declared is None:
        return None
    if aspect == "dataHubPolicyInfo":
        return _keep_roles(current, declared)
    if "customProperties" in current or "customProperties" in declared:
        stated = declared.get("customProperties", {})
        foreign = {key: value for key, value in current.get("customProperties", {}).items() if key not in keys}
        return {**declared, "customProperties": {**foreign, **stated}}
    return declared


def _merge_list(row: ListAspect, current: Any, declared: Any | None, known: Collection[str]) -> Any | None:
    """Foreign entries stay where they are, ours are replaced in place, new ones come last."""
    there = current.get(row.field, [])
    stated = {row.identity(entry): entry for entry in (declared or {}).get(row.field, [])}
    foreign = {row.identity(entry) for entry in there if not row.is_ours(entry, known)}
    merged = []
    for entry in there:
        if not row.is_ours(entry, known):
            merged.append(entry)
        elif row.identity(entry) in stated:
            merged.append(stated.pop(row.identity(entry)))
    # where people said the same, theirs stands for both
    merged += [entry for key, entry in stated.items() if key not in foreign]
    if not merged and declared is None:
        return None
    # what surrounds the list (audit stamps, what a server derives from it) is the catalog's own
    return {**(declared or {}), **current, row.field: merged}


def _keep_roles(current: Any, declared: Any) -> Any:
    """Roles bound to a policy in the UI survive: content names no roles of a server it does not know."""
    actors = declared.get("actors") or {}
    roles = (current.get("actors") or {}).get("roles")
    if roles and not actors.get("roles"):
        return {**declared, "actors": {**actors, "roles": roles}}
    return declared
