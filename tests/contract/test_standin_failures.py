"""The stand-in fails on demand, and DataHub's own clients take it as they take a server's failures."""

from __future__ import annotations

import pytest
from datahub.configuration.common import ConfigurationError, OperationalError
from datahub.emitter.rest_emitter import DatahubRestEmitter

from tests.contract.clients import COURSE, emitter, graph, properties
from tests.contract.standin import Standin


@pytest.mark.parametrize("kind", [429, 500, "drop", "timeout"])
def test_a_client_gets_over_one_failure(gms: Standin, kind: int | str) -> None:
    gms.timeout_seconds = 0.5
    gms.fail_next(1, kind)
    emitter(gms, retry_max_times=1, timeout_sec=0.2).emit(properties())
    assert len(gms.writes()) == 1 and gms.failures.happened == [str(kind)]


@pytest.mark.parametrize("kind", [429, 500, 401, "drop", "timeout"])
def test_a_client_without_retries_fails(gms: Standin, kind: int | str) -> None:
    gms.timeout_seconds = 0.5
    client = emitter(gms, timeout_sec=0.2, retry_status_codes=[])
    gms.fail_next(1, kind)
    with pytest.raises(OperationalError) as caught:
        client.emit(properties())
    assert caught.value.info.get("status") == (kind if isinstance(kind, int) else None)
    client.emit(properties())
    assert len(gms.writes()) == 1


def test_a_write_may_arrive_though_the_answer_is_lost(gms: Standin) -> None:
    gms.fail_next(1, "lost")
    with pytest.raises(OperationalError):
        emitter(gms).emit(properties())
    assert len(gms.writes()) == 1
    gms.fail_next(1, "lost")
    emitter(gms, retry_max_times=1).emit(properties())
    assert len(gms.writes()) == 3  # the retry wrote it again


def test_a_failure_may_be_meant_for_one_endpoint(gms: Standin) -> None:
    gms.fail_next(1, 500, path="graphql")
    client = graph(gms)
    client.emit(properties())
    with pytest.raises(Exception, match="500"):
        list(client.get_urns_by_filter())
    assert list(client.get_urns_by_filter()) == [COURSE]


def test_a_failure_rate_is_repeatable(gms: Standin) -> None:
    def outcomes() -> list[bool]:
        gms.fail_rate(0.5, [500], seed=7)
        client, results = emitter(gms, retry_status_codes=[]), []
        for _ in range(20):
            try:
                client.emit(properties())
                results.append(True)
            except OperationalError:
                results.append(False)
        return results

    first = outcomes()
    assert outcomes() == first and 0 < sum(first) < 20
    gms.fail_rate(0, [])
    emitter(gms).emit(properties())


def test_a_token_is_asked_for(gms: Standin) -> None:
    gms.require_token("secret")
    emitter(gms).test_connection()  # /config is open to everybody
    with pytest.raises(OperationalError, match="Unauthorized"):
        emitter(gms).emit(properties())
    emitter(gms, token="secret").emit(properties())
    assert len(gms.writes()) == 1


def test_no_server_no_connection() -> None:
    with Standin() as server:
        url = server.url
    with pytest.raises((ConfigurationError, OSError)):
        DatahubRestEmitter(url, retry_max_times=0).test_connection()
