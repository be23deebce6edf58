"""Reading a target into memory for ``search`` and ``show``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.search import Snapshot, relations_of
from campus_catalog.catalog.store import Aspects
from campus_catalog.catalog.target import Target, TargetError

#: how many entities of a server are looked at: its own search has ranked them already
SERVER_LIMIT = 100


def open_snapshot(target: Target, text: str) -> Snapshot:
    """The entities of a target; of a server only those its own search finds for ``text``, and what they refer to.

    Raises:
        TargetError: the target cannot be opened or reached.
    """
    if target.kind == "server":
        return Snapshot(_from_server(target, text))
    store = open_store(target, read_only=True)
    try:
        return Snapshot(store.entities())
    finally:
        store.close()


def _from_server(target: Target, text: str) -> Iterator[tuple[str, Aspects]]:
    from campus_catalog.catalog.server import connect, explain

    try:
        graph = connect(target, timeout_sec=30, retry_max_times=1)
        found = [text] if text.startswith("urn:li:") else _first(graph.get_urns_by_filter(query=text))
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
    except Exception as error:  # the client raises its own, requests' and GraphQL errors alike
        raise TargetError(explain(target, error)) from error


def _first(urns: Iterable[str]) -> Iterator[str]:
    for index, urn in enumerate(urns):
        if index == SERVER_LIMIT:
            return
        yield urn


def _aspects(graph: object, urn: str) -> Aspects:
    out: Aspects = {}
    for proposal in graph.get_entity_as_mcps(urn):  # type: ignore[attr-defined]
        if proposal.aspect is not None:
            out[proposal.aspectName] = proposal.aspect.to_obj()
    return out
