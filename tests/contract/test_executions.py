"""`schedule list` and `status` on a server: what DataHub knows of the sources deployed to it."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from datahub.configuration.common import GraphError
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig
from datahub.metadata.schema_classes import (
    DataHubIngestionSourceInfoClass,
    ExecutionRequestInputClass,
    ExecutionRequestResultClass,
    ExecutionRequestSourceClass,
    SystemMetadataClass,
)

from tests.contract.standin import Standin
from tests.support.content import campus, new_home
from tests.support.scheduling import deploy, schedule, state

#: when the test began, and the cron line of that minute of the day
NOW, DAILY = datetime.now(timezone.utc), ""
SOURCE = "urn:li:dataHubIngestionSource:campus-{}"


@pytest.fixture(autouse=True)
def clock() -> None:
    global NOW, DAILY
    NOW = datetime.now(timezone.utc)
    DAILY = NOW.strftime("%M %H * * *")


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def client(gms: Standin) -> DataHubGraph:
    return DataHubGraph(DatahubClientConfig(server=gms.url))


def execution(gms: Standin, id_: str, asked: datetime, status: str | None, entry: str = "register") -> None:
    """A run as server and executor record it: asked for, and with `status` begun 10 s later and over after 90 s."""
    urn, graph = f"urn:li:dataHubExecutionRequest:{id_}", client(gms)
    source = ExecutionRequestSourceClass("SCHEDULED_INGESTION_SOURCE", SOURCE.format(entry))
    given = ExecutionRequestInputClass("RUN_INGEST", {"recipe": "{}"}, "default", source, millis(asked))
    graph.emit(MetadataChangeProposalWrapper(entityUrn=urn, aspect=given))
    if status:
        started = millis(asked + timedelta(seconds=10))
        took = None if status == "RUNNING" else 90_000
        result = ExecutionRequestResultClass(status, startTimeMs=started, durationMs=took, report="log of the run")
        graph.emit(MetadataChangeProposalWrapper(entityUrn=urn, aspect=result))


def rewrite(gms: Standin, entry: str, interval: str | None, zone: str = "Asia/Shanghai", age: int = 0) -> None:
    """Change a deployed source as somebody does in the UI, `age` days ago."""
    urn, graph = SOURCE.format(entry), client(gms)
    info = graph.get_aspect(urn, DataHubIngestionSourceInfoClass)
    assert info is not None
    value = info.to_obj()
    value["schedule"] = {"interval": interval, "timezone": zone} if interval else None
    seen = SystemMetadataClass(lastObserved=millis(NOW - timedelta(days=age)))
    aspect = DataHubIngestionSourceInfoClass.from_obj(value)
    graph.emit(MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect, systemMetadata=seen))


@pytest.fixture
def home(tmp_path: Path, gms: Standin, clock: None) -> Path:
    """Two recipes deployed, one for each day at this minute, one by hand; and a command that stays here."""
    folder = new_home(tmp_path / "home")
    schedule(
        folder,
        {"id": "register", "recipe": "register", "schedule": DAILY, "time_zone": "UTC"},
        {"id": "taxonomy", "recipe": "taxonomy"},
        {"id": "apply", "command": "apply --yes", "schedule": "0 0 1 1 *"},
    )
    deploy(folder, gms.url)
    return folder


def listed(home: Path, target: str, code: int = 0) -> dict[tuple[str, str], dict[str, Any]]:
    done = campus("schedule", "list", "--format", "json", home=home, target=target)
    assert done.returncode == code, done.stderr
    return {(one["entry"], one["where"]): one for one in json.loads(done.stdout)}


def status(home: Path, gms: Standin, *options: str) -> subprocess.CompletedProcess[str]:
    return campus("schedule", "status", *options, home=home, target=gms.url)


def test_a_deployed_entry_shows_its_last_run_in_datahub(home: Path, gms: Standin) -> None:
    execution(gms, "old", NOW - timedelta(days=1), "SUCCESS")
    execution(gms, "new", NOW - timedelta(minutes=5), "FAILURE")
    execution(gms, "other", NOW, "SUCCESS", entry="made-by-hand")
    found = listed(home, gms.url)
    assert set(found) == {("register", "DataHub"), ("taxonomy", "DataHub"), ("apply", "here")}
    one = found["register", "DataHub"]
    assert (one["schedule"], one["time_zone"], one["result"]) == (DAILY, "UTC", "failed")
    assert datetime.fromisoformat(one["last_run"]) == pytest.approx(
        NOW - timedelta(seconds=290), abs=timedelta(seconds=1)
    )
    assert one["duration_seconds"] == 90 and "FAILURE in DataHub, run new" in one["reason"]
    assert datetime.fromisoformat(one["last_success"]) < NOW - timedelta(hours=23)
    assert NOW < datetime.fromisoformat(one["next_run"]) <= NOW + timedelta(days=1)
    assert (found["taxonomy", "DataHub"]["result"], found["taxonomy", "DataHub"]["next_run"]) == ("never", None)
    assert not gms.unknown_requests


def test_the_table_says_where_a_result_is_from(home: Path, gms: Standin) -> None:
    execution(gms, "one", NOW, "SUCCESS")
    shown = campus("schedule", "list", home=home, target=gms.url, COLUMNS="200").stdout
    (row,) = [line for line in shown.splitlines() if "register" in line]
    assert "DataHub" in row and "succeeded" in row
    (row,) = [line for line in shown.splitlines() if "taxonomy" in line]
    assert "by hand" in row and "disabled" not in row


def test_a_run_here_is_listed_beside_datahub_s(home: Path, gms: Standin) -> None:
    assert campus("schedule", "once", "taxonomy", home=home, target="file:out.json").returncode == 0
    found = listed(home, gms.url)
    assert found["taxonomy", "here"]["result"] == "succeeded"
    assert found["taxonomy", "DataHub"]["result"] == "never"


def test_what_was_changed_in_the_ui_is_shown_as_it_is(home: Path, gms: Standin) -> None:
    rewrite(gms, "register", "15 3 * * *", "Europe/Berlin")
    one = listed(home, gms.url)["register", "DataHub"]
    assert (one["schedule"], one["time_zone"]) == ("15 3 * * *", "Europe/Berlin")
    rewrite(gms, "register", "0 0 1 * 1", "Nowhere/Land")  # read in several ways; DataHub takes the zone for UTC
    one = listed(home, gms.url)["register", "DataHub"]
    assert (one["schedule"], one["time_zone"], one["next_run"]) == ("0 0 1 * 1", "UTC", None)


@pytest.mark.parametrize(
    ("word", "shown"),
    [(None, "due"), ("RUNNING", "running"), ("SUCCESS", "succeeded"), ("CANCELLED", "failed"), ("TIMEOUT", "failed")],
)
def test_how_datahub_s_words_are_said(home: Path, gms: Standin, word: str | None, shown: str) -> None:
    execution(gms, "one", NOW, word)
    assert listed(home, gms.url)["register", "DataHub"]["result"] == shown


def test_more_sources_than_fit_into_one_request(tmp_path: Path, gms: Standin) -> None:
    home = new_home(tmp_path / "home")
    schedule(home, *({"id": f"r{n}", "recipe": "register"} for n in range(23)))
    deploy(home, gms.url)
    execution(gms, "last", NOW, "SUCCESS", entry="r22")
    found = listed(home, gms.url)
    assert len(found) == 23 and found["r22", "DataHub"]["result"] == "succeeded"


# -- status -------------------------------------------------------------------------------------------------------


def test_what_datahub_runs_needs_no_scheduler_here(home: Path, gms: Standin) -> None:
    execution(gms, "one", NOW - timedelta(minutes=1), "SUCCESS")
    said = status(home, gms).stdout
    assert "register" not in said and "apply: never ran, and no scheduler is running" in said


def test_an_earlier_failure_here_is_no_trouble_once_datahub_runs_it(home: Path, gms: Standin) -> None:
    due = NOW - timedelta(days=9)
    state(home).add_manual("register", due)
    state(home).finish("register", due, "failed", due, reason="it was broken then")
    assert listed(home, gms.url)["register", "here"]["result"] == "failed"
    assert "broken" not in status(home, gms).stdout
    rewrite(gms, "register", None)  # nothing runs it there any more
    assert "register: failed: it was broken then" in status(home, gms).stdout


def test_a_failed_run_in_datahub_is_trouble(home: Path, gms: Standin, tmp_path: Path) -> None:
    execution(gms, "one", NOW - timedelta(minutes=1), "FAILURE")
    numbers = tmp_path / "numbers.prom"
    done = status(home, gms, "--prometheus", str(numbers))
    assert done.returncode == 1 and "register: failed: FAILURE in DataHub, run one" in done.stdout
    assert 'last_outcome{entry="register",outcome="failed"} 1' in numbers.read_text()
    assert numbers.read_text().count('last_outcome{entry="register",outcome="failed"}') == 1


def test_a_run_nobody_takes_is_trouble(home: Path, gms: Standin) -> None:
    execution(gms, "one", NOW - timedelta(minutes=20), None)
    assert "register: no executor has taken it since" in status(home, gms).stdout


def test_a_due_time_datahub_let_pass_is_trouble(home: Path, gms: Standin) -> None:
    late = (NOW - timedelta(hours=1)).strftime("%M %H * * *")
    rewrite(gms, "register", late, "UTC", age=3)
    assert "register: overdue in DataHub since" in status(home, gms).stdout
    rewrite(gms, "register", late, "UTC", age=0)  # counts from its last change on
    assert "overdue" not in status(home, gms).stdout
    rewrite(gms, "register", None, age=3)
    assert "overdue" not in status(home, gms).stdout


# -- faults -------------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_leaves_what_is_known_here(home: Path, gms: Standin) -> None:
    gms.stop()
    found = listed(home, gms.url, code=3)
    assert set(found) == {("register", "here"), ("taxonomy", "here"), ("apply", "here")}
    done = status(home, gms)
    assert (
        done.returncode == 3 and "DataHub could not be asked" in done.stderr and "could not be reached" in done.stderr
    )


def test_a_token_without_the_privilege_is_said(home: Path, gms: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.contract import ingestion
    from tests.contract.proposals import Rejected

    def refuse(*_: Any) -> None:
        raise Rejected("Unauthorized to perform this action. Please contact your DataHub administrator.")

    monkeypatch.setattr(ingestion, "answers", refuse)
    done = campus("schedule", "list", home=home, target=gms.url)
    assert done.returncode == 3 and "privilege Manage Metadata Ingestion" in done.stderr


def test_the_stand_in_refuses_a_field_the_schema_has_not(home: Path, gms: Standin) -> None:
    query = "query q($urn: String!) { ingestionSource(urn: $urn) { urn lastRun } }"
    with pytest.raises(GraphError, match="FieldUndefined"):
        client(gms).execute_graphql(query, variables={"urn": SOURCE.format("register")})
