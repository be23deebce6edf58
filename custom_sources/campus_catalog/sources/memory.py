"""What earlier runs have left of what is refused now, and what this run remembers for the next one."""

from __future__ import annotations

import base64
import bz2
import json
from collections.abc import Callable, Collection
from typing import Any

from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.api.ingestion_job_checkpointing_provider_base import IngestionCheckpointingProviderBase
from datahub.ingestion.source.state.stateful_ingestion_base import StateProviderWrapper

_COMPRESSED = "base85-bz2-json"


def forget_in_state(ctx: PipelineContext, refused: Collection[str]) -> None:
    """Make the state of this run forget what was refused: it was made before the gate.

    Args:
        ctx: the run's.
        refused: urns; looked at when the state is kept.
    """
    for provider in ctx.checkpointers.values():
        if isinstance(provider, IngestionCheckpointingProviderBase):
            provider.commit = _forgetting(provider, refused)  # type: ignore[method-assign]


def _forgetting(provider: IngestionCheckpointingProviderBase, refused: Collection[str]) -> Callable[[], None]:
    commit = provider.commit

    def forgetting() -> None:
        for checkpoint in provider.state_to_commit.values() if refused else ():
            state = checkpoint.state
            if state.payload is None:
                continue
            packed = state.serde == _COMPRESSED
            text = bz2.decompress(base64.b85decode(state.payload)) if packed else state.payload
            kept = json.dumps(_without(json.loads(text), refused)).encode()
            state.payload = base64.b85encode(bz2.compress(kept)) if packed else kept
        commit()

    return forgetting


def _without(value: Any, refused: Collection[str]) -> Any:
    """A state without the urns, as entries of lists and as keys."""
    if isinstance(value, list):
        return [_without(part, refused) for part in value if not (isinstance(part, str) and part in refused)]
    if isinstance(value, dict):
        return {key: _without(part, refused) for key, part in value.items() if key not in refused}
    return value


def left_behind(ctx: PipelineContext, provider: StateProviderWrapper | None, refused: Collection[str]) -> list[str]:
    """What earlier runs wrote of what is refused now.

    Args:
        ctx: the run's; where it knows a server, that is asked.
        provider: what the stock source remembers, otherwise.
        refused: urns.

    Returns:
        Those that are in the catalog, in order; of the others not even the name may be written.
    """
    if ctx.graph is not None:
        return [urn for urn in sorted(refused) if _is_on(ctx.graph, urn)]
    checkpoints = provider.last_checkpoints.values() if provider is not None else ()
    before: set[str] = set()
    for checkpoint in checkpoints:
        before.update(getattr(getattr(checkpoint, "state", None), "urns", ()))
    return sorted(before & set(refused))


def _is_on(graph: Any, urn: str) -> bool:
    """Whether a server has an entity; of one it does not know it answers with the key."""
    aspects = graph.get_entity_raw(urn).get("aspects") or {}
    removed = ((aspects.get("status") or {}).get("value") or {}).get("removed")
    return not removed and any(not name.endswith("Key") for name in aspects)
