"""The regulation's rules of access checked against the policies: who must never, and who must always, be able to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campus_catalog.access.closed import WAYS_ROUND, check_closed
from campus_catalog.access.evaluate import SELF_PRIVILEGES, Evaluator
from campus_catalog.access.loader import Access, effective
from campus_catalog.access.model import Invariant, People
from campus_catalog.access.resolve import Resolver
from campus_catalog.access.samples import told_apart, with_samples
from campus_catalog.access.scope import classes_of, sharing_tags, types_of
from campus_catalog.access.vocabulary import NEWEST
from campus_catalog.access.world import Entity, World, world_of_content
from campus_catalog.aspects.common import ownership_type_urn
from campus_catalog.content.places import Place, Problems
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
        count: how many resources it is so for; ``resource`` is one of them; 0 when a sample stands for them.
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
    """The invariants the policies break, and the privileges no invariant speaks of.

    Args:
        register: the school's register and regulation.
        access: its policies and invariants.
        world: what to check on; the content by default.
        version: the server release whose rules hold.
        policies: other policies to check than the school's own, by urn.

    Returns:
        One problem per rule and deciding policy, each naming an example, where the policy is declared; sorted.
    """
    world = (world or world_of_content(register)).with_members()
    given = access.policies if policies is None else policies
    evaluator = _with_samples(register, access.invariants, Evaluator(effective(given), world, version))
    problems = Problems(access.home)
    check_closed(register, access, problems)
    found: dict[tuple[int, str, str | None], list[Violation]] = {}
    for violation in violations(register, access.invariants, evaluator):
        found.setdefault((violation.invariant, violation.privilege, violation.policy), []).append(violation)
    names = {rule.urn: rule.name for rule in evaluator.rules}
    for (index, privilege, policy), group in found.items():
        group.sort(key=lambda violation: violation.count == 0)  # an example there is, before a sample
        near = None if policy else _nearest(group[0], evaluator)
        place = _place(access, given, policy or near, privilege) or Place(access.invariants_path, ("invariants", index))
        message = _message(access.invariants[index], group, names.get(policy or near or ""), evaluator)
        problems.add(place.path, place.location, "broken-invariant", message)
    return sorted(set(problems.found))


def _with_samples(register: Register, invariants: list[Invariant], evaluator: Evaluator) -> Evaluator:
    """The same policies, in a world with a sample of what the content does not hold."""
    rules = [rule for rule in evaluator.rules if rule.type == "METADATA" and rule.active]
    rules = [rule for rule in rules if rule.owners or evaluator.holders(rule, None) - {ROOT}]
    types: dict[str, None] = {}
    for invariant in invariants:
        if invariant.only and not invariant.of.platform:
            types.update(dict.fromkeys(told_apart(types_of(invariant.of), rules)))
    tags = list(sharing_tags(register.regulation).values())
    return evaluator.in_world(with_samples(evaluator.world, rules, list(types), tags, evaluator.version))


def _place(access: Access, given: Mapping[str, Any], policy: str | None, privilege: str) -> Place | None:
    """Where a policy grants a privilege; None for one the content does not declare."""
    if policy is None or policy not in given or policy not in access.places:
        return None
    place = access.places[policy]
    if place.location[0] != "policies":
        return place
    return place.at("privileges", list(given[policy].privileges).index(privilege))


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
        self._sharing = sharing_tags(regulation)
        self._regulation = regulation
        roles = ("responsible_unit", "responsible_person", "first_responsible_person")
        self._owner_types = {ownership_type_urn(regulation.ownership_types[role].id) for role in roles}
        self._involved = {
            f"urn:li:domain:{subset.id}": {f"urn:li:corpGroup:{unit.id}" for word in subset.involved
                                           if (unit := regulation.units.get(word))}
            for subset in regulation.subsets
        }  # fmt: skip
        self._users = [user.urn for user in self._world.users.values() if user.active and user.urn != ROOT]
        self._alike = self._group()

    def check(self, index: int, invariant: Invariant) -> Iterator[Violation]:
        users = set(self._users)
        for resource, count in self._resources(invariant):
            forbidden = users - self._who(invariant.only, resource) if invariant.only else set()
            demanded = users & self._who(invariant.always, resource) if invariant.always and count else set()
            urn = resource.urn if resource else None
            for privilege in invariant.privileges:
                for tags in self._tags(invariant):
                    granted = self._granted(privilege, urn, tags, forbidden | demanded)
                    # that everyone may view and edit themselves is no policy of anybody's
                    own = {urn} if privilege in SELF_PRIVILEGES else set()
                    for user in self._users:
                        if user in forbidden and user in granted:
                            yield Violation(index, user, privilege, urn, granted[user], count)
                    for user in self._users:
                        if user in demanded and user not in granted and user not in own:
                            yield Violation(index, user, privilege, urn, None, count)

    def _granted(self, privilege: str, urn: str | None, tags: Sequence[str], users: set[str]) -> dict[str, str]:
        """Of some users those who have a privilege, and by which policy."""
        found: dict[str, str] = {}
        for rule in self._evaluator.granting(privilege, urn) if users else ():
            for user in self._evaluator.holders(rule, urn, tags) & users:
                found.setdefault(user, rule.urn)
        return found

    def _resources(self, invariant: Invariant) -> list[tuple[Entity | None, int]]:
        """What the rule is about; of resources no policy can tell apart one, and how many they are: 0 for a sample."""
        if invariant.of.platform:
            return [(None, 1)]
        classes, every = classes_of(invariant.of, self._regulation), set(self._sharing.values())
        return [
            (alike[0], sum(entity.real for entity in alike))
            for type_ in types_of(invariant.of)
            for alike in self._alike.get(type_, ())
            if classes & (alike[0].tags & every or {None})
        ]

    def _tags(self, invariant: Invariant) -> list[tuple[str, ...]]:
        if invariant.changing == "sharing":
            return [(tag,) for tag in self._sharing.values()]
        return [(OTHER_TAG,)] if invariant.changing == "other" else [()]

    def _who(self, people: People, resource: Entity | None) -> set[str]:
        """The users meant; plain members and the stranger stand for people, so "everyone" means them too."""
        if people.everyone:
            return set(self._users)
        urns = {urn for word in people.units if (urn := self._resolver.groups.get(word))}
        urns |= {urn for word in people.people if (urn := self._resolver.users.get(word))}
        if resource and people.owners:
            urns |= {owner.urn for owner in resource.owners if owner.type in self._owner_types}
        if resource and people.involved:
            for domain in resource.domains:
                urns |= self._involved.get(domain, set())
        return urns.union(*(self._world.members.get(urn, ()) for urn in urns))

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


def _message(invariant: Invariant, group: list[Violation], policy: str | None, evaluator: Evaluator) -> str:
    world, first = evaluator.world, group[0]
    what = f"{_kind(first.resource)}「{world.name(first.resource)}」" if first.resource else "平台"
    count = sum(violation.count for violation in group)
    more = f"（共 {count} 处）" if count > 1 else ""
    who = f"用户「{world.name(first.user)}」对{what}"
    rule = f"违反规则「{invariant.description}」"
    if first.policy:
        means = f"（{WAYS_ROUND[first.privilege]}）" if first.privilege in WAYS_ROUND else ""
        return f"{rule}：{who}有 {first.privilege}{means}，由策略「{policy or first.policy}」授予{more}"
    near = f"，最接近的策略是「{policy}」" if policy else "，没有策略授予这项权限"
    return f"{rule}：{who}没有 {first.privilege}{near}{more}"


def _nearest(violation: Violation, evaluator: Evaluator) -> str | None:
    """The policy that comes nearest to granting what is missing."""
    misses = evaluator.decide(violation.user, violation.privilege, violation.resource).misses
    return misses[0].policy if misses else None


def _kind(urn: str) -> str:
    labels = {"dataset": "数据集", "application": "系统", "domain": "数据子集", "glossaryTerm": "术语"}
    return labels.get(urn.split(":", 3)[2], "")
