"""What the stand-in accepts: change proposals, read from each form that clients send, and checked like a server does.

The checks come from the models bundled with acryl-datahub, which are generated from the server's own: a proposal must
name an entity type and an aspect that exist, the entity type must list the aspect, and the value must be that aspect,
with nothing missing, nothing unknown and no malformed urn in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.emitter.serialization_helper import post_json_transform, pre_json_transform
from datahub.metadata.schema_classes import ASPECT_NAME_MAP, KEY_ASPECTS, MetadataChangeEventClass
from datahub.metadata.urns import Urn
from datahub.utilities.urns.urn_iter import list_urns

CHANGE_TYPES = {"UPSERT", "CREATE", "CREATE_ENTITY", "UPDATE", "RESTATE", "PATCH", "DELETE"}


class Rejected(Exception):
    """A request the server refuses, with the HTTP status it answers."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass
class Proposal:
    """One proposed change of one aspect; `value` is in the form that goes over the wire.

    For a PATCH the value is the patch: a list of operations, or an envelope with `arrayPrimaryKeys` and `patch`.
    """

    urn: str
    entity_type: str
    aspect: str
    value: Any
    change: str = "UPSERT"
    system_metadata: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def is_timeseries(aspect: str) -> bool:
    """Whether every value of the aspect is kept, by time, instead of the latest one only."""
    return ASPECT_NAME_MAP[aspect].get_aspect_type() == "timeseries"


def wire_name(aspect: str) -> str:
    """The full name of the aspect's type, as the Rest.li API spells it."""
    return str(ASPECT_NAME_MAP[aspect].RECORD_SCHEMA.fullname).replace(".pegasus2avro", "")


def key_aspect(urn: str) -> tuple[str, dict[str, Any]]:
    """Returns the name and value of the key aspect, which a server writes for every entity."""
    key = Urn.from_string(urn).to_key_aspect()  # type: ignore[attr-defined]
    return key.get_aspect_name(), pre_json_transform(key.to_obj())


# -- the forms proposals come in ----------------------------------------------------------------------------------


def from_restli(body: Any) -> Proposal:
    """Reads a MetadataChangeProposal, the form of `/aspects?action=ingestProposal`."""
    if not isinstance(body, dict):
        raise Rejected("a proposal must be an object", 400)
    missing = [name for name in ("entityType", "entityUrn", "changeType", "aspectName") if not body.get(name)]
    if missing:
        raise Rejected(f"the proposal lacks {', '.join(missing)}", 400)
    aspect = body.get("aspect") or {}
    value: Any = None
    if body["changeType"] != "DELETE":
        try:
            value = json.loads(aspect["value"])
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected(f"the proposal's aspect is not JSON: {error}", 400) from None
    metadata = body.get("systemMetadata")
    return Proposal(
        urn=body["entityUrn"],
        entity_type=body["entityType"],
        aspect=body["aspectName"],
        value=value,
        change=body["changeType"],
        system_metadata=json.loads(metadata) if isinstance(metadata, str) else metadata,
        headers=body.get("headers") or {},
    )


def from_openapi(entity_type: str, body: Any, change: str = "UPSERT") -> list[Proposal]:
    """Reads the items of `/openapi/v3/entity/{type}`: a urn and, under its name, each aspect."""
    if not isinstance(body, list):
        raise Rejected("the body must be a list of entities", 400)
    proposals = []
    for item in body:
        if not isinstance(item, dict) or not item.get("urn"):
            raise Rejected("an entity must be an object with a urn", 400)
        for aspect, content in item.items():
            if aspect == "urn":
                continue
            if not isinstance(content, dict) or "value" not in content:
                raise Rejected(f"aspect {aspect} of {item['urn']} has no value", 400)
            proposals.append(
                Proposal(
                    urn=item["urn"],
                    entity_type=entity_type,
                    aspect=aspect,
                    value=content["value"],
                    change=change,
                    system_metadata=content.get("systemMetadata"),
                    headers=content.get("headers") or {},
                )
            )
    return proposals


def from_snapshot(body: Any) -> list[Proposal]:
    """Reads a MetadataChangeEvent, the form of `/entities?action=ingest`."""
    try:
        event = MetadataChangeEventClass.from_obj(
            post_json_transform({"proposedSnapshot": body["entity"]["value"]}), tuples=False
        )
        proposals = list(mcps_from_mce(event))
    except Exception as error:  # whatever the generated models stumble over, the body is at fault
        raise Rejected(f"not a snapshot: {error}", 400) from None
    return [
        Proposal(
            urn=str(proposal.entityUrn),
            entity_type=str(proposal.entityType),
            aspect=str(proposal.aspectName),
            value=pre_json_transform(proposal.aspect.to_obj()) if proposal.aspect else None,
            system_metadata=body.get("systemMetadata"),
        )
        for proposal in proposals
    ]


# -- the checks ---------------------------------------------------------------------------------------------------


def check_target(proposal: Proposal) -> None:
    """Checks what a proposal is about.

    Raises:
        Rejected: the change, the entity type, the urn or the aspect does not exist, or the two do not go together.
    """
    if proposal.change not in CHANGE_TYPES:
        raise Rejected(f"Unknown change type {proposal.change}", 400)
    key = KEY_ASPECTS.get(proposal.entity_type)
    if key is None:
        raise Rejected(f"Failed to find entity with name {proposal.entity_type} in EntityRegistry")
    try:
        urn = Urn.from_string(proposal.urn)
    except Exception as error:
        raise Rejected(f"Invalid urn {proposal.urn!r}: {error}") from None
    if any(name.lower().startswith("if-") for name in proposal.headers):
        raise Rejected("the stand-in does not do conditional writes")
    if urn.entity_type != proposal.entity_type:
        raise Rejected(f"Urn {proposal.urn} is not of entity type {proposal.entity_type}")
    if proposal.aspect not in ASPECT_NAME_MAP:
        raise Rejected(f"Unknown aspect {proposal.aspect} for entity {proposal.entity_type}")
    if proposal.aspect != key.get_aspect_name() and proposal.aspect not in key.ASPECT_INFO["entityAspects"]:
        raise Rejected(f"Unknown aspect {proposal.aspect} for entity {proposal.entity_type} (it belongs to others)")


def check_value(aspect: str, value: Any) -> None:
    """Checks that a value is the aspect it claims to be.

    Raises:
        Rejected: it is not; the message says what is wrong.
    """
    where = f"Invalid value for aspect {aspect}"
    if not isinstance(value, dict):
        raise Rejected(f"{where}: not an object")
    try:
        parsed = ASPECT_NAME_MAP[aspect].from_obj(post_json_transform(value), tuples=False)
    except Exception as error:  # the generated classes raise whatever they run into
        raise Rejected(f"{where}: {error}") from None
    if not parsed.validate():
        raise Rejected(f"{where}: a field is missing or of the wrong type")
    # The generated classes drop what they do not know; a server refuses it.
    unknown = _unknown(value, pre_json_transform(parsed.to_obj()), "")
    if unknown:
        raise Rejected(f"{where}: {unknown} :: unrecognized field found but not allowed")
    for urn in list_urns(parsed):
        try:
            Urn.from_string(urn)
        except Exception as error:
            raise Rejected(f"{where}: {urn!r} is not a urn ({error})") from None


def _unknown(given: Any, understood: Any, path: str) -> str:
    """Returns the path of the first field that was given but not understood, or nothing."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for name, value in given.items():
            if value is None:
                continue
            if name not in understood:
                return f"{path}/{name}"
            found = _unknown(value, understood[name], f"{path}/{name}")
            if found:
                return found
    elif isinstance(given, list) and isinstance(understood, list):
        for index, (left, right) in enumerate(zip(given, understood, strict=False)):
            found = _unknown(left, right, f"{path}/{index}")
            if found:
                return found
    return ""
