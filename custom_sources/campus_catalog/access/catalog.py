"""Reading a target for access: everything policies can ask of, and the policies themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.search import Snapshot, entity_type
from campus_catalog.catalog.store import Aspects
from campus_catalog.catalog.target import Target, TargetError

_BATCH = 200
#: entity type -> the aspects access and names are computed from
_ASPECTS = {
    "dataset": ["datasetProperties", "editableDatasetProperties"],
    "container": ["containerProperties"],
    "application": ["applicationProperties"],
    "domain": ["domainProperties"],
    "glossaryTerm": ["glossaryTermInfo"],
    "glossaryNode": ["glossaryNodeInfo"],
    "tag": ["tagProperties"],
    "structuredProperty": ["propertyDefinition"],
    "corpGroup": ["corpGroupInfo", "roleMembership"],
    "corpuser": ["corpUserInfo", "corpUserStatus", "groupMembership", "nativeGroupMembership", "roleMembership"],
    "dataHubPolicy": ["dataHubPolicyInfo"],
}
_COMMON = ["ownership", "globalTags", "glossaryTerms", "domains", "container", "dataPlatformInstance",
           "structuredProperties", "status"]  # fmt: skip


def read_catalog(target: Target) -> Snapshot:
    """Every entity access is computed from.

    Raises:
        TargetError: the target cannot be opened or reached.
    """
    if target.kind == "server":
        return Snapshot(_from_server(target))
    store = open_store(target, read_only=True)
    try:
        return Snapshot(store.entities())
    finally:
        store.close()


def policies_in(snapshot: Snapshot) -> dict[str, Any]:
    """The policies of a catalog by urn, as JSON."""
    return {
        urn: aspects["dataHubPolicyInfo"]
        for urn, aspects in snapshot.entities.items()
        if entity_type(urn) == "dataHubPolicy" and "dataHubPolicyInfo" in aspects
    }


def _from_server(target: Target) -> Iterator[tuple[str, Aspects]]:
    from datahub.metadata.schema_classes import KEY_ASPECTS

    from campus_catalog.catalog.desired import aspect_json
    from campus_catalog.catalog.server import connect, explain

    try:
        graph = connect(target, timeout_sec=60)
        for type_, own in _ASPECTS.items():
            allowed = set(KEY_ASPECTS[type_].ASPECT_INFO["entityAspects"])
            wanted = [*own, *(name for name in _COMMON if name in allowed)]
            if type_ == "dataHubPolicy":
                urns = _policy_urns(graph)
            else:
                urns = iter(graph.get_urns_by_filter(entity_types=[type_], batch_size=1000))
            while batch := list(islice(urns, _BATCH)):
                for urn, aspects in graph.get_entities(type_, batch, wanted).items():
                    yield urn, {name: aspect_json(value) for name, (value, _) in aspects.items()}
    except TargetError:
        raise
    except Exception as error:  # the client raises its own, requests' and GraphQL errors alike
        raise TargetError(explain(target, error)) from error


def _policy_urns(graph: Any) -> Iterator[str]:
    """Every policy's urn, from the store itself: the client's search calls this type what the server does not."""
    for start in count(0, _BATCH):
        urns = graph.list_all_entity_urns("dataHubPolicy", start, _BATCH)
        if urns is None:  # the client keeps the reason to itself
            raise RuntimeError("the server does not list its policies to the owner of the token")
        yield from urns
        if len(urns) < _BATCH:
            return
