"""Policies of the content as DataHub's own: repetition expanded, names as urns. Pure: no files, no catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datahub.metadata.schema_classes import (
    DataHubActorFilterClass,
    DataHubPolicyInfoClass,
    DataHubResourceFilterClass,
    PolicyMatchCriterionClass,
    PolicyMatchFilterClass,
)

from campus_catalog.access.model import Filter, Policy, Resources
from campus_catalog.access.resolve import Resolver
from campus_catalog.access.shipped import Shipped
from campus_catalog.content.places import Place
from campus_catalog.regulation.loader import Regulation

PLACEHOLDER = re.compile(r"\$[a-z_]+")


def expand(policy: Policy, regulation: Regulation) -> Iterator[Policy]:
    """The policies one declaration stands for: itself, or one per subset or unit.

    ``$domain`` and ``$unit`` stand for the name; in a list ``$involved`` stands for the units involved in the subset
    and ``$head`` for the unit's head. An expansion that would grant to nobody is left out.
    """
    if policy.for_each is None:
        yield policy
        return
    for id_, words in _repetitions(policy.for_each, regulation):
        data = _replace(policy.model_dump(exclude={"for_each"}), words)
        data["id"] = f"{policy.id}.{id_}"
        one = Policy.model_validate(data)
        if has_actors(one):
            yield one


def placeholders(for_each: str | None) -> frozenset[str]:
    """The placeholders a policy may use."""
    return {"domain": frozenset({"$domain", "$involved"}), "unit": frozenset({"$unit", "$head"})}.get(
        for_each or "", frozenset()
    )


def has_actors(policy: Policy) -> bool:
    """Whether the policy grants to anybody."""
    actors = policy.actors
    return bool(
        actors.users or actors.groups or actors.roles or actors.allUsers or actors.allGroups or actors.resourceOwners
    )


def _repetitions(kind: str, regulation: Regulation) -> Iterator[tuple[str, dict[str, Any]]]:
    if kind == "domain":
        for subset in regulation.subsets:
            yield subset.id, {"$domain": subset.name, "$involved": list(subset.involved)}
    else:
        for unit in regulation.units:
            yield unit.id, {"$unit": unit.name, "$head": [unit.head] if unit.head else []}


def _replace(value: Any, words: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replace(part, words) for key, part in value.items()}
    if isinstance(value, list):
        out: list[Any] = []
        for part in value:
            many = words.get(part) if isinstance(part, str) else None
            if isinstance(many, list):
                out += many
            else:
                out.append(_replace(part, words))
        return out
    if isinstance(value, str):
        for word, text in words.items():
            if isinstance(text, str):
                value = value.replace(word, text)
    return value


def compile_policy(policy: Policy, place: Place, resolver: Resolver) -> DataHubPolicyInfoClass:
    """An expanded policy as DataHub's aspect.

    Args:
        policy: the policy, placeholders replaced.
        place: where it is declared.
        resolver: looks up its names and reports unknown ones.
    """
    return DataHubPolicyInfoClass(
        displayName=policy.name,
        description=policy.description,
        type=policy.type,
        state=policy.state,
        privileges=list(dict.fromkeys(policy.privileges)),
        actors=_actors(policy, place.at("actors"), resolver),
        resources=_resources(policy.resources, place.at("resources"), resolver) if policy.resources else None,
        editable=policy.editable,
    )


def compile_take_over(shipped: Shipped, state: str) -> DataHubPolicyInfoClass:
    """One of DataHub's own policies in another state, otherwise as shipped."""
    return DataHubPolicyInfoClass.from_obj(shipped.info(state))


def _actors(policy: Policy, place: Place, resolver: Resolver) -> DataHubActorFilterClass:
    actors = policy.actors
    owner_types = resolver.all(resolver.ownership_types, actors.resourceOwnersTypes, place.at("resourceOwnersTypes"))
    return DataHubActorFilterClass(
        users=resolver.all(resolver.users, actors.users, place.at("users")),
        groups=resolver.all(resolver.groups, actors.groups, place.at("groups")),
        roles=resolver.all(resolver.roles, actors.roles, place.at("roles")) or None,
        allUsers=actors.allUsers,
        allGroups=actors.allGroups,
        resourceOwners=actors.resourceOwners,
        resourceOwnersTypes=owner_types or None,
    )


def _resources(resources: Resources, place: Place, resolver: Resolver) -> DataHubResourceFilterClass:
    constraints = None
    if resources.privilegeConstraints:
        at = place.at("privilegeConstraints", "criteria")
        constraints = PolicyMatchFilterClass(
            criteria=[
                PolicyMatchCriterionClass(
                    field=criterion.field,
                    values=resolver.constraint_values(criterion.values, at.at(index, "values")),
                    condition=criterion.condition,
                )
                for index, criterion in enumerate(resources.privilegeConstraints.criteria)
            ]
        )
    return DataHubResourceFilterClass(
        allResources=resources.allResources,
        filter=_filter(resources.filter, place.at("filter", "criteria"), resolver) if resources.filter else None,
        privilegeConstraints=constraints,
    )


def _filter(filter_: Filter, place: Place, resolver: Resolver) -> PolicyMatchFilterClass:
    return PolicyMatchFilterClass(
        criteria=[
            PolicyMatchCriterionClass(
                field=criterion.field,
                values=resolver.criterion_values(
                    criterion.field, criterion.condition, criterion.values, place.at(index, "values")
                ),
                condition=criterion.condition,
            )
            for index, criterion in enumerate(filter_.criteria)
        ]
    )
