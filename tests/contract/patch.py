"""PATCH proposals: RFC 6902's add, remove and replace, over arrays that are addressed by key instead of by index.

A server turns each keyed array into nested objects (owners -> owner -> type -> ... -> the entry), applies the patch and
turns it back. The keys come with the patch (`arrayPrimaryKeys`, which acryl-datahub 1.7 sends for owners, terms, tags,
structured properties, domains and documentation) or from the server's template for the aspect. Missing parents are made
and removing what is not there does nothing, so a patch can be sent twice.

Not done: move, copy and test; templates with keyed arrays inside keyed arrays (editableSchemaMetadata, the lineage
aspects of jobs, charts and dashboards). These are refused rather than guessed at.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.contract.proposals import Rejected

SEPARATOR = "\u241f"  # between the parts of a key field that lies deeper: attribution␟source

# The server's templates for patches without keys of their own; [] means an array of strings.
TEMPLATES: dict[str, dict[str, list[str]]] = {
    "dataProductProperties": {"assets": ["destinationUrn"]},
    "datasetProperties": {},
    "domains": {"domains": []},
    "editableContainerProperties": {},
    "editableDatasetProperties": {},
    "formInfo": {"prompts": ["id"]},
    "globalTags": {"tags": ["tag"]},
    "glossaryTerms": {"terms": ["urn"]},
    "ownership": {"owners": ["owner", "type"]},
    "siblings": {"siblings": []},
    "status": {},
    "structuredProperties": {"properties": ["propertyUrn"]},
    "upstreamLineage": {"upstreams": ["dataset"]},
}

# Required fields that a server fills in when a patch makes the aspect.
UNKNOWN_STAMP = {"time": 0, "actor": "urn:li:corpuser:unknown"}
DEFAULTS: dict[str, dict[str, Any]] = {
    "domains": {"domains": []},
    "glossaryTerms": {"auditStamp": UNKNOWN_STAMP},
    "ownership": {"lastModified": UNKNOWN_STAMP},
    "status": {"removed": False},
}


def apply_patch(aspect: str, current: dict[str, Any] | None, patch: Any) -> dict[str, Any]:
    """Returns an aspect's value after a patch; the current value is left as it is.

    Args:
        aspect: the aspect's name.
        current: its value, None if the entity has none yet.
        patch: a list of operations, or an envelope {"arrayPrimaryKeys": ..., "patch": [...]}.

    Raises:
        Rejected: the patch is malformed, or of a kind not done here.
    """
    if isinstance(patch, dict):
        operations, keys = patch.get("patch"), patch.get("arrayPrimaryKeys")
    else:
        operations, keys = patch, None
    if not keys:
        if aspect not in TEMPLATES:
            raise Rejected(f"PATCH of {aspect} is not supported without arrayPrimaryKeys")
        keys = TEMPLATES[aspect]
    if not isinstance(operations, list):
        raise Rejected("a patch must be a list of operations", 400)

    document = copy.deepcopy(current) if current else {}
    for name, fields in keys.items():
        document[name] = _to_tree(document.get(name) or [], fields)
    for operation in operations:
        _apply(document, operation)
    for name, fields in keys.items():
        tree = document.get(name)
        if isinstance(tree, list):  # a whole array was set
            continue
        document[name] = _to_list(tree, fields) if tree else []
    for name, value in DEFAULTS.get(aspect, {}).items():
        document.setdefault(name, copy.deepcopy(value))
    return document


def _key(entry: dict[str, Any], field: str) -> str:
    value: Any = entry
    for part in field.split(SEPARATOR):
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def _to_tree(entries: list[Any], fields: list[str]) -> dict[str, Any]:
    if not fields:
        return {str(entry): entry for entry in entries}
    tree: dict[str, Any] = {}
    for entry in entries:
        node = tree
        for field in fields:
            node = node.setdefault(_key(entry, field), {})
        node.update(entry)  # two entries with the same keys become one, as on a server
    return tree


def _to_list(tree: Any, fields: list[str], path: tuple[tuple[str, str], ...] = ()) -> list[Any]:
    if path and len(path) == len(fields):
        if isinstance(tree, dict):
            for field, key in path:  # a key that stood in the path only
                if key and SEPARATOR not in field:
                    tree.setdefault(field, key)
        return [tree] if tree else []
    if not fields:
        return list(tree.values())
    field = fields[len(path)]
    return [entry for key, node in tree.items() for entry in _to_list(node, fields, (*path, (field, key)))]


def _apply(document: dict[str, Any], operation: Any) -> None:
    try:
        kind, path = operation["op"], operation["path"]
    except (TypeError, KeyError):
        raise Rejected("a patch operation needs op and path", 400) from None
    if kind not in ("add", "remove", "replace"):
        raise Rejected(f"Unsupported PATCH operation: `{kind}`")
    if not path.startswith("/"):
        raise Rejected(f"a patch path must start with a slash: {path}", 400)
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    node: Any = document
    for part in parents:
        if kind == "remove" and isinstance(node, dict) and part not in node:
            return
        node = node.setdefault(part, {}) if isinstance(node, dict) else _item(node, part, path)
    if isinstance(node, list):
        _apply_to_list(node, kind, last, operation.get("value"), path)
    elif not isinstance(node, dict):
        raise Rejected(f"the patch path {path} leads into a value")
    elif kind == "remove":
        node.pop(last, None)
    else:
        node[last] = operation.get("value")


def _apply_to_list(node: list[Any], kind: str, last: str, value: Any, path: str) -> None:
    if kind == "add" and last == "-":
        node.append(value)
        return
    _item(node, last, path)
    if kind == "remove":
        del node[int(last)]
    elif kind == "replace":
        node[int(last)] = value
    else:
        node.insert(int(last), value)


def _item(node: Any, part: str, path: str) -> Any:
    if not isinstance(node, list) or not part.isdigit() or int(part) >= len(node):
        raise Rejected(f"the patch path {path} leads nowhere")
    return node[int(part)]
