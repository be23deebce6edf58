"""What may not stand in a policy: unknown words, grants by omission, and what collides with DataHub's own policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from campus_catalog.access.compile import PLACEHOLDER, has_actors, placeholders
from campus_catalog.access.criteria import EngineCriterion, matches, parse_policy
from campus_catalog.access.model import Filter, Policy, TakeOver
from campus_catalog.access.shipped import FORMER_IDS, SHIPPED
from campus_catalog.access.vocabulary import (
    CONDITIONS,
    CONTENT_FIELDS,
    FIELDS,
    INTERFACE_PRIVILEGES,
    METADATA_PRIVILEGES,
    NEWEST,
    PLATFORM_PRIVILEGES,
    RESOURCE_PRIVILEGES,
    TAG_PRIVILEGES,
)
from campus_catalog.access.world import World
from campus_catalog.content.places import Place, Problems
from campus_catalog.content.problems import did_you_mean

#: Entity types the content itself holds; a criterion on any other cannot be judged from it.
_JUDGED = frozenset(
    {"dataset", "application", "domain", "glossaryTerm", "glossaryNode", "tag", "corpGroup", "corpuser"}
)
_LABELS = {"METADATA": "元数据", "PLATFORM": "平台"}


class PolicyChecks:
    """Checks one declaration after another; every fault goes to ``problems``."""

    def __init__(self, problems: Problems):
        self._problems = problems

    def _add(self, place: Place, code: str, message: str) -> None:
        self._problems.add(place.path, place.location, code, message)

    def policy(self, policy: Policy, place: Place) -> bool:
        """Check what does not need names to be looked up.

        Returns:
            Whether every field and condition is known, so that the policy can be compiled.
        """
        if policy.id in SHIPPED or policy.id in FORMER_IDS:
            message = f"「{policy.id}」是 DataHub 自带策略的 id；停用自带策略请写在 take_over 中，自己的策略请换一个 id"
            self._add(place.at("id"), "shipped-policy", message)
        self._privileges(policy, place.at("privileges"))
        self._actors(policy, place.at("actors"))
        self._placeholders(policy, place)
        self._resources(policy, place)
        known = True
        if policy.resources:
            for name in ("filter", "privilegeConstraints"):
                filter_ = getattr(policy.resources, name)
                if filter_:
                    known &= self._criteria(filter_, name, place.at("resources", name, "criteria"))
        return known

    def take_over(self, entry: TakeOver, place: Place, seen: set[str]) -> bool:
        """Check that a shipped policy can be taken over; returns whether it can."""
        shipped = SHIPPED.get(entry.policy)
        if shipped is None:
            message = f"DataHub 没有自带策略「{entry.policy}」{did_you_mean(entry.policy, SHIPPED)}"
            self._add(place.at("policy"), "unknown-shipped-policy", message)
            return False
        if not shipped.editable:
            message = f"自带策略「{entry.policy}」不可修改，服务器每次启动都会恢复它，不能接管"
            self._add(place.at("policy"), "shipped-not-editable", message)
            return False
        if entry.policy in seen:
            self._add(place.at("policy"), "duplicate-id", f"自带策略「{entry.policy}」接管了两次")
            return False
        seen.add(entry.policy)
        return True

    def _privileges(self, policy: Policy, place: Place) -> None:
        if not policy.privileges:
            self._add(place, "no-privileges", "没有权限 privileges，这条策略什么也不授予")
        known = METADATA_PRIVILEGES if policy.type == "METADATA" else PLATFORM_PRIVILEGES
        other = PLATFORM_PRIVILEGES if policy.type == "METADATA" else METADATA_PRIVILEGES
        types = _types(policy)
        fitting = frozenset().union(*(RESOURCE_PRIVILEGES[type_] for type_ in types)) | INTERFACE_PRIVILEGES
        for index, privilege in enumerate(policy.privileges):
            if privilege not in known:
                if privilege in other:
                    kind = "PLATFORM" if policy.type == "METADATA" else "METADATA"
                    message = f"「{privilege}」是{_LABELS[kind]}权限，只能写在 type: {kind} 的策略中"
                    self._add(place.at(index), "privilege-type", message)
                else:
                    message = f"没有名为「{privilege}」的权限{did_you_mean(privilege, known)}"
                    self._add(place.at(index), "unknown-privilege", message)
            elif types and privilege not in fitting:
                message = f"权限「{privilege}」对 {'、'.join(types)} 没有意义，请检查 TYPE"
                self._add(place.at(index), "privilege-resource", message)

    def _actors(self, policy: Policy, place: Place) -> None:
        actors = policy.actors
        if not has_actors(policy):
            self._add(place, "no-actors", "没有写明授予谁：users、groups、resourceOwners、roles 或 allUsers: true")
        if policy.type == "PLATFORM" and actors.resourceOwners:
            message = "平台权限不涉及具体资源，没有“资源的责任人”，请删除 resourceOwners"
            self._add(place.at("resourceOwners"), "platform-policy", message)
        elif actors.resourceOwners and not actors.resourceOwnersTypes:
            message = "resourceOwners 须写明 resourceOwnersTypes；不写即任何人添加的任何类型的责任人都有权限"
            self._add(place.at("resourceOwners"), "owner-types", message)
        elif actors.resourceOwnersTypes and not actors.resourceOwners:
            message = "写了 resourceOwnersTypes 而没有 resourceOwners: true，不起作用"
            self._add(place.at("resourceOwnersTypes"), "owner-types", message)

    def _resources(self, policy: Policy, place: Place) -> None:
        resources = policy.resources
        if policy.type == "PLATFORM":
            if resources is not None:
                message = "平台策略对整个平台有效，resources 不起作用，请删除"
                self._add(place.at("resources"), "platform-policy", message)
            return
        filtered = resources is not None and resources.filter is not None and bool(resources.filter.criteria)
        if resources is None or (not filtered and not resources.allResources):
            message = "没有写明针对哪些资源，DataHub 会授予全部资源；请写 filter，确要全部请写 allResources: true"
            self._add(place.at("resources"), "everything-by-omission", message)
        elif filtered and resources.allResources:
            message = "allResources: true 与 filter 只能写一个：有 filter 时 DataHub 不看 allResources"
            self._add(place.at("resources", "allResources"), "resources-twice", message)
        if resources and resources.privilegeConstraints and not TAG_PRIVILEGES & set(policy.privileges):
            message = "privilegeConstraints 只限制增删标签的权限（EDIT_ENTITY_TAGS 等），这条策略没有这类权限"
            self._add(place.at("resources", "privilegeConstraints"), "unused-constraint", message)

    def _criteria(self, filter_: Filter, name: str, place: Place) -> bool:
        known = True
        for index, criterion in enumerate(filter_.criteria):
            at = place.at(index)
            if criterion.condition not in CONDITIONS:
                message = f"没有名为「{criterion.condition}」的条件{did_you_mean(criterion.condition, CONDITIONS)}"
                self._add(at.at("condition"), "unknown-condition", message)
                known = False
            if name == "privilegeConstraints":
                if criterion.field != "URN":
                    message = f"privilegeConstraints 只能用 URN 匹配所增删的标签，不能用「{criterion.field}」"
                    self._add(at.at("field"), "constraint-field", message)
            elif criterion.field in FIELDS and criterion.field not in CONTENT_FIELDS:
                usable = "、".join(sorted(CONTENT_FIELDS))
                message = f"不要用「{criterion.field}」：旧写法，或较早的服务器不认识而使策略悄悄失效；可用 {usable}"
                self._add(at.at("field"), "unsupported-field", message)
                known = False
            elif criterion.field not in FIELDS:
                message = f"没有名为「{criterion.field}」的字段{did_you_mean(criterion.field, CONTENT_FIELDS)}"
                self._add(at.at("field"), "unknown-field", message)
                known = False
            if not criterion.values:
                self._add(at.at("values"), "no-values", "values 为空，请写明匹配哪些值")
        return known

    def _placeholders(self, policy: Policy, place: Place) -> None:
        known = placeholders(policy.for_each)
        for location, text in _texts(policy.model_dump(exclude={"for_each"}), ()):
            for word in PLACEHOLDER.findall(text):
                if word not in known:
                    hint = f"可用 {'、'.join(sorted(known))}" if known else "没有 for_each 就没有占位符"
                    self._add(place.at(*location), "unknown-placeholder", f"不认识的占位符「{word}」，{hint}")


def _types(policy: Policy) -> list[str]:
    """The known entity types a policy is limited to."""
    criteria = policy.resources.filter.criteria if policy.resources and policy.resources.filter else []
    for criterion in criteria:
        if criterion.field == "TYPE" and criterion.condition == "EQUALS":
            return [type_ for type_ in criterion.values if type_ in RESOURCE_PRIVILEGES]
    return []


def _texts(value: Any, location: tuple[Any, ...]) -> Iterable[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield location, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*location, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*location, index))


def unmatched(infos: Sequence[Any], world: World) -> list[int | None]:
    """The criteria that match nothing, in every one of a declaration's expansions.

    Args:
        infos: the compiled policies one declaration stands for.
        world: the register.

    Returns:
        Indexes of such criteria; ``[None]`` when each matches something but nothing matches them all.
    """
    rules = [rule for rule in (parse_policy("", info, NEWEST) for info in infos) if rule.criteria]
    rules = [rule for rule in rules if all(map(_judged, rule.criteria or ()))]
    if not rules or rules[0].type != "METADATA" or not any(e.type == "dataset" for e in world.entities.values()):
        return []
    entities = list(world.entities.values())
    count = len(rules[0].criteria or ())
    empty = [
        index
        for index in range(count)
        if not any(matches((rule.criteria or ())[index], entity, world) for rule in rules for entity in entities)
    ]
    if empty:
        return list(empty)
    for rule in rules:
        if any(all(matches(criterion, entity, world) for criterion in rule.criteria or ()) for entity in entities):
            return []
    return [None]


def _judged(criterion: EngineCriterion) -> bool:
    """Whether the content knows enough to say that the criterion matches nothing."""
    if criterion.field == "CONTAINER":
        return False
    return criterion.field != "TYPE" or criterion.values <= _JUDGED
