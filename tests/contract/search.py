"""Search and GraphQL, as far as DataHub's Python clients use them.

A query matches when each of its words occurs somewhere in the entity, whatever the case. Filters know the search fields
listed in `fields`; any other one is an error, because finding nothing would look like an answer. Unlike a server's, the
index is never behind what was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from datahub.ingestion.graph.client import entity_type_to_graphql
from datahub.metadata.schema_classes import KEY_ASPECTS
from datahub.metadata.urns import Urn

from tests.contract import ingestion
from tests.contract.proposals import Proposal, Rejected
from tests.contract.store import Store

GRAPHQL_TYPES = {entity_type_to_graphql(name): name for name in KEY_ASPECTS}
SEARCH_FLAGS = ["skipHighlighting", "skipAggregates", "skipCache", "includeSoftDeleted", "includeDraft", "fulltext"]
NAME_ASPECTS = [
    "datasetProperties", "containerProperties", "domainProperties", "glossaryTermInfo", "glossaryNodeInfo",
    "tagProperties", "applicationProperties", "corpGroupInfo", "corpUserInfo", "ownershipTypeInfo",
    "dataHubIngestionSourceInfo", "propertyDefinition", "formInfo", "dataProductProperties", "roleProperties",
]  # fmt: skip


def fields(store: Store, urn: str) -> dict[str, list[str]]:
    """Returns the search fields of an entity and their values, all as text."""
    aspects = {name: stored.value for name, stored in store.entity(urn).items()}

    def part(aspect: str, name: str) -> Any:
        return aspects.get(aspect, {}).get(name)

    def each(aspect: str, name: str, key: str) -> list[Any]:
        return [item.get(key) for item in part(aspect, name) or []]

    custom = {
        key: value for content in aspects.values() for key, value in (content.get("customProperties") or {}).items()
    }
    names = [aspects[name].get(key) for name in NAME_ASPECTS if name in aspects for key in ("name", "displayName")]
    found: dict[str, list[Any]] = {
        "urn": [urn],
        "_entityType": [Urn.from_string(urn).entity_type],
        "removed": [str(part("status", "removed")).lower()] if "status" in aspects else [],
        "platform": [part("datasetKey", "platform") or part("dataPlatformInstance", "platform")],
        "platformInstance": [part("dataPlatformInstance", "instance")],
        "origin": [part("datasetKey", "origin")],
        "env": [custom.get("env")],
        "name": names or [part("datasetKey", "name")],
        "typeNames": part("subTypes", "typeNames") or [],
        "container": [part("container", "container")],
        "domains": part("domains", "domains") or [],
        "applications": part("applications", "applications") or [],
        "owners": each("ownership", "owners", "owner"),
        "tags": each("globalTags", "tags", "tag"),
        "glossaryTerms": each("glossaryTerms", "terms", "urn"),
        "browsePathV2": each("browsePathsV2", "path", "urn"),
        "customProperties": [f"{key}={value}" for key, value in custom.items()],
    }
    for assignment in part("structuredProperties", "properties") or []:
        name = assignment["propertyUrn"].removeprefix("urn:li:structuredProperty:")
        # Elasticsearch takes no dots in a field's name; both spellings reach the server's own search.
        for field in (f"structuredProperties.{name}", f"structuredProperties.{name.replace('.', '_')}"):
            found[field] = [next(iter(v.values())) if isinstance(v, dict) else v for v in assignment["values"]]
    return {name: [str(value) for value in values if value is not None] for name, values in found.items()}


def _holds(rule: dict[str, Any], entity: dict[str, list[str]]) -> bool:
    name = rule["field"].removesuffix(".keyword")
    if name not in entity and not name.startswith("structuredProperties."):
        raise Rejected(f"the stand-in does not know the search field {name}", 400)
    values, wanted = entity.get(name, []), [str(value) for value in rule.get("values") or []]
    tests: dict[str, Callable[[str, str], bool]] = {
        "EQUAL": lambda value, want: value == want,
        "IN": lambda value, want: value == want,
        "IEQUAL": lambda value, want: value.lower() == want.lower(),
        "CONTAIN": lambda value, want: want in value,
        "START_WITH": lambda value, want: value.startswith(want),
        "END_WITH": lambda value, want: value.endswith(want),
    }
    condition = rule.get("condition") or "EQUAL"
    if condition == "EXISTS":
        result = bool(values)
    elif condition in tests:
        result = any(tests[condition](value, want) for value in values for want in wanted)
    else:
        raise Rejected(f"the stand-in does not know the filter condition {condition}", 400)
    return result != bool(rule.get("negated"))


def search(store: Store, types: list[str] | None, query: str | None, any_of: list[dict[str, Any]] | None) -> list[str]:
    """Returns the urns that match, in order.

    Args:
        store: what is searched.
        types: entity types as DataHub's models name them; None for all.
        query: words that must all occur; None or `*` for everything.
        any_of: filters, each {"and": [rule, ...]}; one must hold.
    """
    if str(query).startswith("/q "):
        raise Rejected(f"the stand-in does not do queries by field: {query}", 400)
    words = [] if query in (None, "", "*") else [word.strip("*\"'").lower() for word in str(query).split()]
    hits = []
    with store.lock:
        for urn in store.urns():
            if types and Urn.from_string(urn).entity_type not in types:
                continue
            if words:
                content = {name: stored.value for name, stored in store.entity(urn).items()}
                text = (urn + json.dumps(content, ensure_ascii=False)).lower()
                if not all(word in text for word in words):
                    continue
            if any_of:
                entity = fields(store, urn)
                if not any(all(_holds(rule, entity) for rule in clause["and"]) for clause in any_of):
                    continue
            hits.append(urn)
    return hits


# -- GraphQL ------------------------------------------------------------------------------------------------------


def graphql(store: Store, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Answers a GraphQL request; arguments must come as variables, as DataHub's clients send them."""
    resolvers: dict[str, Callable[[Store, dict[str, Any]], Any]] = {
        "scrollAcrossEntities": _scroll,
        "searchAcrossEntities": _search_page,
        "__type": _input_type,
        "createIngestionSource": _write_ingestion_source,
        "updateIngestionSource": _write_ingestion_source,
        "listIngestionSources": _list_ingestion_sources,
    }
    field = _root_field(query)
    try:
        if field == "ingestionSource":
            return {"data": ingestion.answers(query, variables, store)}
        if field not in resolvers:
            raise Rejected(f"the stand-in does not know the GraphQL field {field!r}")
        return {"data": {field: resolvers[field](store, variables)}}
    except Rejected as problem:
        return {"data": None, "errors": [{"message": problem.message, "path": [field]}]}


def _root_field(query: str) -> str:
    # The selection starts at the first brace outside the parentheses of the operation's variables.
    depth = 0
    for index, char in enumerate(query):
        depth += (char == "(") - (char == ")")
        if char == "{" and depth == 0:
            found = re.match(r"\s*(?:\w+\s*:\s*)?(\w+)", query[index + 1 :])
            return found.group(1) if found else ""
    return ""


def _hits(store: Store, variables: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    given = {**variables, **(variables.get("input") or {})}
    types = given.get("types")
    unknown = [name for name in types or [] if name not in GRAPHQL_TYPES]
    if unknown:
        raise Rejected(f"unknown EntityType {', '.join(unknown)}")
    names = [GRAPHQL_TYPES[name] for name in types] if types else None
    return given, search(store, names, given.get("query"), given.get("orFilters"))


def _result(store: Store, urn: str) -> dict[str, Any]:
    entity: dict[str, Any] = {"urn": urn, "type": entity_type_to_graphql(Urn.from_string(urn).entity_type)}
    schema = store.get(urn, "schemaMetadata")
    if schema:
        entity["schemaMetadata"] = {"fields": schema["fields"]}
    return {"entity": entity, "matchedFields": [], "extraProperties": []}


def _scroll(store: Store, variables: dict[str, Any]) -> dict[str, Any]:
    given, hits = _hits(store, variables)
    start, size = int(given.get("scrollId") or 0), int(given.get("batchSize") or given.get("count") or 10)
    page = hits[start : start + size]
    return {
        "nextScrollId": str(start + size) if start + size < len(hits) else None,
        "count": len(page),
        "total": len(hits),
        "searchResults": [_result(store, urn) for urn in page],
    }


def _search_page(store: Store, variables: dict[str, Any]) -> dict[str, Any]:
    given, hits = _hits(store, variables)
    start, size = int(given.get("start") or 0), int(given.get("count") or 10)
    page = [_result(store, urn) for urn in hits[start : start + size]]
    return {"start": start, "count": len(page), "total": len(hits), "searchResults": page, "facets": []}


def _input_type(store: Store, variables: dict[str, Any]) -> dict[str, Any] | None:
    # How clients find out whether a server knows a search flag.
    if variables.get("name") != "SearchFlags":
        return None
    return {"inputFields": [{"name": name} for name in SEARCH_FLAGS]}


def _write_ingestion_source(store: Store, variables: dict[str, Any]) -> str:
    given = variables["input"]
    urn = variables.get("urn") or f"urn:li:dataHubIngestionSource:{given['name']}"
    config = dict(given["config"])
    extra = {entry["key"]: entry["value"] for entry in config.pop("extraArgs", None) or []}
    value = {"name": given["name"], "type": given["type"], "config": {**config, "extraArgs": extra}}
    if given.get("schedule"):
        value["schedule"] = given["schedule"]
    store.apply([Proposal(urn, "dataHubIngestionSource", "dataHubIngestionSourceInfo", value)])
    return str(urn)


def _list_ingestion_sources(store: Store, variables: dict[str, Any]) -> dict[str, Any]:
    given = variables.get("input") or {}
    filters = [{"and": given["filters"]}] if given.get("filters") else None
    hits = search(store, ["dataHubIngestionSource"], given.get("query"), filters)
    start, size = int(given.get("start") or 0), int(given.get("count") or 20)
    sources = [
        {"urn": urn, "executions": {"total": 0, "executionRequests": []}, **(info or {})}
        for urn in hits[start : start + size]
        for info in [store.get(urn, "dataHubIngestionSourceInfo")]
    ]
    return {"start": start, "count": len(sources), "total": len(hits), "ingestionSources": sources}
