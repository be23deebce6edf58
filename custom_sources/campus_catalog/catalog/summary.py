"""What a catalog holds, subset by subset."""

from __future__ import annotations

from dataclasses import dataclass, field

from campus_catalog.catalog.snapshot import Snapshot, entity_type, relations_of


@dataclass
class SubsetSummary:
    """One subset: how much it holds and who answers for it.

    Attributes:
        units: responsible units with the number of datasets they answer for, most first.
    """

    urn: str
    name: str
    number: int
    systems: set[str] = field(default_factory=set)
    datasets: int = 0
    fields: int = 0
    units: dict[str, int] = field(default_factory=dict)
    persons: set[str] = field(default_factory=set)


def summarize(snapshot: Snapshot) -> list[SubsetSummary]:
    """What a catalog holds, subset by subset (Art. 7).

    Args:
        snapshot: the catalog.

    Returns:
        The subsets in the order of the regulation, also those that hold nothing.
    """
    out = {}
    for urn, aspects in snapshot.entities.items():
        if entity_type(urn) == "domain":
            properties = aspects.get("domainProperties", {})
            number = int(properties.get("customProperties", {}).get("number", 0))
            out[urn] = SubsetSummary(urn, snapshot.name(urn), number)
    for urn, aspects in snapshot.entities.items():
        relations = relations_of(aspects)
        if entity_type(urn) != "dataset" or not relations.domains or relations.domains[0] not in out:
            continue
        subset = out[relations.domains[0]]
        subset.datasets += 1
        subset.fields += len(aspects.get("schemaMetadata", {}).get("fields", []))
        subset.systems.update(snapshot.name(application) for application in relations.applications)
        for owner in relations.owners:
            name = snapshot.name(owner["owner"])
            if owner["owner"].startswith("urn:li:corpGroup:"):
                subset.units[name] = subset.units.get(name, 0) + 1
            else:
                subset.persons.add(name)
    for subset in out.values():
        subset.units = dict(sorted(subset.units.items(), key=lambda item: (-item[1], item[0])))
    return sorted(out.values(), key=lambda subset: subset.number)
