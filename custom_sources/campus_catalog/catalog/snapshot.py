"""Finding and reading entities by the names people use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from campus_catalog.catalog.store import Aspects
from campus_catalog.register.identity import plain

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
    """The entity type in a urn.

    Args:
        urn: any urn.

    Returns:
        The type as DataHub writes it, e.g. ``corpGroup``.
    """
    return urn.split(":", 3)[2]


def name_of(urn: str, aspects: Aspects | None) -> str:
    """The name people see.

    Args:
        urn: the entity.
        aspects: its aspects as JSON, or None where it is not known.

    Returns:
        The name, or the last part of the urn.
    """
    for aspect, name, _ in _NAMES.get(entity_type(urn), []):
        value = (aspects or {}).get(aspect, {}).get(name)
        if value:
            return str(value)
    return physical_name(urn)


def physical_name(urn: str) -> str:
    """A dataset's name as people spell it; the id of anything else.

    Args:
        urn: any urn.

    Returns:
        The name, e.g. ``campus.jwxt.jw_kc``.
    """
    tail = urn.split(":", 3)[3]
    if entity_type(urn) == "dataset":
        return plain(tail.strip("()").split(",", 1)[1].rsplit(",", 1)[0])
    return tail


def is_removed(aspects: Aspects) -> bool:
    """Whether the entity is soft-deleted.

    Args:
        aspects: its aspects as JSON.

    Returns:
        Whether its ``status`` says so.
    """
    return bool(aspects.get("status", {}).get("removed"))


def description_of(urn: str, aspects: Aspects) -> str | None:
    """The entity's description, what people wrote in the UI first.

    Args:
        urn: the entity.
        aspects: its aspects as JSON.

    Returns:
        The text, or None.
    """
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
    """The entity's domains, owners, terms, tags and applications.

    Args:
        aspects: the entity's aspects as JSON.

    Returns:
        Its relations; owners as DataHub's ``Owner``, with type and attribution.
    """
    return Relations(
        domains=aspects.get("domains", {}).get("domains", []),
        owners=aspects.get("ownership", {}).get("owners", []),
        terms=[term["urn"] for term in aspects.get("glossaryTerms", {}).get("terms", [])],
        tags=[tag["tag"] for tag in aspects.get("globalTags", {}).get("tags", [])],
        applications=aspects.get("applications", {}).get("applications", []),
    )


class Snapshot:
    """The entities of a catalog in memory, searchable by name, description, field, term, domain and owner.

    Args:
        entities: urn and aspects (as JSON) of each; removed ones are kept apart, in ``removed``.
    """

    def __init__(self, entities: Iterable[tuple[str, Aspects]]):
        self.entities: dict[str, Aspects] = {}
        self.removed: dict[str, Aspects] = {}
        for urn, aspects in entities:
            (self.removed if is_removed(aspects) else self.entities)[urn] = aspects
        self.names = {urn: name_of(urn, aspects) for urn, aspects in self.entities.items()}

    def name(self, urn: str) -> str:
        """The name of an entity, known or not.

        Args:
            urn: an entity, which need not be in the snapshot.

        Returns:
            The name people see, or the last part of the urn.
        """
        return self.names.get(urn) or physical_name(urn)

    def hit(self, urn: str, score: int, matched: str) -> Hit:
        """An entity as a search result.

        Args:
            urn: an entity of the snapshot.
            score: how well it fits: 100 the name itself, 80 part of it, 60 description, 50 field, 30 a relation.
            matched: where the word was found, e.g. ``field kcdm``.

        Returns:
            The entity with the names of its subset, unit and sharing classes.
        """
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
        """Entities that have every word of ``text``, best first.

        Args:
            text: words, in any order; case does not matter.

        Returns:
            What was found; nothing when there are no words.
        """
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
        """The entities called by a name.

        Args:
            name: a urn, a name, a physical name or the end of one after a dot; case does not matter.

        Returns:
            Their urns, sorted; of several types only the first in the order dataset, application, term, domain, group,
            user.
        """
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
