"""Who may do what, by the rules of DataHub's policy engine.

A request names an actor, a privilege, mostly a resource, and for a change of tags the tags concerned. It is allowed
when one policy grants it; nothing denies. What a release did differently is asked of ``vocabulary``, so that the same
policies can be judged as an older server would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

from campus_catalog.access.criteria import EngineCriterion, EnginePolicy, changed, matches, parse_policy
from campus_catalog.access.shipped import SHIPPED
from campus_catalog.access.vocabulary import NEWEST
from campus_catalog.access.world import Entity, User, World

#: DataHub itself: always allowed.
SYSTEM_ACTOR = "urn:li:corpuser:__datahub_system"
#: what every server grants without a policy entity: everyone may read and edit the own user
VIEW_SELF = "urn:li:dataHubPolicy:view-self"
SELF_PRIVILEGES = frozenset({"VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY"})

_SHIPPED_URNS = frozenset(shipped.urn for shipped in SHIPPED.values())

Part = Literal["state", "resource", "tags", "actor"]


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
        self._named: dict[str, set[str]] = {}

    def in_world(self, world: World) -> Evaluator:
        """The same policies in another world.

        Args:
            world: entities and users; must not change afterwards.

        Returns:
            A new evaluator.
        """
        other = copy(self)
        other.world = world
        other._granting, other._on_resource, other._for_actor, other._named = {}, {}, {}, {}
        return other

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
        for rule in self.granting(privilege, resource):
            if self._actor(rule, actor, resource) and self._tags(rule, tags):
                return rule.urn
        return VIEW_SELF if actor == resource and privilege in SELF_PRIVILEGES else None

    def granting(self, privilege: str, resource: str | None) -> list[EnginePolicy]:
        """The policies that grant a privilege on a resource to anybody.

        Args:
            privilege: name of the privilege.
            resource: urn of the entity; None for a platform privilege.

        Returns:
            The active ones whose resources fit, in order; whom they grant to is not looked at.
        """
        on_resource = self._granting.get((privilege, resource))
        if on_resource is None:
            rules = self._by_privilege.get(privilege, ())
            on_resource = [rule for rule in rules if rule.active and self._resource(rule, resource)]
            self._granting[privilege, resource] = on_resource
        return on_resource

    def holders(self, rule: EnginePolicy, resource: str | None, tags: Sequence[str] = ()) -> set[str]:
        """The users of the world a policy of ``granting`` grants to.

        Args:
            rule: the policy.
            resource: urn of the entity; None for a platform privilege.
            tags: urns of the tags to be added or removed; each of them must be granted.

        Returns:
            Their urns.
        """
        if not self._tags(rule, tags):
            return set()
        if rule.urn not in self._named:
            self._named[rule.urn] = {urn for urn, user in self.world.users.items() if self._match_actor(rule, user)}
        named = self._named[rule.urn]
        if not rule.owners or resource is None:
            return named
        owners = self.world.entity(resource).owners
        owning = (owner.urn for owner in owners if rule.owner_types is None or owner.type in rule.owner_types)
        return named.union(*(self.world.members.get(urn, {urn}) for urn in owning)) & self.world.users.keys()

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
        return Decision(False, misses=self.nearest(misses))

    @staticmethod
    def nearest(misses: Iterable[Miss]) -> tuple[Miss, ...]:
        """Policies that do not grant, those first of which the least is missing.

        Args:
            misses: the policies.

        Returns:
            The same, in order.
        """
        order = sorted(misses, key=lambda miss: (len(miss.parts), "state" in miss.parts, miss.policy in _SHIPPED_URNS))
        return tuple(order)

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
        if rule.all_groups and (user.groups or not changed("all-groups-needs-a-group", self.version)):
            return True
        roles = set(user.roles)
        if changed("roles-through-groups", self.version):
            for group in user.groups:
                roles |= self.world.group_roles.get(group, frozenset())
        return not rule.roles.isdisjoint(roles)

    def _owns(self, rule: EnginePolicy, actor: str, resource: str) -> bool:
        groups = self.world.user(actor).groups
        return any(
            (rule.owner_types is None or owner.type in rule.owner_types) and (owner.urn == actor or owner.urn in groups)
            for owner in self.world.entity(resource).owners
        )
