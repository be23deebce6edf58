"""Subsets, units, people, ownership types, tags, platforms and structured properties as aspects."""

from __future__ import annotations

from collections.abc import Iterator

from datahub.api.entities.structuredproperties.structuredproperties import StructuredProperties
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    CorpGroupInfoClass,
    CorpUserInfoClass,
    DataPlatformInfoClass,
    DomainPropertiesClass,
    GroupMembershipClass,
    OwnershipClass,
    OwnershipTypeInfoClass,
    PlatformTypeClass,
    StatusClass,
    TagPropertiesClass,
    _Aspect,
)

from campus_catalog.aspects.common import (
    audit_stamp,
    domain_urn,
    group_urn,
    owner,
    ownership_type_urn,
    platform_urn,
    proposals,
    tag_urn,
    user_urn,
)
from campus_catalog.regulation.formats import Property
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.models import Person, Platform, Subset, Tag, Unit


def subset_aspects(subset: Subset, regulation: Regulation) -> list[_Aspect]:
    """A subset (Art. 7) as a domain whose owners are the units involved."""
    aspects: list[_Aspect] = [
        DomainPropertiesClass(
            name=subset.name,
            description=f"{subset.description}（{subset.article}）",
            customProperties={"number": str(subset.number), "article": subset.article},
        )
    ]
    type_ = regulation.ownership_types["involved_unit"].id
    involved = [regulation.units.get(word) for word in subset.involved]
    owners = [owner(group_urn(unit.id), type_) for unit in involved if unit]
    if owners:
        aspects.append(OwnershipClass(owners=owners, lastModified=audit_stamp()))
    return aspects


def unit_aspects(unit: Unit, regulation: Regulation) -> list[_Aspect]:
    """A unit as a group; its head administers it."""
    head = regulation.head_of(unit)
    aliases = f"别名：{'、'.join(unit.aliases)}" if unit.aliases else None
    parent = regulation.units.get(unit.parent) if unit.parent else None
    above = f"上级：{parent.name}" if parent else None
    return [
        CorpGroupInfoClass(
            displayName=unit.name,
            description="\n\n".join(text for text in (unit.description, aliases, above) if text) or None,
            admins=[user_urn(head.id)] if head else [],
            members=[],
            groups=[],
        ),
        StatusClass(removed=False),
    ]


def person_aspects(person: Person, regulation: Regulation) -> list[_Aspect]:
    """A post as a user, member of its unit and of the units it is seconded to."""
    units = [regulation.units.get(word) for word in (person.unit, *person.seconded_to)]
    return [
        CorpUserInfoClass(
            active=True,
            displayName=person.name,
            fullName=person.name,
            title=person.title,
            email=person.email,
            departmentName=regulation.unit_of(person).name,
        ),
        GroupMembershipClass(groups=[group_urn(unit.id) for unit in units if unit]),
        StatusClass(removed=False),
    ]


def tag_aspects(tag: Tag) -> list[_Aspect]:
    """A tag."""
    return [
        TagPropertiesClass(name=tag.name, description=tag.description, colorHex=tag.color),
        StatusClass(removed=False),
    ]


def platform_aspects(platform: Platform) -> list[_Aspect]:
    """A platform DataHub does not ship, so that its datasets have a name and a type in the UI."""
    return [
        DataPlatformInfoClass(
            name=platform.id,
            displayName=platform.name,
            type=getattr(PlatformTypeClass, platform.type),
            datasetNameDelimiter=platform.delimiter,
        )
    ]


def property_proposals(definition: Property) -> Iterator[MetadataChangeProposalWrapper]:
    """A structured property, built by DataHub's own model."""
    model = StructuredProperties.model_validate(definition.model_dump(exclude_none=True))
    for proposal in model.generate_mcps():
        last_modified = getattr(proposal.aspect, "lastModified", None)
        if last_modified is not None:
            last_modified.time = 0  # DataHub's model stamps the clock, which would make every run a change
        yield proposal


def taxonomy_proposals(regulation: Regulation) -> Iterator[MetadataChangeProposalWrapper]:
    """Everything of the glossary but the terms, what is referred to before what refers to it.

    Args:
        regulation: the school's regulation.

    Yields:
        One upsert per aspect.
    """
    for type_ in regulation.ownership_types.values():
        info = OwnershipTypeInfoClass(
            name=type_.name, description=type_.description, created=audit_stamp(), lastModified=audit_stamp()
        )
        yield from proposals(ownership_type_urn(type_.id), [info, StatusClass(removed=False)])
    for unit in regulation.units:
        yield from proposals(group_urn(unit.id), unit_aspects(unit, regulation))
    for person in regulation.people:
        yield from proposals(user_urn(person.id), person_aspects(person, regulation))
    for subset in regulation.subsets:
        yield from proposals(domain_urn(subset.id), subset_aspects(subset, regulation))
    for tag in regulation.tags:
        yield from proposals(tag_urn(tag.id), tag_aspects(tag))
    for platform in regulation.platforms:
        yield from proposals(platform_urn(platform.id), platform_aspects(platform))
    for definition in regulation.properties:
        yield from property_proposals(definition)
