"""TODO."""

from __future__ import annotations

from datahub.metadata.schema_classes import (
    ApplicationPropertiesClass,
    ApplicationsClass,
    DomainsClass,
    GlobalTagsClass,
    GlossaryTermsClass,
    OwnershipClass,
    StatusClass,
    StructuredPropertiesClass,
    StructuredPropertyValueAssignmentClass,
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
from campus_catalog.register.systems import DeclaredSystem
from campus_catalog.regulation.loader import Regulation

#: structured property -> attribute of Answer
_PROPERTIES = {
    "campus.sharing_scope": "scope",
    "campus.sharing_purpose": "purpose",
    "campus.sharing_basis": "basis",
    "campus.data_standard": "data_standard",
    "campus.operation_log": "operation_log",
    "campus.backup": "backup",
}


def stamp_aspects(answer: Answer, regulation: Regulation, system: str | None, personal: bool = False) -> list[_Aspect]:
    """Domain, owners, terms, tags, structured properties and system of one entity.

    Args:
        answer: what holds for the entity; subset and unit may be missing only for a system that states none.
        regulation: the school's regulation.
        system: id of the information system it belongs to; None for the system itself.
        personal: whether its declared fields hold personal information.
    """
    origins = answer.origins
    aspects: list[_Aspect] = []
    if answer.subset:
        aspects.append(DomainsClass(domains=[domain_urn(answer.subset.id)]))
    if answer.unit:
        aspects.append(_ownership(answer, regulation))
    terms = [term(answer.sharing.term, origins.get("sharing"))]
    if answer.kind:
        terms.append(term(answer.kind.id, origins.get("kind")))
    terms += [term(item.id, origins.get("items")) for item in answer.items]
    aspects.append(GlossaryTermsClass(terms=terms, auditStamp=audit_stamp()))
    tags = [tag(answer.sharing.tag, origins.get("sharing"))]
    if personal and regulation.personal:
        tags.append(dataset_tag(regulation.personal, found=False))
    aspects.append(GlobalTagsClass(tags=tags))
    values = [
        StructuredPropertyValueAssignmentClass(
            propertyUrn=property_urn(id_),
            values=[getattr(answer, attribute)],
            attribution=attribution(origins.get(attribute)),
        )
        for id_, attribute in _PROPERTIES.items()
        if getattr(answer, attribute)
    ]
    if values:
        aspects.append(StructuredPropertiesClass(properties=values))
    if system:
        aspects.append(ApplicationsClass(applications=[application_urn(system)]))
    return aspects


def _ownership(answer: Answer, regulation: Regulation) -> OwnershipClass:
    types = regulation.ownership_types
    assert answer.unit is not None
    owners = [owner(group_urn(answer.unit.id), types["responsible_unit"].id, answer.origins.get("unit"))]
    owners += [
        owner(user_urn(person.id), types["responsible_person"].id, answer.origins.get("persons"))
        for person in answer.persons
    ]
    head = regulation.head_of(answer.unit)
    if head:
        owners.append(owner(user_urn(head.id), types["first_responsible_person"].id, answer.origins.get("unit")))
    return OwnershipClass(owners=owners, lastModified=audit_stamp())


def system_aspects(declared: DeclaredSystem) -> list[_Aspect]:
    """An information system as a DataHub application."""
    properties = ApplicationPropertiesClass(name=declared.name, description=declared.system.description)
    return [
        properties,
        *stamp_aspects(declared.defaults, declared.regulation, None),
        StatusClass(removed=False),
    ]
