"""What every aspect of ours has in common: urns and attribution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import pre_json_transform
from datahub.metadata.schema_classes import (
    AuditStampClass,
    GlossaryTermAssociationClass,
    MetadataAttributionClass,
    OwnerClass,
    OwnershipTypeClass,
    TagAssociationClass,
    _Aspect,
)

#: Marks what this project wrote, so that merging can tell it from what people added.
ATTRIBUTION_SOURCE = "urn:li:platformResource:campus-catalog"
ACTOR = "urn:li:corpuser:datahub"
#: The property that says who found a dataset with a word of classified material to be none, and when.
REVIEW_KEY = "classified_review"


def domain_urn(id_: str) -> str:
    """Urn of a subset.

    Args:
        id_: the subset's id in domains.yml.

    Returns:
        The domain's urn.
    """
    return f"urn:li:domain:{id_}"


def group_urn(id_: str) -> str:
    """Urn of a unit.

    Args:
        id_: the unit's id in organization.yml.

    Returns:
        The group's urn.
    """
    return f"urn:li:corpGroup:{id_}"


def user_urn(id_: str) -> str:
    """Urn of a person's post.

    Args:
        id_: the post's id in people.yml.

    Returns:
        The user's urn.
    """
    return f"urn:li:corpuser:{id_}"


def term_urn(id_: str) -> str:
    """Urn of a glossary term.

    Args:
        id_: the term's id below terms/.

    Returns:
        The term's urn.
    """
    return f"urn:li:glossaryTerm:{id_}"


def tag_urn(id_: str) -> str:
    """Urn of a tag.

    Args:
        id_: the tag's id in tags.yml.

    Returns:
        The tag's urn.
    """
    return f"urn:li:tag:{id_}"


def ownership_type_urn(id_: str) -> str:
    """Urn of an ownership type.

    Args:
        id_: the type's id in ownership_types.yml.

    Returns:
        The type's urn.
    """
    return f"urn:li:ownershipType:{id_}"


def property_urn(id_: str) -> str:
    """Urn of a structured property."""
    return f"urn:li:structuredProperty:{id_}"


def application_urn(id_: str) -> str:
    """Urn of an information system.

    Args:
        id_: the system's id in the register.

    Returns:
        The application's urn.
    """
    return f"urn:li:application:{id_}"


def platform_urn(id_: str) -> str:
    """Urn of a data platform.

    Args:
        id_: as DataHub spells it, or an id in platforms.yml.

    Returns:
        The platform's urn.
    """
    return f"urn:li:dataPlatform:{id_}"


def audit_stamp() -> AuditStampClass:
    """An audit stamp without a time: the same content must give the same aspect at every run."""
    return AuditStampClass(time=0, actor=ACTOR)


def attribution(origin: str | None = None) -> MetadataAttributionClass:
    """Our mark on an association; ``origin`` says where the value was stated (see ``register.inheritance``)."""
    return MetadataAttributionClass(
        time=0, actor=ACTOR, source=ATTRIBUTION_SOURCE, sourceDetail={"origin": origin} if origin else None
    )


def owner(urn: str, ownership_type: str, origin: str | None = None) -> OwnerClass:
    """An owner with one of the school's own ownership types."""
    return OwnerClass(
        owner=urn,
        type=OwnershipTypeClass.CUSTOM,
        typeUrn=ownership_type_urn(ownership_type),
        attribution=attribution(origin),
    )


def term(id_: str, origin: str | None = None) -> GlossaryTermAssociationClass:
    """A glossary term on an entity."""
    return GlossaryTermAssociationClass(urn=term_urn(id_), attribution=attribution(origin))


def tag(id_: str, origin: str | None = None) -> TagAssociationClass:
    """A tag on an entity."""
    return TagAssociationClass(tag=tag_urn(id_), attribution=attribution(origin))


def proposals(urn: str, aspects: Iterable[_Aspect]) -> Iterator[MetadataChangeProposalWrapper]:
    """One upsert proposal per aspect."""
    for aspect in aspects:
        yield MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect)


def aspect_json(aspect: _Aspect) -> Any:
    """An aspect as the JSON DataHub stores.

    Args:
        aspect: as DataHub's class.

    Returns:
        What ``from_obj`` of the class takes again, after ``post_json_transform``.
    """
    return pre_json_transform(aspect.to_obj())
