"""The stand-in's endpoints: which request is answered with what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from datahub.metadata.schema_classes import ASPECT_NAME_MAP, KEY_ASPECTS
from datahub.metadata.urns import Urn

from tests.contract import search
from tests.contract.proposals import Rejected, from_openapi, from_restli, from_snapshot, is_timeseries, key_aspect
from tests.contract.proposals import wire_name as wire
from tests.contract.store import Store, Stored

if TYPE_CHECKING:
    from tests.contract.standin import Request, Standin

Answer = tuple[int, Any]


def answer(standin: Standin, request: Request) -> Answer:
    """Returns status and body; a 404 without a body means that the endpoint is not known."""
    for method, action, path, handler in ROUTES:
        found = re.fullmatch(path, request.path.rstrip("/"))
        if found and request.method in method and action == request.action:
            return handler(standin, request, *found.groups())
    return 404, None


# -- Rest.li: writing ---------------------------------------------------------------------------------------------


def _with_urn(proposal: Any) -> Any:
    """A proposal may name its entity by the key aspect, as those of the executor do."""
    if not isinstance(proposal, dict) or not proposal.get("entityKeyAspect"):
        return proposal
    key = json.loads(proposal["entityKeyAspect"]["value"])
    fields = list(KEY_ASPECTS[proposal["entityType"]].RECORD_SCHEMA.fields_dict)
    parts = [str(key[name]) for name in fields]
    inner = parts[0] if len(parts) == 1 else f"({','.join(parts)})"
    return {**proposal, "entityUrn": f"urn:li:{proposal['entityType']}:{inner}"}


def _ingest_proposal(standin: Standin, request: Request) -> Answer:
    proposal = from_restli(_with_urn(request.body.get("proposal")))
    standin.store.apply([proposal])
    return 200, {"value": proposal.urn}


def _ingest_proposals(standin: Standin, request: Request) -> Answer:
    proposals = [from_restli(body) for body in request.body.get("proposals") or []]
    standin.store.apply(proposals)
    return 200, {"value": "success"}


def _ingest_snapshot(standin: Standin, request: Request) -> Answer:
    standin.store.apply(from_snapshot(request.body))
    return 200, {}


def _delete(standin: Standin, request: Request) -> Answer:
    rows, series = standin.store.delete(request.body["urn"], request.body.get("aspectName"))
    return 200, {"value": {"urn": request.body["urn"], "rows": rows, "timeseriesRows": series}}


# -- Rest.li: reading ---------------------------------------------------------------------------------------------


def _config(standin: Standin, request: Request) -> Answer:
    return 200, standin.config()


def _health(standin: Standin, request: Request) -> Answer:
    return 200, {"status": "UP"}


def _aspect(standin: Standin, request: Request, urn: str) -> Answer:
    name = request.arg("aspect")
    if name not in ASPECT_NAME_MAP:
        raise Rejected(f"Unknown aspect {name}", 400)
    value = standin.store.get(urn, name)
    if value is None:
        raise Rejected(f"Did not find urn: {urn} aspect: {name} version: {request.arg('version', '0')}", 404)
    return 200, {"version": 0, "aspect": {wire(name): value}}


def _entity_v2(standin: Standin, request: Request, urn: str) -> Answer:
    names = request.arg("aspects").removeprefix("List(").removesuffix(")")
    found = standin.store.entity(urn, names.split(",") if names else None)
    # A server answers for what does not exist, too: with the key that the urn implies.
    key_name, key = key_aspect(urn)
    found.setdefault(key_name, Stored(key))
    aspects = {
        name: {
            "name": name,
            "type": "VERSIONED",
            "version": 0,
            "value": stored.value,
            "created": {"actor": "urn:li:corpuser:__datahub_system", "time": 0},
            **({"systemMetadata": stored.system_metadata} if stored.system_metadata else {}),
        }
        for name, stored in found.items()
    }
    return 200, {"urn": urn, "entityName": Urn.from_string(urn).entity_type, "aspects": aspects}


def _timeseries(standin: Standin, request: Request) -> Answer:
    body = request.body
    values = []
    for value in standin.store.series(body["urn"], body["aspect"]):
        at = int(value.get("timestampMillis", 0))
        if not (body.get("startTimeMillis") or 0) <= at <= (body.get("endTimeMillis") or at):
            continue
        clauses = (body.get("filter") or {}).get("or") or [{"and": []}]
        if any(all(str(value.get(rule["field"])) in rule["values"] for rule in clause["and"]) for clause in clauses):
            content = json.dumps(value, ensure_ascii=False)
            values.append({"aspect": {"value": content, "contentType": "application/json"}})
    limit = 1 if body.get("latestValue") else int(body.get("limit") or 10_000)
    return 200, {"value": {"aspectName": body["aspect"], "entityName": body["entity"], "values": values[:limit]}}


def _count(standin: Standin, request: Request) -> Answer:
    like = re.escape(request.body.get("urnLike") or "%").replace("%", ".*")
    holders = [
        urn
        for urn in standin.store.urns()
        if request.body["aspect"] in standin.store.entity(urn) and re.fullmatch(like, urn)
    ]
    return 200, {"value": len(holders)}


def _search(standin: Standin, request: Request) -> Answer:
    body = request.body
    hits = search.search(standin.store, [body["entity"]], body.get("input"), (body.get("filter") or {}).get("or"))
    start, count = int(body.get("start") or 0), int(body.get("count") or 10)
    page = hits[start : start + count]
    return 200, {
        "value": {"numEntities": len(hits), "from": start, "pageSize": count, "entities": [{"entity": u} for u in page]}
    }


def _list_urns(standin: Standin, request: Request) -> Answer:
    body = request.body
    urns = standin.store.urns(body["entity"])
    page = urns[body["start"] : body["start"] + body["count"]]
    return 200, {"value": {"entities": page, "start": body["start"], "count": len(page), "total": len(urns)}}


# -- GraphQL ------------------------------------------------------------------------------------------------------


def _graphql(standin: Standin, request: Request) -> Answer:
    return 200, search.graphql(standin.store, request.body["query"], request.body.get("variables") or {})


# -- OpenAPI v3 ---------------------------------------------------------------------------------------------------


def _v3_write(standin: Standin, request: Request, entity_type: str) -> Answer:
    change = {"PATCH": "PATCH"}.get(request.method, "UPSERT")
    # `generic` takes entities of several types, keyed by type.
    groups = request.body if entity_type == "generic" else {entity_type: request.body}
    if not isinstance(groups, dict):
        raise Rejected("the body must be an object of lists", 400)
    proposals = [proposal for name, items in groups.items() for proposal in from_openapi(name, items, change)]
    for proposal in proposals:
        if {proposal.entity_type, proposal.aspect} & standin.lacking:
            raise Rejected(f"Unknown aspect {proposal.aspect} for entity {proposal.entity_type}")
    standin.store.apply(proposals)
    written: dict[str, dict[str, Any]] = {}
    for proposal in proposals:
        value = proposal.value
        if not is_timeseries(proposal.aspect):
            value = standin.store.get(proposal.urn, proposal.aspect)
        written.setdefault(proposal.urn, {"urn": proposal.urn})[proposal.aspect] = {"value": value}
    return (202 if request.arg("async", "true") == "true" else 200), list(written.values())


def _v3_entity(store: Store, urn: str, names: list[str] | None, metadata: bool) -> dict[str, Any]:
    entity: dict[str, Any] = {"urn": urn}
    for name, stored in store.entity(urn, names).items():
        entity[name] = {"value": stored.value}
        if metadata:
            entity[name]["systemMetadata"] = stored.system_metadata
    return entity


def _v3_get(standin: Standin, request: Request, entity_type: str, urn: str) -> Answer:
    if not standin.store.entity(urn):
        raise Rejected(f"{urn} does not exist", 404)
    names = [name for given in request.query.get("aspects", []) for name in given.split(",")]
    return 200, _v3_entity(standin.store, urn, names or None, request.arg("systemMetadata") == "true")


def _v3_batch_get(standin: Standin, request: Request, entity_type: str) -> Answer:
    metadata = request.arg("systemMetadata") == "true"
    found = []
    for item in request.body:
        names = [name for name in item if name != "urn"]
        if standin.store.entity(item["urn"]):
            found.append(_v3_entity(standin.store, item["urn"], names or None, metadata))
    return 200, found


def _v3_scroll(standin: Standin, request: Request) -> Answer:
    body = request.body or {}
    # In this API the clauses of a filter are called `and` and hold `criteria`; the client puts its alternatives there.
    clauses = [{"and": clause["criteria"]} for clause in (body.get("filter") or {}).get("and") or []]
    if request.arg("includeSoftDelete") != "true":
        live = {"field": "removed", "values": ["true"], "negated": True}
        clauses = [{"and": [*clause["and"], live]} for clause in clauses or [{"and": []}]]
    hits = search.search(standin.store, body.get("entities"), request.arg("query", "*"), clauses or None)
    start, count = int(request.arg("scrollId", "0")), int(request.arg("count", "10"))
    metadata = request.arg("systemMetadata") == "true"
    page = [
        _v3_entity(standin.store, urn, body["aspects"] or None, metadata) if "aspects" in body else {"urn": urn}
        for urn in hits[start : start + count]
    ]
    more = str(start + count) if start + count < len(hits) else None
    return 200, {"scrollId": more, "entities": page, "totalCount": len(hits)}


def _v3_list(standin: Standin, request: Request, entity_type: str) -> Answer:
    # Clients are free with the case of the type here (`platformresource`).
    names = [name for name in KEY_ASPECTS if name.lower() == entity_type.lower()]
    if not names:
        raise Rejected(f"Failed to find entity with name {entity_type} in EntityRegistry", 404)
    urns = standin.store.urns(names[0])
    query = request.arg("query", "*")
    if urns and re.search(r"\w:", query):
        raise Rejected(f"the stand-in does not do queries by field: {query}", 400)
    if urns:
        live = [{"and": [{"field": "removed", "values": ["true"], "negated": True}]}]
        urns = search.search(standin.store, names, query, None if request.arg("includeSoftDelete") == "true" else live)
    start, count = int(request.arg("scrollId", "0")), int(request.arg("count", "10"))
    aspects = [name for given in request.query.get("aspects", []) for name in given.split(",")]
    metadata = request.arg("systemMetadata") == "true"
    page = [_v3_entity(standin.store, urn, aspects or None, metadata) for urn in urns[start : start + count]]
    return 200, {"scrollId": str(start + count) if start + count < len(urns) else None, "entities": page}


def _v3_delete(standin: Standin, request: Request, entity_type: str, urn: str, aspect: str | None = None) -> Answer:
    if aspect is not None and aspect not in ASPECT_NAME_MAP:
        urn, aspect = f"{urn}/{aspect}", None  # the slash was the urn's own
    names = [name for given in request.query.get("aspects", []) for name in given.split(",")]
    for name in [aspect] if aspect else names:
        standin.store.delete(urn, name)
    if not aspect and not names:
        standin.store.delete(urn)
    return 200, {}


def _specifications(standin: Standin, request: Request) -> Answer:
    if "specifications" in standin.lacking:
        raise Rejected("No endpoint GET /openapi/v1/registry/models/entity/specifications", 404)
    elements = [
        {
            "name": name,
            "keyAspectName": key.get_aspect_name(),
            "aspectSpecs": [
                {"aspectAnnotation": {"name": aspect}}
                for aspect in key.ASPECT_INFO["entityAspects"]
                if aspect not in standin.lacking
            ],
        }
        for name, key in sorted(KEY_ASPECTS.items())
        if name not in standin.lacking
    ]
    start, count = int(request.arg("start", "0")), int(request.arg("count", "20"))
    page = elements[start : start + count]
    return 200, {"start": start, "count": len(page), "total": len(elements), "elements": page}


def _trace_status(standin: Standin, request: Request, trace: str) -> Answer:
    done = {"success": True, "primaryStorage": {"writeStatus": "ACTIVE_STATE"}}
    done["searchStorage"] = done["primaryStorage"]
    return 200, {urn: dict.fromkeys(aspects, done) for urn, aspects in (request.body or {}).items()}


Handler = Callable[..., Answer]
URN = r"(urn:li:.+?)"
# Method, Rest.li action, path, handler; the first that fits answers.
ROUTES: list[tuple[tuple[str, ...], str, str, Handler]] = [
    (("GET",), "", "/config", _config),
    (("GET", "HEAD"), "", "/health", _health),
    (("POST",), "ingestProposal", "/aspects", _ingest_proposal),
    (("POST",), "ingestProposalBatch", "/aspects", _ingest_proposals),
    (("POST",), "getTimeseriesAspectValues", "/aspects", _timeseries),
    (("POST",), "getCount", "/aspects", _count),
    (("POST",), "ingest", "/entities", _ingest_snapshot),
    (("POST",), "search", "/entities", _search),
    (("POST",), "listUrns", "/entities", _list_urns),
    (("POST",), "delete", "/entities", _delete),
    (("GET",), "", f"/aspects/{URN}", _aspect),
    (("GET",), "", f"/entitiesV2/{URN}", _entity_v2),
    (("POST",), "", "/api/graphql", _graphql),
    (("POST",), "", "/openapi/v3/entity/scroll", _v3_scroll),
    (("POST",), "", r"/openapi/v3/entity/(\w+)/batchGet", _v3_batch_get),
    (("POST", "PATCH"), "", r"/openapi/v3/entity/(\w+)", _v3_write),
    (("DELETE",), "", rf"/openapi/v3/entity/(\w+)/{URN}/([a-z]\w+)", _v3_delete),
    (("DELETE",), "", rf"/openapi/v3/entity/(\w+)/{URN}", _v3_delete),
    (("GET", "HEAD"), "", rf"/openapi/v3/entity/(\w+)/{URN}", _v3_get),
    (("GET",), "", r"/openapi/v3/entity/(\w+)", _v3_list),
    (("GET",), "", "/openapi/v1/registry/models/entity/specifications", _specifications),
    (("POST",), "", r"/openapi/v1/trace/write/(\w+)", _trace_status),
]
