"""What a server or its stand-in holds beside what a metadata file gets, so that the two can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datahub.emitter.serialization_helper import post_json_transform
from datahub.metadata.schema_classes import ASPECT_NAME_MAP

from tests.contract.standin import Standin
from tests.support.planning import Catalog, bring, catalog


def complete(name: str, value: Any) -> Any:
    """An aspect as DataHub's models write it, without audit stamps: a patch carries none."""
    aspect = ASPECT_NAME_MAP[name].from_obj(post_json_transform(value)).to_obj()
    return {key: part for key, part in aspect.items() if key not in ("lastModified", "auditStamp")}


def stored(gms: Standin) -> Catalog:
    """What the stand-in holds; keys aside, which a server adds itself."""
    return {
        urn: {
            name: complete(name, aspect.value)
            for name, aspect in gms.store.entity(urn).items()
            if not name.endswith("Key")
        }
        for urn in gms.store.urns()
    }


def local(home: Path) -> Catalog:
    """What a new metadata file gets."""
    bring(home, "file:reference.json")
    found = catalog(home, "file:reference.json")
    return {urn: {name: complete(name, value) for name, value in aspects.items()} for urn, aspects in found.items()}


def unordered(there: Catalog) -> Any:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items()}
        return sorted((plain(part) for part in value), key=str) if isinstance(value, list) else value

    return plain(there)
