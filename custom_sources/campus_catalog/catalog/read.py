"""Reading a target into memory: what ``search`` and ``show`` look at, and everything ``access`` is computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from campus_catalog.aspects.common import aspect_json
from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.snapshot import Snapshot, entity_type, relations_of
from campus_catalog.catalog.store import Aspects
from campus_catalog.catalog.target import Target, TargetError

if TYPE_CHECKING:
    from datahub.ingestion.graph.client import DataHubGraph

#: how many entities of a server are looked at: its own search has ranked them already
SERVER_LIMIT = 100
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


def open_snapshot(target: Target, text: str) -> Snapshot:
    """Read a target to find something in it.

    Args:
        target: any target. A local one is read whole; of a server only what its own search finds for the text, at most
            ``SERVER_LIMIT`` entities, and what they refer to.
        text: the words looked for, or a urn.

    Returns:
        What was read.

    Raises:
        TargetError: the target cannot be opened or reached.
    """
    return _read(target, lambda graph: _found_on(graph, text), timeout_sec=30, retry_max_times=1)


def read_catalog(target: Target) -> Snapshot:
    """Read every entity access is computed from.

    Args:
        target: any target.

    Returns:
        The entities; from a server only with the aspects that access and names need.

    Raises:
        TargetError: the target cannot be opened or reached.
    """
    return _read(target, _all_on, timeout_sec=60)


def policies_in(snapshot: Snapshot) -> dict[str, Any]:
    """The policies of a catalog.

    Args:
        snapshot: the catalog.

    Returns:
        urn -> ``dataHubPolicyInfo`` as JSON.
    """
    return {
        urn: aspects["dataHubPolicyInfo"]
        for urn, aspects in snapshot.entities.items()
        if entity_type(urn) == "dataHubPolicy" and "dataHubPolicyInfo" in aspects
    }


def _read(target: Target, ask: Callable[[DataHubGraph], Iterator[tuple[str, Aspects]]], **options: Any) -> Snapshot:
    """A local catalog whole; of a server what ``ask`` reads with a client made with these options."""
    if target.kind != "server":
        store = open_store(target, read_only=True)
        try:
            return Snapshot(store.entities())
        finally:
            store.close()
    from campus_catalog.catalog.server import connect, unreached

    try:
        return Snapshot(ask(connect(target, **options)))
    except TargetError:
        raise
    except Exception as error:  # the client raises its own, requests' and GraphQL errors alike
        raise unreached(target, error) from error


def _found_on(graph: DataHubGraph, text: str) -> Iterator[tuple[str, Aspects]]:
    """What the server's own search finds for a text, and what that refers to."""
    found = [text] if text.startswith("urn:li:") else list(islice(graph.get_urns_by_filter(query=text), SERVER_LIMIT))
    seen: set[str] = set()
    referred: list[str] = []
    for urn in found:
        aspects = _aspects(graph, urn)
        seen.add(urn)
        yield urn, aspects
        relations = relations_of(aspects)
        referred += [*relations.domains, *relations.terms, *relations.tags, *relations.applications]
        referred += [owner["owner"] for owner in relations.owners]
    for urn in dict.fromkeys(referred):
        if urn not in seen:
            yield urn, _aspects(graph, urn)


def _aspects(graph: DataHubGraph, urn: str) -> Aspects:
    proposals = graph.get_entity_as_mcps(urn)
    return {str(one.aspectName): one.aspect.to_obj() for one in proposals if one.aspect is not None}


def _all_on(graph: DataHubGraph) -> Iterator[tuple[str, Aspects]]:
    """Every entity of the types access knows, removed ones too, with the aspects it is computed from."""
    from datahub.ingestion.graph.filters import RemovedStatusFilter
    from datahub.metadata.schema_classes import KEY_ASPECTS

    for type_, own in _ASPECTS.items():
        allowed = set(KEY_ASPECTS[type_].ASPECT_INFO["entityAspects"])
        wanted = [*own, *(name for name in _COMMON if name in allowed)]
        if type_ == "dataHubPolicy":
            urns = _policy_urns(graph)
        else:
            found = graph.get_urns_by_filter(entity_types=[type_], batch_size=1000, status=RemovedStatusFilter.ALL)
            urns = iter(found)
        while batch := list(islice(urns, _BATCH)):
            for urn, aspects in graph.get_entities(type_, batch, wanted).items():
                yield urn, {name: aspect_json(value) for name, (value, _) in aspects.items()}


def _policy_urns(graph: Any) -> Iterator[str]:
    """Every policy's urn, from the store itself: the client's search calls this type what the server does not."""
    for start in count(0, _BATCH):
        urns = graph.list_all_entity_urns("dataHubPolicy", start, _BATCH)
        if urns is None:  # the client keeps the reason to itself
            raise RuntimeError("the server does not list its policies to the owner of the token")
        yield from urns
        if len(urns) < _BATCH:
            return
