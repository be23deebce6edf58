"""Who may do what, by the rules of DataHub's policy engine.

A request names an actor, a privilege, mostly a resource, and for a change of tags the tags concerned. It is allowed
when one policy grants it; nothing denies. What a release did differently is asked of ``vocabulary``, so that the same
policies can be judged as an older server would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from campus_catalog.access.shipped import SHIPPED
from campus_catalog.access.vocabulary import CHANGES, CONDITIONS, FIELDS, NEWEST, release
from campus_catalog.access.world import Entity, User, World

#: DataHub itself: always allowed.
SYSTEM_ACTOR = "urn:li:corpuser:__datahub_system"
#: what every server grants without a policy entity: everyone may read and edit the own user
VIEW_SELF = "urn:li:dataHubPolicy:view-self"
_SELF_PRIVILEGES = frozenset({"VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY"})

_SHIPPED_URNS = frozenset(shipped.urn for shipped in SHIPPED.values())

Part = Literal["state", "resource", "tags", "actor"]


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


@dataclass(frozen=True)
class Miss:
    """A policy that has the privilege but does not grant: which parts of it do not fit."""

    policy: str
    name: str
    parts: tuple[Part, ...]
    criteria: tuple[EngineCriterion, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The answer to one request.

    Attributes:
        policy: urn of the policy that decides; None when none grants.
        misses: when none grants, the policies that have the privilege, the nearest first.
    """

    allowed: bool
    policy: str | None = None
    name: str | None = None
    misses: tuple[Miss, ...] = field(default=())


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
        constraints=_read_criteria(constraints) if constraints and _has("privilege-constraints", version) else None,
    )


def _has(change: str, version: str) -> bool:
    return release(version) >= release(CHANGES[change])


def _criteria(resources: Mapping[str, Any], version: str) -> tuple[EngineCriterion, ...]:
    """The filter; without one, what the former fields type, resources and allResources say."""
    if resources.get("filter") is not None:
        return _read_criteria(resources["filter"])
    out = []
    type_, urns = resources.get("type"), resources.get("resources")
    if type_ is not None:
        out.append(EngineCriterion("TYPE", frozenset({type_})))
    counts = type_ is not None or _has("resources-without-type", version)
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
        nested = _has("subdomain-matches-parent-domain", version)
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


class Evaluator:
    """Answers requests for one set of policies and one world.

    Args:
        policies: policies by urn, as DataHub's class or as JSON; the shipped ones included (see ``loader.effective``).
        world: entities and users; must not change afterwards.
        version: the server release whose rules hold.
    """

    def __init__(self, policies: Mapping[str, Any], world: World, version: str = NEWEST):
        self.world, self.version = world, version
        self.rules = [parse_policy(urn, info, version) for urn, info in policies.items()]
        self._by_privilege: dict[str, list[EnginePolicy]] = {}
        for rule in self.rules:
            for privilege in rule.privileges:
                self._by_privilege.setdefault(privilege, []).append(rule)
        self._granting: dict[tuple[str, str | None], list[EnginePolicy]] = {}
        self._on_resource: dict[tuple[str, str | None], bool] = {}
        self._for_actor: dict[tuple[str, str], bool] = {}

    def allows(self, actor: str, privilege: str, resource: str | None = None, tags: Sequence[str] = ()) -> str | None:
        """Which policy grants a request.

        Args:
            actor: urn of the user.
            privilege: name of the privilege.
            resource: urn of the entity; None for a platform privilege.
            tags: urns of the tags to be added or removed; each of them must be granted.

        Returns:
            The urn of the first policy that grants it, or None.
        """
        if actor == SYSTEM_ACTOR:
            return SYSTEM_ACTOR
        on_resource = self._granting.get((privilege, resource))
        if on_resource is None:
            rules = self._by_privilege.get(privilege, ())
            on_resource = [rule for rule in rules if rule.active and self._resource(rule, resource)]
            self._granting[privilege, resource] = on_resource
        for rule in on_resource:
            if self._actor(rule, actor, resource) and self._tags(rule, tags):
                return rule.urn
        return VIEW_SELF if actor == resource and privilege in _SELF_PRIVILEGES else None

    def decide(self, actor: str, privilege: str, resource: str | None = None, tags: Sequence[str] = ()) -> Decision:
        """Whether a request is allowed, by which policy, or why none grants it.

        Args:
            actor: urn of the user.
            privilege: name of the privilege.
            resource: urn of the entity; None for a platform privilege.
            tags: urns of the tags to be added or removed.

        Returns:
            The answer with its reason.
        """
        granted = self.allows(actor, privilege, resource, tags)
        if granted is not None:
            names = {rule.urn: rule.name for rule in self.rules}
            return Decision(True, granted, names.get(granted, granted))
        misses = []
        for rule in self._by_privilege.get(privilege, ()):
            entity = self.world.entity(resource) if resource else None
            failing = tuple(
                criterion for criterion in rule.criteria or () if entity and not self._holds(criterion, entity)
            )
            fits: dict[Part, bool] = {
                "state": rule.active,
                "resource": self._resource(rule, resource),
                "tags": self._tags(rule, tags),
                "actor": self._actor(rule, actor, resource),
            }
            parts = tuple(part for part, fit in fits.items() if not fit)
            misses.append(Miss(rule.urn, rule.name, parts, failing if "resource" in parts else ()))
        misses.sort(key=lambda miss: (len(miss.parts), "state" in miss.parts, miss.policy in _SHIPPED_URNS))
        return Decision(False, misses=tuple(misses))

    def _holds(self, criterion: EngineCriterion, entity: Entity) -> bool:
        return matches(criterion, entity, self.world, self.version)

    def _resource(self, rule: EnginePolicy, resource: str | None) -> bool:
        key = (rule.urn, resource)
        if key not in self._on_resource:
            self._on_resource[key] = self._match_resource(rule, resource)
        return self._on_resource[key]

    def _match_resource(self, rule: EnginePolicy, resource: str | None) -> bool:
        if rule.type == "PLATFORM" or rule.criteria is None:
            return True
        if resource is None:
            return False
        entity = self.world.entity(resource)
        return all(self._holds(criterion, entity) for criterion in rule.criteria)

    def _tags(self, rule: EnginePolicy, tags: Sequence[str]) -> bool:
        if rule.constraints is None:
            return True
        return all(self._holds(criterion, self.world.entity(tag)) for tag in tags for criterion in rule.constraints)

    def _actor(self, rule: EnginePolicy, actor: str, resource: str | None) -> bool:
        key = (rule.urn, actor)
        if key not in self._for_actor:
            self._for_actor[key] = self._match_actor(rule, self.world.user(actor))
        return self._for_actor[key] or (rule.owners and resource is not None and self._owns(rule, actor, resource))

    def _match_actor(self, rule: EnginePolicy, user: User) -> bool:
        if rule.all_users or user.urn in rule.users or not rule.groups.isdisjoint(user.groups):
            return True
        if rule.all_groups and (user.groups or not _has("all-groups-needs-a-group", self.version)):
            return True
        roles = set(user.roles)
        if _has("roles-through-groups", self.version):
            for group in user.groups:
                roles |= self.world.group_roles.get(group, frozenset())
        return not rule.roles.isdisjoint(roles)

    def _owns(self, rule: EnginePolicy, actor: str, resource: str) -> bool:
        groups = self.world.user(actor).groups
        return any(
            (rule.owner_types is None or owner.type in rule.owner_types) and (owner.urn == actor or owner.urn in groups)
            for owner in self.world.entity(resource).owners
        )
