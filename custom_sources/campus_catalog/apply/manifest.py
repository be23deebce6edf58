"""The record of what this project created, kept in the catalog itself, so that pruning touches nothing else.

It is the entity our attribution names as its source. DataHub's ``platformResource`` is made for such records; it is
neither searched nor shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from datahub.metadata.schema_classes import (
    PlatformResourceInfoClass,
    SerializedValueClass,
    SerializedValueContentTypeClass,
)

from campus_catalog.apply.desired import Desired
from campus_catalog.aspects.common import ATTRIBUTION_SOURCE, aspect_json

URN = ATTRIBUTION_SOURCE
ASPECT = "platformResourceInfo"


@dataclass
class Record:
    """What we declared on one entity.

    Attributes:
        owned: whether the entity exists because we declared it.
        aspects: names of the aspects declared.
        keys: names of the custom properties declared.
    """

    owned: bool
    aspects: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


class Manifest:
    """Every entity this project declared at the last apply.

    Args:
        records: urn -> what was declared on it.
        school: id of the school whose content declared it.
    """

    def __init__(self, records: dict[str, Record] | None = None, school: str = ""):
        self.records = records or {}
        self.school = school

    def add(self, desired: Desired) -> None:
        """Record one declared aspect.

        Args:
            desired: the aspect.
        """
        record = self.records.setdefault(desired.urn, Record(desired.owned))
        record.owned = record.owned or desired.owned
        record.aspects.append(desired.name)
        record.keys += desired.json.get("customProperties", {})

    def to_json(self) -> Any:
        """The aspect that keeps the manifest.

        Returns:
            A ``platformResourceInfo`` as JSON.
        """
        entries = {
            urn: [int(record.owned), sorted(set(record.aspects)), sorted(set(record.keys))]
            for urn, record in sorted(self.records.items())
        }
        text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        return aspect_json(
            PlatformResourceInfoClass(
                resourceType="campus-catalog-manifest",
                primaryKey="campus-catalog",
                secondaryKeys=[self.school] if self.school else None,
                value=SerializedValueClass(blob=text.encode("utf-8"), contentType=SerializedValueContentTypeClass.JSON),
            )
        )

    @classmethod
    def from_json(cls, aspect: Any | None) -> Manifest:
        """The manifest in a catalog.

        Args:
            aspect: what ``to_json`` made, or None.

        Returns:
            The manifest; empty when there is none.
        """
        blob = ((aspect or {}).get("value") or {}).get("blob")
        if not blob:
            return cls()
        entries = json.loads(blob)
        records = {urn: Record(bool(owned), aspects, keys) for urn, (owned, aspects, keys) in entries.items()}
        return cls(records, next(iter((aspect or {}).get("secondaryKeys") or []), ""))
