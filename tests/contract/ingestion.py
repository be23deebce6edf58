"""GraphQL about ingestion sources and their runs, answered from the stored aspects.

The fields are those of DataHub's schema (ingestion.graphql); asking for another one is an error, as on a server.
Several sources may be asked for in one request, each under an alias.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.contract.proposals import Rejected
from tests.contract.store import Store

SOURCE, REQUEST = "dataHubIngestionSourceInfo", "dataHubExecutionRequest"
#: type -> its fields -> the type of those that have fields themselves
SCHEMA: dict[str, dict[str, str | None]] = {
    "Query": {"ingestionSource": "IngestionSource"},
    "IngestionSource": {
        "urn": None, "type": None, "name": None, "schedule": "IngestionSchedule", "config": "IngestionConfig",
        "executions": "IngestionSourceExecutionRequests",
    },
    "IngestionSchedule": {"timezone": None, "interval": None},
    "IngestionConfig": {"recipe": None, "executorId": None, "version": None, "debugMode": None},
    "IngestionSourceExecutionRequests": {
        "start": None, "count": None, "total": None, "executionRequests": "ExecutionRequest",
    },
    "ExecutionRequest": {"urn": None, "id": None, "input": "ExecutionRequestInput", "result": "ExecutionRequestResult"},
    "ExecutionRequestInput": {
        "task": None, "source": "ExecutionRequestSource", "requestedAt": None, "executorId": None, "actorUrn": None,
    },
    "ExecutionRequestSource": {"type": None, "ingestionSource": None},
    "ExecutionRequestResult": {"status": None, "startTimeMs": None, "durationMs": None, "report": None},
}  # fmt: skip
_TOKEN = re.compile(r"[{}():,!]|\$?\w+")


@dataclass
class Selection:
    """One field of a query, under the name it is answered by."""

    name: str
    answered: str
    arguments: dict[str, Any] = field(default_factory=dict)
    fields: list[Selection] = field(default_factory=list)


def answers(query: str, variables: dict[str, Any], store: Store) -> dict[str, Any]:
    """Answers a query for one or several `ingestionSource`. Raises Rejected as a server refuses it."""
    tokens, depth = _TOKEN.findall(query), 0
    while (token := tokens.pop(0)) != "{" or depth:  # the operation's variables stand in parentheses
        depth += (token == "(") - (token == ")")
    data = {}
    for selection in _selections(tokens, variables):
        _check(selection, "Query")
        data[selection.answered] = _source(selection, store)
    return data


def _selections(tokens: list[str], variables: dict[str, Any]) -> list[Selection]:
    """Takes the tokens up to the brace that closes the selection."""
    found: list[Selection] = []
    while (name := tokens.pop(0)) != "}":
        answered = name
        if tokens[0] == ":":
            tokens.pop(0)
            name = tokens.pop(0)
        selection = Selection(name, answered)
        if tokens[0] == "(":
            tokens.pop(0)
            while (argument := tokens.pop(0)) != ")":
                if argument != ",":
                    tokens.pop(0)  # the colon
                    value = tokens.pop(0)
                    selection.arguments[argument] = variables[value[1:]] if value.startswith("$") else int(value)
        if tokens[0] == "{":
            tokens.pop(0)
            selection.fields = _selections(tokens, variables)
        found.append(selection)
    return found


def _check(selection: Selection, type_: str) -> None:
    if selection.name not in SCHEMA[type_]:
        raise Rejected(f"Validation error (FieldUndefined): Field '{selection.name}' in type '{type_}' is undefined")
    inner = SCHEMA[type_][selection.name]
    if (inner is None) == bool(selection.fields):
        raise Rejected(f"Validation error (SubselectionRequired): {selection.name} of {type_}")
    for one in selection.fields:
        _check(one, str(inner))


def _pick(value: Any, selections: list[Selection]) -> Any:
    if isinstance(value, list):
        return [_pick(item, selections) for item in value]
    if value is None or not selections:
        return value
    return {one.answered: _pick(value.get(one.name), one.fields) for one in selections}


def _source(selection: Selection, store: Store) -> Any:
    urn = selection.arguments["urn"]
    info = store.get(urn, SOURCE)
    if info is None:
        raise Rejected(f"Failed to retrieve ingestion source {urn}")
    value: dict[str, Any] = {"urn": urn, **info}
    for one in selection.fields:
        if one.name == "executions":
            value["executions"] = _executions(store, urn, **one.arguments)
    return _pick(value, selection.fields)


def _executions(store: Store, source: str, start: int = 0, count: int = 10) -> dict[str, Any]:
    """The runs of a source, the one asked for last first. One without input is of no source."""
    runs: list[dict[str, Any]] = []
    for urn in store.urns(REQUEST):
        given = store.get(urn, f"{REQUEST}Input")
        if given and given["source"].get("ingestionSource") == source:
            result = store.get(urn, f"{REQUEST}Result")
            runs.append({"urn": urn, "id": urn.rpartition(":")[2], "input": given, "result": result})
    runs.sort(key=lambda run: -int(run["input"]["requestedAt"]))
    page = runs[start : start + count]
    return {"start": start, "count": len(page), "total": len(runs), "executionRequests": page}
