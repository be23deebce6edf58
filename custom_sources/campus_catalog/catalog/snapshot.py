"""Finding and reading entities by the names people use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from campus_catalog.catalog.store import Aspects

#: entity type -> (aspect, keys of its name, keys of its description)
_NAMES = {
    "dataset": [("editableDatasetProperties", "name", "description"), ("datasetProperties", "name", "description")],
    "container": [("containerProperties", "name", "description")],
    "application": [("applicationProperties", "name", "description")],
    "domain": [("domainProperties", "name", "description")],
    "glossaryTerm": [("glossaryTermInfo", "name", "definition")],
    "glossaryNode": [("glossaryNodeInfo", "name", "definition")],
    "corpGroup": [
        ("corpGroupEditableInfo", "displayName", "description"),
        ("corpGroupInfo", "displayName", "description"),
    ],
    "corpuser": [("corpUserEditableInfo", "displayName", "aboutMe"), ("corpUserInfo", "displayName", "title")],
    "tag": [("tagProperties", "name", "description")],
    "ownershipType": [("ownershipTypeInfo", "name", "description")],
    "structuredProperty": [("propertyDefinition", "displayName", "description")],
}
#: best first
_ORDER = ("dataset", "application", "glossaryTerm", "domain", "corpGroup", "corpuser")


@dataclass
class Hit:
    """One entity found, and why."""

    urn: str
    type: str
    name: str
    score: int
    matched: str
    subset: str | None = None
    unit: str | None = None
    sharing: list[str] = field(default_factory=list)


def entity_type(urn: str) -> str:
    """The entity type in a urn."""
    return urn.split(":", 3)[2]


def name_of(urn: str, aspects: Aspects | None) -> str:
    """The name people see, or the last part of the urn."""
    for aspect, name, _ in _NAMES.get(entity_type(urn), []):
        value = (aspects or {}).get(aspect, {}).get(name)
        if value:
            return str(value)
    return physical_name(urn)


def physical_name(urn: str) -> str:
    """A dataset's name in its urn; the id of anything else."""
    tail = urn.split(":", 3)[3]
    if entity_type(urn) == "dataset":
        return tail.strip("()").split(",", 1)[1].rsplit(",", 1)[0]
    return tail


def is_removed(aspects: Aspects) -> bool:
    """Whether the entity is soft-deleted."""
    return bool(aspects.get("status", {}).get("removed"))


def description_of(urn: str, aspects: Aspects) -> str | None:
    """The entity's description, what people wrote in the UI first."""
    for aspect, _, key in _NAMES.get(entity_type(urn), []):
        value = aspects.get(aspect, {}).get(key)
        if value:
            return str(value)
    return None


@dataclass
class Relations:
    """What an entity is connected with, as urns."""

    domains: list[str]
    owners: list[dict[str, Any]]
    terms: list[str]
    tags: list[str]
    applications: list[str]


def relations_of(aspects: Aspects) -> Relations:
    """The entity's domains, owners, terms, tags and applications."""
    return Relations(
        domains=aspects.get("domains", {}).get("domains", []),
        owners=aspects.get("ownership", {}).get("owners", []),
        terms=[term["urn"] for term in aspects.get("glossaryTerms", {}).get("terms", [])],
        tags=[tag["tag"] for tag in aspects.get("globalTags", {}).get("tags", [])],
        applications=aspects.get("applications", {}).get("applications", []),
    )


class Snapshot:
    """The entities of a catalog in memory, searchable by name, description, field, term, domain and owner."""

    def __init__(self, entities: Iterable[tuple[str, Aspects]]):
        self.entities = {urn: aspects for urn, aspects in entities if not is_removed(aspects)}
        self.names = {urn: name_of(urn, aspects) for urn, aspects in self.entities.items()}

    def name(self, urn: str) -> str:
        """The name of an entity, known or not."""
        return self.names.get(urn) or physical_name(urn)

    def hit(self, urn: str, score: int, matched: str) -> Hit:
        """An entity as a search result."""
        aspects = self.entities[urn]
        relations = relations_of(aspects)
        groups = [owner["owner"] for owner in relations.owners if owner["owner"].startswith("urn:li:corpGroup:")]
        return Hit(
            urn=urn,
            type=entity_type(urn),
            name=self.name(urn),
            score=score,
            matched=matched,
            subset=self.name(relations.domains[0]) if relations.domains else None,
            unit=self.name(groups[0]) if groups and entity_type(urn) != "domain" else None,
            sharing=[self.name(tag) for tag in relations.tags],
        )

    def search(self, text: str) -> list[Hit]:
        """Entities that have every word of ``text``, best first."""
        words = text.lower().split()
        hits = []
        for urn, aspects in self.entities.items():
            if entity_type(urn) not in _NAMES:
                continue
            found = [self._best(urn, aspects, word) for word in words]
            if found and all(found):
                score = min(match[0] for match in found if match)
                hits.append(self.hit(urn, score, "; ".join(dict.fromkeys(match[1] for match in found if match))))
        return sorted(hits, key=lambda hit: (-hit.score, _rank(hit.type), hit.name, hit.urn))

    def _best(self, urn: str, aspects: Aspects, word: str) -> tuple[int, str] | None:
        """How well one word fits an entity: (score, where)."""
        name, physical = self.names[urn].lower(), physical_name(urn).lower()
        if word in (name, physical, physical.rsplit(".", 1)[-1], urn.lower()):
            return 100, "name"
        if word in name or word in physical:
            return 80, "name"
        if word in (description_of(urn, aspects) or "").lower():
            return 60, "description"
        for column in aspects.get("schemaMetadata", {}).get("fields", []):
            if word in column["fieldPath"].lower() or word in (column.get("description") or "").lower():
                return 50, f"field {column['fieldPath']}"
        relations = relations_of(aspects)
        for label, urns in (
            ("term", relations.terms),
            ("domain", relations.domains),
            ("owner", [owner["owner"] for owner in relations.owners]),
            ("tag", relations.tags),
            ("system", relations.applications),
        ):
            for other in urns:
                if word in self.name(other).lower() or word == other.lower():
                    return 30, f"{label} {self.name(other)}"
        return None

    def find(self, name: str) -> list[str]:
        """Urns of the entities called ``name``: a urn, a name, a physical name or the end of one; datasets first."""
        wanted = name.lower()
        if name in self.entities:
            return [name]
        known = {urn: (self.names[urn].lower(), physical_name(urn).lower()) for urn in self.entities}
        exact = [urn for urn, words in known.items() if wanted in words]
        if not exact:
            exact = [urn for urn, (_, physical) in known.items() if physical.endswith("." + wanted)]
        exact = [urn for urn in exact if entity_type(urn) in _NAMES]
        best = min((_rank(entity_type(urn)) for urn in exact), default=0)
        return sorted(urn for urn in exact if _rank(entity_type(urn)) == best)


def _rank(type_: str) -> int:
    return _ORDER.index(type_) if type_ in _ORDER else len(_ORDER)
