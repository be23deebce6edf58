"""Entities that stand for those the content does not hold, so that what a policy grants on them is judged as well.

The content declares datasets, systems and the taxonomy; a policy may be about containers, charts or tokens, or about
tables nobody has registered yet. For every policy that grants to anybody, and every entity type a rule is about, there
is a sample that fits the policy: as it is, and with the tag of every sharing class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from campus_catalog.access.criteria import EngineCriterion, EnginePolicy, matches
from campus_catalog.access.world import STRANGER, Entity, Owner, World

#: types of which policies ask in a way of their own
_SPECIAL = frozenset({"domain", "glossaryTerm", "glossaryNode", "container", "corpuser", "dataPlatformInstance"})


def told_apart(types: Iterable[str], rules: Sequence[EnginePolicy]) -> list[str]:
    """Entity types without those no policy can tell from another one of them.

    Args:
        types: entity types.
        rules: the policies.

    Returns:
        The types that policies name or ask of in a way of their own, and one of the others.
    """
    apart: list[str] = []
    others: list[str] = []
    for type_ in types:
        named = type_ in _SPECIAL or any(
            _names(criterion, type_) for rule in rules for criterion in rule.criteria or ()
        )
        (apart if named else others).append(type_)
    return apart + others[:1]


def _names(criterion: EngineCriterion, type_: str) -> bool:
    if criterion.field in ("TYPE", "RESOURCE_TYPE"):
        return type_ in criterion.values
    return criterion.field == "URN" and any(_begins(value, type_) for value in criterion.values)


def _begins(text: str, type_: str) -> bool:
    """Whether urns of the type may begin so."""
    start = f"urn:li:{type_}:"
    return text.startswith(start) or start.startswith(text)


def with_samples(
    world: World, rules: Sequence[EnginePolicy], types: Sequence[str], tags: Sequence[str], version: str
) -> World:
    """A world with a sample of everything policies may be about.

    Args:
        world: what there is.
        rules: the policies that grant to anybody.
        types: the entity types looked at.
        tags: the tags of the sharing classes.
        version: the server release whose rules hold.

    Returns:
        The world with the samples added.
    """
    larger = World(dict(world.entities), world.users, world.group_roles, dict(world.names))
    for number, rule in enumerate(rules):
        for type_ in types:
            for one in _fitting(rule, type_, tags, number):
                larger.entities[one.urn] = one  # what stands above it is asked of the world
                if not all(matches(criterion, one, larger, version) for criterion in rule.criteria or ()):
                    del larger.entities[one.urn]
                larger.names[one.urn] = f"任意 {type_}"
    return larger


def _fitting(rule: EnginePolicy, type_: str, tags: Sequence[str], number: int) -> Iterator[Entity]:
    """What of a type may fit a policy: for every value of its criteria, bare and with each tag."""
    asked = [criterion for criterion in rule.criteria or () if criterion.condition != "NOT_EQUALS" and criterion.values]
    if any(criterion.field == "URN" and criterion.condition == "EQUALS" for criterion in asked):
        return  # those named, and no others
    turns = max([len(criterion.values) for criterion in asked if criterion.field not in ("TYPE", "TAG")], default=1)
    # whoever may be made an owner of a type the policy is for
    types = [None] if rule.owner_types is None else sorted(rule.owner_types)
    owned = [(Owner(STRANGER, one),) for one in types] if rule.owners else [()]
    for turn, (which, owners), tag in product(range(turns), enumerate(owned), ("", *tags)):
        one = Entity(f"urn:li:{type_}:__any.{number}", type_, real=False)
        for criterion in asked:
            one = _with(one, criterion.field, sorted(criterion.values)[turn % len(criterion.values)])
        carried = one.tags | {tag} if tag else one.tags
        yield replace(one, urn=f"{one.urn}.{turn}.{which}.{tag}", tags=carried, owners=(*one.owners, *owners))


def _with(entity: Entity, field: str, value: str) -> Entity:
    """The entity with what a criterion asks for, as far as a sample can have it."""
    if field == "TAG":
        return replace(entity, tags=frozenset({value}))
    if field == "DOMAIN":
        return replace(entity, domains=frozenset({value}))
    if field == "GLOSSARY":
        return replace(entity, terms=frozenset({value}))
    if field == "OWNER":
        return replace(entity, owners=(Owner(value),))
    if field == "CONTAINER":
        return replace(entity, container=value)
    if field == "DATA_PLATFORM_INSTANCE":
        return replace(entity, instance=value)
    if field == "URN" and value.startswith(f"urn:li:{entity.type}:"):
        return replace(entity, urn=f"{value}__any.{entity.urn.rsplit('.', 1)[1]}")
    return entity
