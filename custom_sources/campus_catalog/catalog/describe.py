"""One entity in words: the card that ``show`` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from campus_catalog.aspects.common import ATTRIBUTION_SOURCE, REVIEW_KEY
from campus_catalog.aspects.personal import COLUMNS, FOUND_SOURCE
from campus_catalog.catalog.snapshot import Snapshot, description_of, entity_type, physical_name, relations_of


@dataclass
class Value:
    """A name with the reason for it: where it was stated, or that people added it in the catalog."""

    text: str
    origin: str | None = None


@dataclass
class Card:
    """What the catalog says of one entity.

    Attributes:
        personal: the columns with personal information, and what told each.
        reviewed: who found that it is no classified material though it has a word of it, and when.
    """

    urn: str
    type: str
    name: str
    physical: str
    description: str | None
    subset: list[str] = field(default_factory=list)
    system: list[str] = field(default_factory=list)
    owners: dict[str, list[Value]] = field(default_factory=dict)
    terms: list[Value] = field(default_factory=list)
    tags: list[Value] = field(default_factory=list)
    personal: str | None = None
    reviewed: str | None = None
    properties: dict[str, Value] = field(default_factory=dict)
    fields: list[dict[str, Any]] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)


def describe(snapshot: Snapshot, urn: str) -> Card:
    """Everything the snapshot knows of an entity, names instead of urns.

    Args:
        snapshot: the catalog.
        urn: an entity in it.

    Returns:
        The card; of anything but a dataset it also lists the datasets that refer to it.
    """
    aspects = snapshot.entities[urn]
    relations = relations_of(aspects)
    card = Card(
        urn=urn,
        type=entity_type(urn),
        name=snapshot.name(urn),
        physical=physical_name(urn),
        description=description_of(urn, aspects),
        reviewed=aspects.get("datasetProperties", {}).get("customProperties", {}).get(REVIEW_KEY),
        subset=[snapshot.name(domain) for domain in relations.domains],
        system=[snapshot.name(application) for application in relations.applications],
    )
    for owner in relations.owners:
        type_ = snapshot.name(owner["typeUrn"]) if owner.get("typeUrn") else owner.get("type", "")
        card.owners.setdefault(type_, []).append(Value(snapshot.name(owner["owner"]), _origin(owner)))
    for term in aspects.get("glossaryTerms", {}).get("terms", []):
        card.terms.append(Value(snapshot.name(term["urn"]), _origin(term)))
    for tag in aspects.get("globalTags", {}).get("tags", []):
        card.tags.append(Value(snapshot.name(tag["tag"]), _origin(tag)))
        card.personal = card.personal or _columns(tag)
    for assigned in aspects.get("structuredProperties", {}).get("properties", []):
        values = "、".join(str(_plain(value)) for value in assigned["values"])
        card.properties[snapshot.name(assigned["propertyUrn"])] = Value(values, _origin(assigned))
    for column in aspects.get("schemaMetadata", {}).get("fields", []):
        card.fields.append(
            {
                "name": column["fieldPath"],
                "type": column["nativeDataType"],
                "key": bool(column.get("isPartOfKey")),
                "description": column.get("description") or "",
            }
        )
    if card.type != "dataset":
        card.holds = _holds(snapshot, urn)
    return card


def _holds(snapshot: Snapshot, urn: str) -> list[str]:
    """Names of the datasets that refer to this domain, unit, person, term, tag or system."""
    found = []
    for other, aspects in snapshot.entities.items():
        if entity_type(other) != "dataset":
            continue
        relations = relations_of(aspects)
        owners = [owner["owner"] for owner in relations.owners]
        if urn in [*relations.domains, *relations.terms, *relations.tags, *relations.applications, *owners]:
            found.append(snapshot.name(other))
    return sorted(found)


def _plain(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) else value


def _origin(association: dict[str, Any]) -> str | None:
    attribution = association.get("attribution") or {}
    if attribution.get("source") == FOUND_SOURCE:
        return "found"
    if attribution.get("source") != ATTRIBUTION_SOURCE:
        return "catalog"
    return _detail(association).get("origin")


def _columns(association: dict[str, Any]) -> str | None:
    """The columns a tag of ours is there for."""
    return None if _origin(association) == "catalog" else _detail(association).get(COLUMNS)


def _detail(association: dict[str, Any]) -> dict[str, Any]:
    return (association.get("attribution") or {}).get("sourceDetail") or {}
