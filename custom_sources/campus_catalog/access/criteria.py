"""Policies as DataHub's engine reads them, and what their criteria match, release by release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_catalog.access.vocabulary import CHANGES, CONDITIONS, FIELDS, NEWEST, release
from campus_catalog.access.world import Entity, World


@dataclass(frozen=True)
class EngineCriterion:
    """A criterion of a policy; ``properties`` only for STRUCTURED_PROPERTY."""

    field: str
    values: frozenset[str] = frozenset()
    condition: str = "EQUALS"
    properties: tuple[tuple[str, frozenset[str]], ...] = ()

    def __str__(self) -> str:
        return f"{self.field} {self.condition} {'、'.join(sorted(self.values))}"


@dataclass(frozen=True)
class EnginePolicy:
    """A policy as the engine reads it.

    Attributes:
        criteria: all must hold for the resource; None when the policy names no resources, which means any.
        constraints: all must hold for every tag that is added or removed; None when it limits none.
        owner_types: ownership types that count; None when any does.
    """

    urn: str
    name: str
    type: str
    active: bool
    privileges: frozenset[str]
    users: frozenset[str]
    groups: frozenset[str]
    roles: frozenset[str]
    all_users: bool
    all_groups: bool
    owners: bool
    owner_types: frozenset[str] | None
    criteria: tuple[EngineCriterion, ...] | None
    constraints: tuple[EngineCriterion, ...] | None


def parse_policy(urn: str, info: Any, version: str = NEWEST) -> EnginePolicy:
    """Read a ``dataHubPolicyInfo`` aspect, as DataHub's class or as JSON.

    Args:
        urn: the policy's.
        info: the aspect, as DataHub's class or as JSON.
        version: the server release whose rules hold.

    Returns:
        The policy as that release reads it.
    """
    data: Mapping[str, Any] = info if isinstance(info, Mapping) else info.to_obj()
    actors = data.get("actors") or {}
    resources = data.get("resources")
    owner_types = actors.get("resourceOwnersTypes")
    constraints = (resources or {}).get("privilegeConstraints")
    return EnginePolicy(
        urn=urn,
        name=data.get("displayName", urn),
        type=data.get("type", ""),
        active=data.get("state") != "INACTIVE",
        privileges=frozenset(data.get("privileges") or ()),
        users=frozenset(actors.get("users") or ()),
        groups=frozenset(actors.get("groups") or ()),
        roles=frozenset(actors.get("roles") or ()),
        all_users=bool(actors.get("allUsers")),
        all_groups=bool(actors.get("allGroups")),
        owners=bool(actors.get("resourceOwners")),
        owner_types=None if owner_types is None else frozenset(owner_types),
        criteria=None if resources is None else _criteria(resources, version),
        constraints=_read_criteria(constraints) if constraints and changed("privilege-constraints", version) else None,
    )


def changed(change: str, version: str) -> bool:
    """Whether a release has a change of behaviour.

    Args:
        change: one of ``vocabulary.CHANGES``.
        version: the server release.

    Returns:
        Whether it, or an earlier one, brought it.
    """
    return release(version) >= release(CHANGES[change])


def _criteria(resources: Mapping[str, Any], version: str) -> tuple[EngineCriterion, ...]:
    """The filter; without one, what the former fields type, resources and allResources say."""
    if resources.get("filter") is not None:
        return _read_criteria(resources["filter"])
    out = []
    type_, urns = resources.get("type"), resources.get("resources")
    if type_ is not None:
        out.append(EngineCriterion("TYPE", frozenset({type_})))
    counts = type_ is not None or changed("resources-without-type", version)
    if urns is not None and not resources.get("allResources") and counts:
        out.append(EngineCriterion("URN", frozenset(urns)))
    return tuple(out)


def _read_criteria(filter_: Mapping[str, Any]) -> tuple[EngineCriterion, ...]:
    return tuple(
        EngineCriterion(
            field=str(criterion.get("field", "")).upper(),
            values=frozenset(criterion.get("values") or ()),
            condition=criterion.get("condition") or "EQUALS",
            properties=tuple(
                (value["propertyUrn"], frozenset(value.get("values") or ()))
                for value in criterion.get("structuredPropertyValues") or ()
            ),
        )
        for criterion in filter_.get("criteria") or ()
    )


def field_values(entity: Entity, name: str, world: World, version: str = NEWEST) -> set[str] | frozenset[str]:
    """What a criteria field holds for an entity.

    Args:
        entity: the resource, or a tag.
        name: a field of ``vocabulary.FIELDS``.
        world: knows what stands above it.
        version: the server release whose rules hold.

    Returns:
        Urns, or the entity's type; nothing for a field the entity does not have.
    """
    if name in ("TYPE", "RESOURCE_TYPE"):
        return {entity.type}
    if name in ("URN", "RESOURCE_URN"):
        return {entity.urn}
    if name == "OWNER":
        return {owner.urn for owner in entity.owners}
    if name == "TAG":
        return entity.tags
    if name == "DOMAIN":
        if entity.type != "domain":
            return world.ancestors(entity.domains)
        nested = changed("subdomain-matches-parent-domain", version)
        return world.ancestors({entity.urn}) if nested else {entity.urn}
    if name == "CONTAINER":
        above = world.ancestors({entity.urn}, "container")
        return above if entity.type == "container" else above - {entity.urn}
    if name == "GLOSSARY":
        own = {entity.urn} if entity.type in ("glossaryTerm", "glossaryNode") else entity.terms
        return world.ancestors(own)
    if name == "GROUP_MEMBERSHIP":
        return world.user(entity.urn).groups
    if name == "DATA_PLATFORM_INSTANCE":
        if entity.type == "dataPlatformInstance":
            return {entity.urn}
        return {entity.instance} if entity.instance else frozenset()
    parents = {"PARENT_DOMAIN": ("domain",), "PARENT_GLOSSARY_NODE": ("glossaryTerm", "glossaryNode")}
    if entity.type in parents.get(name, ()) and entity.parent:
        return world.ancestors({entity.parent})
    return frozenset()


def matches(criterion: EngineCriterion, entity: Entity, world: World, version: str = NEWEST) -> bool:
    """Whether a criterion holds for an entity; what a release does not know never holds.

    Args:
        criterion: one criterion of a policy.
        entity: the resource, or a tag.
        world: knows what stands above it.
        version: the server release whose rules hold.

    Returns:
        Whether it holds.
    """
    now = release(version)
    for word, since in ((criterion.field, FIELDS), (criterion.condition, CONDITIONS)):
        if word not in since or release(since[word]) > now:
            return False
    if criterion.field == "STRUCTURED_PROPERTY":
        if not criterion.properties:
            return criterion.condition == "NOT_EQUALS"
        return all(
            _compare(entity.properties.get(urn, frozenset()), values, criterion.condition)
            for urn, values in criterion.properties
        )
    return _compare(field_values(entity, criterion.field, world, version), criterion.values, criterion.condition)


def _compare(found: Iterable[str], values: frozenset[str], condition: str) -> bool:
    if condition == "EQUALS":
        return not values.isdisjoint(found)
    if condition == "NOT_EQUALS":
        return values.isdisjoint(found)
    return any(one.startswith(value) for one in found for value in values)
