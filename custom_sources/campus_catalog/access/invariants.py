"""The regulation's rules of access checked against the policies: who must never, and who must always, be able to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campus_catalog.access.evaluate import VIEW_SELF, Evaluator
from campus_catalog.access.loader import Access, effective
from campus_catalog.access.model import Invariant, People
from campus_catalog.access.resolve import Resolver
from campus_catalog.access.vocabulary import NEWEST
from campus_catalog.access.world import Entity, User, World, world_of_content
from campus_catalog.aspects.common import ownership_type_urn, tag_urn
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import Problem
from campus_catalog.register.systems import Register

#: DataHub's own first user, whom no policy of a school can limit
ROOT = "urn:li:corpuser:datahub"
#: stands for any tag that says nothing about sharing
OTHER_TAG = "urn:li:tag:any-other-tag"


@dataclass(frozen=True)
class Violation:
    """One user who may do what the rule forbids (``policy`` lets them), or may not do what it demands.

    Attributes:
        count: how many resources it is so for; ``resource`` is one of them.
    """

    invariant: int
    user: str
    privilege: str
    resource: str | None
    policy: str | None
    count: int = 1


def check_access(
    register: Register,
    access: Access,
    world: World | None = None,
    version: str = NEWEST,
    policies: Mapping[str, Any] | None = None,
) -> list[Problem]:
    """The invariants the policies break.

    Args:
        register: the school's register and regulation.
        access: its policies and invariants.
        world: what to check on; the content by default.
        version: the server release whose rules hold.
        policies: other policies to check than the school's own, by urn.

    Returns:
        One problem per rule and deciding policy, each naming an example; sorted.
    """
    world = (world or world_of_content(register)).with_members()
    in_force = effective(access.policies if policies is None else policies)
    evaluator = Evaluator(in_force, world, version)
    problems = Problems(access.home)
    found: dict[tuple[int, str, str | None], list[Violation]] = {}
    for violation in violations(register, access.invariants, evaluator):
        found.setdefault((violation.invariant, violation.privilege, violation.policy), []).append(violation)
    names = {rule.urn: rule.name for rule in evaluator.rules}
    for (index, _, policy), group in found.items():
        message = _message(access.invariants[index], group, names.get(policy or ""), evaluator)
        problems.add(access.invariants_path, ("invariants", index), "broken-invariant", message)
    return sorted(set(problems.found))


def violations(register: Register, invariants: list[Invariant], evaluator: Evaluator) -> Iterator[Violation]:
    """Every violation, in the order of the invariants.

    Args:
        register: the school's register and regulation.
        invariants: the rules.
        evaluator: the policies and the world to check them on.

    Yields:
        Each violation, in the order of the invariants.
    """
    checker = _Checker(register, evaluator)
    for index, invariant in enumerate(invariants):
        yield from checker.check(index, invariant)


class _Checker:
    def __init__(self, register: Register, evaluator: Evaluator):
        regulation = register.regulation
        self._evaluator, self._world = evaluator, evaluator.world
        self._resolver = Resolver(register, Problems(regulation.path.parent))
        self._sharing = {sharing.id: tag_urn(sharing.tag) for sharing in regulation.sharing}
        self._regulation = regulation
        roles = ("responsible_unit", "responsible_person", "first_responsible_person")
        self._owner_types = {ownership_type_urn(regulation.ownership_types[role].id) for role in roles}
        self._involved = {
            f"urn:li:domain:{subset.id}": {f"urn:li:corpGroup:{unit.id}" for word in subset.involved
                                           if (unit := regulation.units.get(word))}
            for subset in regulation.subsets
        }  # fmt: skip
        self._alike = self._group()

    def check(self, index: int, invariant: Invariant) -> Iterator[Violation]:
        users = [user for user in self._world.users.values() if user.active and user.urn != ROOT]
        tags_at_once = self._tags(invariant)
        for resource, count in self._resources(invariant):
            forbidden, demanded = [], []
            if invariant.only:
                only = self._who(invariant.only, resource)
                forbidden = [user.urn for user in users if not self._belongs(user, only)]
            if invariant.always:
                always = self._who(invariant.always, resource)
                demanded = [user.urn for user in users if self._belongs(user, always)]
            urn, allows = resource.urn if resource else None, self._evaluator.allows
            for privilege in invariant.privileges:
                for tags in tags_at_once:
                    for user in forbidden:
                        policy = allows(user, privilege, urn, tags)
                        # that everyone may view and edit themselves is no policy of anybody's
                        if policy and policy != VIEW_SELF:
                            yield Violation(index, user, privilege, urn, policy, count)
                    for user in demanded:
                        if not allows(user, privilege, urn, tags):
                            yield Violation(index, user, privilege, urn, None, count)

    def _resources(self, invariant: Invariant) -> list[tuple[Entity | None, int]]:
        """What the rule is about; of resources no policy can tell apart one, and how many they are."""
        if invariant.of.platform:
            return [(None, 1)]
        classes = [sharing for word in invariant.of.sharing if (sharing := self._regulation.sharing.get(word))]
        tags = {self._sharing[sharing.id] for sharing in classes}
        return [
            (alike[0], len(alike))
            for type_ in dict.fromkeys(invariant.of.types)
            for alike in self._alike.get(type_, ())
            if not tags or tags & alike[0].tags
        ]

    def _tags(self, invariant: Invariant) -> list[tuple[str, ...]]:
        if invariant.changing == "sharing":
            return [(tag,) for tag in self._sharing.values()]
        return [(OTHER_TAG,)] if invariant.changing == "other" else [()]

    def _who(self, people: People, resource: Entity | None) -> tuple[bool, set[str]]:
        """Whether everyone, and the users and groups meant."""
        urns = {urn for word in people.units if (urn := self._resolver.groups.get(word))}
        urns |= {urn for word in people.people if (urn := self._resolver.users.get(word))}
        if resource and people.owners:
            urns |= {owner.urn for owner in resource.owners if owner.type in self._owner_types}
        if resource and people.involved:
            for domain in resource.domains:
                urns |= self._involved.get(domain, set())
        return people.everyone, urns

    def _group(self) -> dict[str, list[list[Entity]]]:
        """Entities by type, those together that differ in nothing policies ask of."""
        fields = {criterion.field for rule in self._evaluator.rules for criterion in rule.criteria or ()}
        by_urn = bool(fields & {"URN", "RESOURCE_URN", "CONTAINER"})
        asked = {"terms": "GLOSSARY", "container": "CONTAINER", "instance": "DATA_PLATFORM_INSTANCE"}
        asked = {name: field for name, field in asked.items() if field in fields}
        groups: dict[Any, list[Entity]] = {}
        for entity in self._world.entities.values():
            # everyone may view themselves, so users are never alike; a domain is in itself, as a term is
            single = by_urn or entity.type in ("corpuser", "domain") or ("terms" in asked and "glossary" in entity.type)
            properties = frozenset(entity.properties.items()) if "STRUCTURED_PROPERTY" in fields else None
            rest = tuple(getattr(entity, name) for name in asked)
            own = entity.urn if single else None
            facts = (entity.type, own, entity.domains, entity.tags, entity.owners, properties, rest)
            groups.setdefault(facts, []).append(entity)
        out: dict[str, list[list[Entity]]] = {}
        for alike in groups.values():
            out.setdefault(alike[0].type, []).append(alike)
        return out

    @staticmethod
    def _belongs(user: User, who: tuple[bool, set[str]]) -> bool:
        everyone, urns = who
        # plain members and the stranger stand for people, so "everyone" means them too
        return everyone or user.urn in urns or not urns.isdisjoint(user.groups)


def _message(invariant: Invariant, group: list[Violation], policy: str | None, evaluator: Evaluator) -> str:
    world, first = evaluator.world, group[0]
    what = f"{_kind(first.resource)}「{world.name(first.resource)}」" if first.resource else "平台"
    count = sum(violation.count for violation in group)
    more = f"（共 {count} 处）" if count > 1 else ""
    who = f"用户「{world.name(first.user)}」对{what}"
    rule = f"违反规则「{invariant.description}」"
    if first.policy:
        return f"{rule}：{who}有 {first.privilege}，由策略「{policy or first.policy}」授予{more}"
    decision = evaluator.decide(first.user, first.privilege, first.resource)
    near = f"，最接近的策略是「{decision.misses[0].name}」" if decision.misses else "，没有策略授予这项权限"
    return f"{rule}：{who}没有 {first.privilege}{near}{more}"


def _kind(urn: str) -> str:
    labels = {"dataset": "数据集", "application": "系统", "domain": "数据子集", "glossaryTerm": "术语"}
    return labels.get(urn.split(":", 3)[2], "")
