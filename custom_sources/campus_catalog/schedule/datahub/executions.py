"""What DataHub knows of the sources deployed to it: how they are scheduled, and how their runs end.

Every run DataHub's scheduler or somebody asks for is a ``dataHubExecutionRequest``: the server writes its input, the
executor its result. They are read as DataHub's own UI reads them, by GraphQL: only that sorts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from datahub.configuration.common import GraphError
from datahub.ingestion.graph.client import DataHubGraph

from campus_catalog.catalog.server import connect, unreached
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.errors import first_line
from campus_catalog.schedule.cron import next_due, parse_cron
from campus_catalog.schedule.datahub.deploy import source_urn
from campus_catalog.schedule.here.state import Row
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import OUTCOMES, Entry
from campus_catalog.schedule.status import LATE, Standing

#: where a standing is from
HERE, DATAHUB = "here", "DataHub"
#: newest runs looked at per source, sources per request
RUNS, BATCH = 20, 20
_INFO = "dataHubIngestionSourceInfo"
_SUCCEEDED = frozenset(["SUCCESS", "SUCCEEDED_WITH_WARNINGS"])
_GOES_ON = frozenset(["RUNNING", "PENDING", "UP_FOR_RETRY"])
_FIELDS = """{ urn executions(start: 0, count: $count) { executionRequests {
    urn input { requestedAt } result { status startTimeMs durationMs } } } }"""


def deployed_standings(schedule: Schedule, target: Target, now: datetime) -> dict[str, Standing]:
    """How the deployed entries do in DataHub.

    Args:
        schedule: the schedule.
        target: a server.
        now: with a time zone; what is late is late by then.

    Returns:
        Entry id -> standing, of those that are deployed.

    Raises:
        TargetError: DataHub could not be asked.
    """
    urns = {source_urn(entry.id): entry for entry in schedule if entry.recipe}
    found: dict[str, Standing] = {}
    if not urns:
        return found
    try:
        graph = connect(target, timeout_sec=30, retry_max_times=1)
        sources = graph.get_entities("dataHubIngestionSource", list(urns), [_INFO], with_system_metadata=True)
        sources = {urn: aspects for urn, aspects in sources.items() if _INFO in aspects}
        runs = dict(_runs(graph, list(sources)))
    except GraphError as error:
        raise TargetError(
            f"{target} does not tell of its runs: {first_line(error)[:300]}; the token's owner needs the privilege "
            "Manage Metadata Ingestion",
            retry=False,
        ) from error
    except Exception as error:  # the client's own and requests' alike
        raise unreached(target, error) from error
    for urn, aspects in sources.items():
        info: Any = aspects[_INFO][0]
        written, entry = aspects[_INFO][1], urns[urn]
        rows = [_row(entry.id, run) for run in runs.get(urn, [])]
        since = _moment(getattr(written, "lastObserved", None))
        found[entry.id] = _standing(entry, info.schedule, rows, since, now)
    return found


def side_by_side(here: list[Standing], there: dict[str, Standing]) -> list[tuple[str, Standing]]:
    """Every entry as DataHub knows it and as it runs here, each where there is something to say.

    What DataHub has on its schedule is judged by DataHub's runs; earlier ones here are no trouble any more.

    Args:
        here: how every entry does on this machine.
        there: entry id -> how it does in DataHub.

    Returns:
        (``DATAHUB`` or ``HERE``, standing), in the order of ``here``.
    """
    rows = []
    for one in here:
        other = there.get(one.entry)
        if other is not None:
            rows.append((DATAHUB, other))
        if other is None or one.last is not None or (one.next is not None and not other.schedule):
            rows.append((HERE, replace(one, trouble="") if other is not None and other.schedule else one))
    return rows


def _runs(graph: DataHubGraph, urns: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The newest runs of each source."""
    for start in range(0, len(urns), BATCH):
        variables = {f"u{index}": urn for index, urn in enumerate(urns[start : start + BATCH])}
        parameters = ", ".join(f"${name}: String!" for name in variables)
        fields = "\n".join(f"{name}: ingestionSource(urn: ${name}) {_FIELDS}" for name in variables)
        query = f"query executions($count: Int!, {parameters}) {{\n{fields}\n}}"
        answer = graph.execute_graphql(query, variables={"count": RUNS, **variables})
        for source in filter(None, answer.values()):
            requests = (source.get("executions") or {}).get("executionRequests") or []
            yield source["urn"], [request for request in requests if request and request.get("input")]


def _moment(milliseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc) if milliseconds else None


def _row(entry: str, run: dict[str, Any]) -> Row:
    result = run.get("result") or {}
    status = result.get("status")
    outcome = (
        "due" if status is None
        else "succeeded" if status in _SUCCEEDED
        else "running" if status in _GOES_ON
        else "skipped" if status == "DUPLICATE"
        else "failed"
    )  # fmt: skip
    requested, started = _moment(run["input"]["requestedAt"]), _moment(result.get("startTimeMs"))
    took = result.get("durationMs")
    ended = started + timedelta(milliseconds=took) if started and took is not None else None
    reason = f"{status} in DataHub, run {run['urn'].rpartition(':')[2]}" if outcome == "failed" else ""
    assert requested is not None
    return Row(entry, requested, outcome, 0, 1, 1, started, ended, reason)


def _standing(entry: Entry, schedule: Any | None, rows: list[Row], written: datetime | None, now: datetime) -> Standing:
    zone = _zone(schedule.timezone) if schedule else "UTC"
    trigger = _trigger(schedule.interval, zone) if schedule else None
    rows = sorted((row for row in rows if row.outcome != "skipped"), key=lambda row: row.due, reverse=True)
    last = rows[0] if rows else None
    ended = next((row for row in rows if row.outcome in OUTCOMES), None)
    since = max((moment for moment in (written, last and last.due) if moment), default=None)
    due = next_due(trigger, since) if trigger and since else None
    trouble = ""
    if schedule is not None:
        if ended and ended.outcome != "succeeded":
            trouble = f"{ended.outcome}: {ended.reason}"
        elif last and last.outcome == "due" and last.due < now - LATE:
            trouble = f"no executor has taken it since {_local(last.due, zone)}"
        elif due and due < now - LATE:
            trouble = f"overdue in DataHub since {_local(due, zone)}"
    return Standing(
        entry=entry.id,
        runs=f"ingest {entry.recipe}",
        schedule=schedule.interval if schedule else "",
        time_zone=zone,
        enabled=entry.enabled,
        last=last,
        ended=ended,
        success=next((row for row in rows if row.outcome == "succeeded"), None),
        next=next_due(trigger, now) if trigger else None,
        trouble=trouble,
    )


def _zone(name: str | None) -> str:
    """A time zone as DataHub's scheduler takes it: none, or one it does not know, is UTC."""
    try:
        return str(ZoneInfo(name or "UTC"))
    except Exception:  # of several kinds: unknown, no name at all, a folder of the database
        return "UTC"


def _trigger(line: str, zone: str) -> Any | None:
    """The trigger of a cron line as deployed; None for one set in DataHub's UI that is read in several ways."""
    try:
        return parse_cron(line, ZoneInfo(zone))
    except ValueError:
        return None


def _local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
