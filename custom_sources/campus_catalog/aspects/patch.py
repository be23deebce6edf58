"""Patches that replace our entries of a list and leave everybody else's alone.

A DataHub server addresses the entries of a list by keys that come with the patch. With the attribution's source as the
first key, one operation stands for all entries of one source, as DataHub's own set-attribution transformer uses it.
"""

from __future__ import annotations

from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_patch_builder import UNIT_SEPARATOR, GenericJsonPatch, _Patch
from datahub.ingestion.api.common import PipelineContext
from datahub.metadata.schema_classes import ChangeTypeClass, MetadataChangeProposalClass, _Aspect
from datahub.utilities.urns.urn import guess_entity_type

from campus_catalog.aspects.common import ATTRIBUTION_SOURCE, aspect_json
from campus_catalog.aspects.lists import LISTS

_SOURCE = f"attribution{UNIT_SEPARATOR}source"


def is_patched(aspect: str) -> bool:
    """Whether a server's list is patched with our entries, instead of being written whole.

    Args:
        aspect: its name.

    Returns:
        False for an aspect that is no list, or whose entries carry no mark.
    """
    return aspect in LISTS and bool(LISTS[aspect].patch)


def replace_ours(urn: str, aspect: str, entries: list[dict[str, Any]]) -> MetadataChangeProposalClass:
    """A proposal after which exactly ``entries`` of ours stand in the list.

    Args:
        urn: the entity.
        aspect: one that is patched (``aspects.lists``).
        entries: our entries as JSON, each with our attribution; none to take ours away.

    Returns:
        The patch; it may be sent again without harm.
    """
    row = LISTS[aspect]
    field, keys = row.field, row.patch
    nested: dict[str, Any] = {}
    for entry in entries:
        level = nested
        for key in keys[:-1]:
            level = level.setdefault(entry.get(key) or "", {})
        level[entry.get(keys[-1]) or ""] = entry
    operation = _Patch("add" if entries else "remove", (field, ATTRIBUTION_SOURCE), nested)
    patch = GenericJsonPatch({field: [_SOURCE, *keys]}, [operation], force_generic_patch=True)
    return MetadataChangeProposalClass(
        entityType=guess_entity_type(urn),
        entityUrn=urn,
        changeType=ChangeTypeClass.PATCH,
        aspectName=aspect,
        aspect=patch.to_generic_aspect(),
    )


def wants_patches(ctx: PipelineContext) -> bool:
    """Whether a run writes to a server, where people may have added to our lists.

    Local sinks (files, DataHub Lite) take whole aspects only.

    Args:
        ctx: the run's.

    Returns:
        True also where the run does not say where it writes.
    """
    sink = ctx.pipeline_config.sink if ctx.pipeline_config else None
    return sink is None or sink.type in ("datahub-rest", "datahub-kafka")


def proposal(urn: str, aspect: _Aspect, patching: bool) -> MetadataChangeProposalWrapper | MetadataChangeProposalClass:
    """One aspect of ours as a proposal: an upsert, or where others write to the same list a patch.

    Args:
        urn: the entity.
        aspect: all of it that is ours.
        patching: whether others write to the same lists, as on a server.

    Returns:
        The proposal.
    """
    name = aspect.ASPECT_NAME
    if patching and is_patched(name):
        return replace_ours(urn, name, aspect_json(aspect)[LISTS[name].field])
    return MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect)
