"""What a declaration means in DataHub.

``stamp_aspects`` is the one function that decides it; the register source, the system source, the transformer and the
system's own entity all call it.
"""

from __future__ import annotations

from collections.abc import Mapping

from datahub.metadata.schema_classes import (
    ApplicationPropertiesClass,
    ApplicationsClass,
    DomainsClass,
    GlobalTagsClass,
    GlossaryTermAssociationClass,
    GlossaryTermsClass,
    OwnerClass,
    OwnershipClass,
    StatusClass,
    StructuredPropertiesClass,
    StructuredPropertyValueAssignmentClass,
    TagAssociationClass,
    _Aspect,
)

from campus_catalog.aspects.common import (
    application_urn,
    attribution,
    audit_stamp,
    domain_urn,
    group_urn,
    owner,
    property_urn,
    tag,
    term,
    user_urn,
)
from campus_catalog.aspects.personal import dataset_tag
from campus_catalog.register.inheritance import Answer
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.personal_signs import Recognised
from campus_catalog.regulation.statements import ClassOn, DomainOf, OwnerIn, TermsBelow


def stamp_aspects(
    answer: Answer, regulation: Regulation, system: str | None, personal: Mapping[str, Recognised] | None = None
) -> list[_Aspect]:
    """Domain, owners, terms, tags, structured properties and system of one entity.

    Args:
        answer: what holds for the entity; subset and unit may be missing only for a system that states none.
        regulation: the school's regulation.
        system: id of the information system it belongs to; None for the system itself.
        personal: its declared fields that hold personal information, by name.

    Returns:
        The stamp, one aspect of each type at most.
    """
    aspects: list[_Aspect] = []
    owners: list[OwnerClass] = []
    terms: list[GlossaryTermAssociationClass] = []
    tags: list[TagAssociationClass] = []
    values: list[StructuredPropertyValueAssignmentClass] = []
    for key in regulation.statements:
        value, origin, means = answer.get(key.id), answer.origins.get(key.id), key.means
        if not value:
            continue
        if isinstance(means, DomainOf):
            aspects.append(DomainsClass(domains=[domain_urn(value.id)]))
        elif isinstance(means, OwnerIn):
            urn = group_urn if means.holder == "unit" else user_urn
            type_ = regulation.ownership_types[means.role].id
            owners += [owner(urn(one.id), type_, origin) for one in (value if key.many else [value])]
        elif isinstance(means, ClassOn):
            terms.append(term(value.term, origin))
            tags.append(tag(value.tag, origin))
        elif isinstance(means, TermsBelow):
            terms += [term(one.id, origin) for one in (value if key.many else [value])]
        else:
            values.append(
                StructuredPropertyValueAssignmentClass(
                    propertyUrn=property_urn(means.property), values=[value], attribution=attribution(origin)
                )
            )
    if answer.unit:
        aspects.append(OwnershipClass(owners=[*owners, *_head(answer, regulation)], lastModified=audit_stamp()))
    aspects.append(GlossaryTermsClass(terms=terms, auditStamp=audit_stamp()))
    if personal and regulation.personal:
        tags.append(dataset_tag(regulation.personal, personal, found=False))
    aspects.append(GlobalTagsClass(tags=tags))
    if values:
        aspects.append(StructuredPropertiesClass(properties=values))
    if system:
        aspects.append(ApplicationsClass(applications=[application_urn(system)]))
    return aspects


def _head(answer: Answer, regulation: Regulation) -> list[OwnerClass]:
    """The first responsible person (Art. 5), who follows from the responsible unit."""
    head = regulation.head_of(answer.unit) if answer.unit else None
    type_ = regulation.ownership_types["first_responsible_person"].id
    return [owner(user_urn(head.id), type_, answer.origins.get("unit"))] if head else []


def stamp_of(entry: DeclaredDataset) -> list[_Aspect]:
    """The stamp of a declared dataset.

    Args:
        entry: the dataset. Of a connected system's columns the live source knows more: it writes the tag for personal
            information there.

    Returns:
        See ``stamp_aspects``.
    """
    system = entry.system
    personal = None if system.system.connected else entry.personal
    return stamp_aspects(entry.answer, system.regulation, system.id, personal)


def system_aspects(declared: DeclaredSystem) -> list[_Aspect]:
    """An information system as a DataHub application.

    Args:
        declared: the system.

    Returns:
        Its aspects: properties, the stamp of its defaults, existence.
    """
    properties = ApplicationPropertiesClass(name=declared.name, description=declared.system.description)
    return [
        properties,
        *stamp_aspects(declared.defaults, declared.regulation, None),
        StatusClass(removed=False),
    ]
