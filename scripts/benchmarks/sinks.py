"""What DataHub's sinks write to in the benchmarks: the tests' stand-in for a server, and their Kafka broker."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SINGLE, BATCHES, KAFKA = "single", "batches", "kafka"
CASES = (SINGLE, BATCHES, KAFKA)


@contextmanager
def listening(case: str) -> Iterator[tuple[dict[str, str], Callable[[], int]]]:
    """A fresh server or broker for a case.

    Yields:
        the environment that names the sink to ``case.py``, and what counts the records that arrived.
    """
    if case == KAFKA:
        from tests.support.kafka import PROPOSALS, Broker, Registry

        with Broker() as broker, Registry() as registry:
            connection = {"bootstrap": broker.bootstrap, "schema_registry_url": registry.url}
            sink = {"type": "datahub-kafka", "config": {"connection": connection}}
            yield _environment(sink), lambda: broker.count(PROPOSALS)
        return
    from tests.contract.standin import Standin

    with Standin() as gms:
        # single writes need OpenAPI for Chinese urns, batches go the way docs/howto/scale.md recommends
        mode = {"mode": "SYNC", "endpoint": "OPENAPI"} if case == SINGLE else {"mode": "ASYNC_BATCH"}
        yield _environment({"type": "datahub-rest", "config": {"server": gms.url, **mode}}), lambda: len(gms.writes())


def _environment(sink: dict[str, Any]) -> dict[str, str]:
    return {"BENCH_SINK": json.dumps(sink)}
