"""Reads ``policies/access/`` and ``policies/invariants.yml`` and compiles them against the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datahub.metadata.schema_classes import DataHubPolicyInfoClass

from campus_catalog.access.checks import PolicyChecks, unmatched
from campus_catalog.access.compile import compile_policy, compile_take_over, expand
from campus_catalog.access.model import Free, Invariant, Invariants, Of, Policy, PolicyFile
from campus_catalog.access.resolve import Resolver
from campus_catalog.access.shipped import SHIPPED, policy_urn
from campus_catalog.access.vocabulary import METADATA_PRIVILEGES, PLATFORM_PRIVILEGES
from campus_catalog.access.world import World, world_of_content
from campus_catalog.content.layout import INVARIANTS, POLICIES
from campus_catalog.content.places import Place, Problems
from campus_catalog.content.problems import did_you_mean
from campus_catalog.content.read import read
from campus_catalog.register.systems import Register


@dataclass
class Access:
    """The school's policies and rules of access.

    Attributes:
        policies: compiled policies by urn, taken-over ones included: what ``apply`` writes.
        places: where each is declared.
        invariants: the rules that must hold, in order; ``invariants_path`` is their file.
        free: the privileges no rule holds.
        ruled: whether there is a file of invariants.
    """

    home: Path
    policies: dict[str, DataHubPolicyInfoClass] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    invariants: list[Invariant] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)
    ruled: bool = False

    @property
    def invariants_path(self) -> Path:
        """The file of the invariants."""
        return self.home / INVARIANTS.path


def effective(policies: Mapping[str, Any]) -> dict[str, Any]:
    """The policies in force on a server: DataHub's own stand beside what is written to it, unless taken over.

    Args:
        policies: what the server is given, by urn.

    Returns:
        All of them, by urn.
    """
    shipped = {policy.urn: policy.info() for policy in SHIPPED.values() if policy.urn not in policies}
    return {**policies, **shipped}


def load_access(register: Register, world: World | None = None) -> Access:
    """Read and compile the policies beside the register's content.

    Args:
        register: the school's register and regulation.
        world: ``world_of_content(register)`` where the caller has it already.

    Returns:
        The compiled policies and the rules of access.

    Raises:
        ContentError: with every fault of every file.
    """
    home = register.regulation.path.parent
    problems = Problems(home)
    access = Access(home)
    files = POLICIES.files(home)
    if files:
        _Loader(register, world or world_of_content(register), access, problems).load(files)
    access.ruled = access.invariants_path.exists()
    if access.ruled:
        _invariants(access, register, problems)
    problems.raise_any()
    return access


class _Loader:
    def __init__(self, register: Register, world: World, access: Access, problems: Problems):
        self._register, self._world, self._access, self._problems = register, world, access, problems
        self._resolver = Resolver(register, problems)
        self._checks = PolicyChecks(problems)
        self._taken: set[str] = set()

    def load(self, files: list[Path]) -> None:
        for path in files:
            model = read(path, PolicyFile, self._problems)
            if model is None:
                continue
            for index, policy in enumerate(model.policies):
                self._policy(policy, Place(path, ("policies", index)))
            for index, entry in enumerate(model.take_over):
                place = Place(path, ("take_over", index))
                if self._checks.take_over(entry, place, self._taken):
                    shipped = SHIPPED[entry.policy]
                    self._keep(shipped.urn, compile_take_over(shipped, entry.state), place)

    def _policy(self, policy: Policy, place: Place) -> None:
        before = len(self._problems.found)
        if not self._checks.policy(policy, place):
            return
        infos = []
        for one in expand(policy, self._register.regulation):
            info = compile_policy(one, place, self._resolver)
            infos.append(info)
            self._keep(policy_urn(one.id), info, place)
        if policy.for_each and not infos:
            message = "for_each 展开后没有一条策略授予任何人"
            self._problems.add(place.path, place.at("for_each").location, "no-actors", message)
        if len(self._problems.found) == before:
            for criterion in unmatched(infos, self._world):
                at = place.at("resources", "filter", "criteria", *([] if criterion is None else [criterion]))
                what = "这些条件合起来" if criterion is None else "这个条件"
                message = f"{what}在登记的数据中匹配不到任何资源，这条策略不起作用"
                self._problems.add(at.path, at.location, "matches-nothing", message)

    def _keep(self, urn: str, info: DataHubPolicyInfoClass, place: Place) -> None:
        if urn in self._access.policies:
            other = self._access.places[urn].path.name
            message = f"策略 id「{urn.rsplit(':', 1)[1]}」重复，已在 {other} 中"
            self._problems.add(place.path, place.at("id").location, "duplicate-id", message)
            return
        self._access.policies[urn] = info
        self._access.places[urn] = place


def _invariants(access: Access, register: Register, problems: Problems) -> None:
    path = access.invariants_path
    model = read(path, Invariants, problems)
    if model is None:
        return
    access.invariants, access.free = model.invariants, model.free
    resolver = Resolver(register, problems)
    seen: set[str] = set()
    for index, invariant in enumerate(model.invariants):
        place = Place(path, ("invariants", index))
        if invariant.id in seen:
            problems.add(path, place.at("id").location, "duplicate-id", f"规则 id「{invariant.id}」重复")
        seen.add(invariant.id)
        _scope(invariant.privileges, invariant.of, place, register, resolver)
        if invariant.only is None and invariant.always is None:
            message = "须写 only（除此之外谁都不可以）或 always（这些人都必须可以）"
            problems.add(path, place.location, "empty-invariant", message)
        for key in ("only", "always"):
            people = getattr(invariant, key)
            if people:
                resolver.all(resolver.groups, people.units, place.at(key, "units"))
                resolver.all(resolver.users, people.people, place.at(key, "people"))
    for index, free in enumerate(model.free):
        _scope(free.privileges, free.of, Place(path, ("free", index)), register, resolver)


def _scope(privileges: list[str], of: Of, place: Place, register: Register, resolver: Resolver) -> None:
    """Check what a rule, or what is free of rules, is about."""
    known = PLATFORM_PRIVILEGES if of.platform else METADATA_PRIVILEGES
    for position, privilege in enumerate(privileges):
        if privilege not in known:
            message = f"没有名为「{privilege}」的权限{did_you_mean(privilege, known)}"
            resolver.problems.add(place.path, place.at("privileges", position).location, "unknown-privilege", message)
    for position, word in enumerate(of.sharing):
        at = place.at("of", "sharing", position)
        register.regulation.sharing.find(word, at.path, at.location, resolver.problems)
    if of.types != ["all"]:
        resolver.all(resolver.types, of.types, place.at("of", "types"))
    resolver.all(resolver.types, of.without, place.at("of", "without"))
