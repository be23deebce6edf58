"""Writing to DataHub in batches: what arrives, what is tried again, and what is said of the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.sink.datahub_rest import DataHubRestSinkReport
from datahub.metadata.schema_classes import (
    DatasetPropertiesClass,
    GlobalTagsClass,
    OtherSchemaClass,
    SchemaMetadataClass,
    StatusClass,
    SubTypesClass,
    TagAssociationClass,
)

from tests.contract import routes
from tests.contract.standin import Standin
from tests.integration.test_system_source import SYSTEM, TABLES
from tests.support.live import Catalog, Result, School, make_database, run
from tests.support.pipelines import example_school, held, rest, run_pipeline

CHINESE = "urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.学生表,PROD)"
REFERENCE = {"mode": "SYNC", "endpoint": "OPENAPI"}
RECOMMENDED = {"mode": "ASYNC_BATCH", "endpoint": "RESTLI"}
RECIPE = "ingestion_recipes/rest-async.yml"
#: where the batches of the recommended sink go
BATCH = "action=ingestProposalBatch"


@pytest.fixture
def register(tmp_path: Path) -> dict[str, Any]:
    """The source of a register with a dataset whose name is Chinese."""
    school = School(tmp_path / "school")
    datasets = [*SYSTEM["datasets"], {"table": "学生表", "name": "学生"}]
    place = {"platform": "postgres", "database": "jwxt", "schema": "public", "connected": False}
    school.declare({**SYSTEM, **place, "datasets": datasets})
    return {"type": "campus-register", "config": {"home": str(school.home)}}


def written_one_by_one(source: dict[str, Any]) -> Catalog:
    """What a server holds after a run that writes every record by itself."""
    with Standin() as gms:
        assert not run_pipeline(source, rest(gms, **REFERENCE)).has_failures()
        assert gms.rejected == []
        return held(gms)


@pytest.mark.parametrize("endpoint", ["RESTLI", "OPENAPI"])
def test_batches_leave_what_single_writes_leave(endpoint: str, register: dict[str, Any], gms: Standin) -> None:
    pipeline = run_pipeline(register, rest(gms, mode="ASYNC_BATCH", endpoint=endpoint, max_per_batch=7))

    assert not pipeline.has_failures()
    assert (gms.rejected, gms.unknown_requests) == ([], [])
    assert held(gms) == written_one_by_one(register)
    assert CHINESE in gms.store.urns("dataset")
    report = pipeline.sink.get_report()
    assert isinstance(report, DataHubRestSinkReport)
    assert report.total_records_written == len(gms.writes())
    assert report.async_batches_prepared >= len(gms.writes()) // 7


def test_a_live_system_arrives_in_batches_as_one_by_one(
    tmp_path: Path, gms: Standin, request: pytest.FixtureRequest
) -> None:
    # a view's lineage carries the time of the run
    tables = TABLES.split("CREATE VIEW")[0] + 'CREATE TABLE "学生表" (xh varchar(12));'
    database = make_database("sqlite", "scale", tables, tmp_path, request.getfixturevalue)
    school = School(tmp_path / "school")
    school.declare({**SYSTEM, "platform": "sqlite", **database.place})
    config = {"home": str(school.home), "system": "jwxt", "source": database.source}
    source = {"type": "campus-system", "config": config}

    assert not run_pipeline(source, rest(gms, **RECOMMENDED)).has_failures()

    found = held(gms)
    assert database.dataset("学生表") in found
    assert found == written_one_by_one(source)


def tagged_tables(folder: Path) -> dict[str, Any]:
    """A system read by a source that tags its tables itself, as a recipe's source."""
    school = School(folder / "school")
    school.declare({**SYSTEM, "platform": "postgres", "database": "jwxt", "schema": "public", "datasets": []})
    urns = [f"urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.t_{number},PROD)" for number in range(60)]
    records = [MetadataChangeProposalWrapper(entityUrn=urn, aspect=a).to_obj() for urn in urns for a in live_aspects()]
    (folder / "live.json").write_text(json.dumps(records), encoding="utf-8")
    live = {"type": "file", "config": {"path": str(folder / "live.json")}}
    return {"type": "campus-system", "config": {"home": str(school.home), "system": "jwxt", "source": live}}


def live_aspects() -> list[Any]:
    """What a stock source that tags its tables says of one."""
    schema = SchemaMetadataClass(
        schemaName="t", platform="urn:li:dataPlatform:postgres", version=0, hash="",
        platformSchema=OtherSchemaClass(rawSchema=""), fields=[],
    )  # fmt: skip
    tags = GlobalTagsClass(tags=[TagAssociationClass(tag="urn:li:tag:live")])
    return [DatasetPropertiesClass(), SubTypesClass(typeNames=["Table"]), schema, tags, StatusClass(removed=False)]


def tags(gms: Standin) -> list[set[str]]:
    """The tags of each dataset."""
    found = [gms.store.get(urn, "globalTags") for urn in gms.store.urns("dataset")]
    return [{tag["tag"].removeprefix("urn:li:tag:") for tag in aspect["tags"]} for aspect in found if aspect]


def test_a_stamp_survives_the_tags_the_live_source_writes_itself(tmp_path: Path, gms: Standin) -> None:
    """Within a batch, too, ours come after the source's own list, which replaces what is there."""
    pipeline = run_pipeline(tagged_tables(tmp_path), rest(gms, **RECOMMENDED))

    assert not pipeline.has_failures()
    assert tags(gms) == [{"live", "sharing-shared"}] * 60


# what DataHub's client does not do, and docs/howto/scale.md warns of: when a test fails here, the page is out of date


@pytest.mark.parametrize("mode", ["SYNC", "ASYNC"])
def test_single_writes_over_restli_garble_chinese_urns(mode: str, register: dict[str, Any], gms: Standin) -> None:
    run_pipeline(register, rest(gms, mode=mode, endpoint="RESTLI"))

    assert CHINESE not in gms.store.urns("dataset")
    assert [urn for urn in gms.store.urns("dataset") if "\\u5b66\\u751f\\u8868" in urn]


def test_single_writes_hide_every_failure(register: dict[str, Any], gms: Standin) -> None:
    gms.fail_rate(1, [500])

    pipeline = run_pipeline(register, rest(gms, retry_max_times=1, **REFERENCE))

    assert held(gms) == {}
    assert not pipeline.has_failures()


def test_batches_over_openapi_put_patches_before_what_they_patch(tmp_path: Path, gms: Standin) -> None:
    """One request per entity type and method: the source's list then comes last, and our stamp is gone."""
    run_pipeline(tagged_tables(tmp_path), rest(gms, mode="ASYNC_BATCH", endpoint="OPENAPI"))

    assert {"live"} in tags(gms)


def test_patches_over_openapi_are_not_tried_again(
    register: dict[str, Any], gms: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([None, "500"])  # the datasets' first request is a POST, the second a PATCH
    monkeypatch.setattr(gms.failures, "next", lambda path: next(answers, None) if "entity/dataset" in path else None)

    pipeline = run_pipeline(register, rest(gms, mode="ASYNC_BATCH", endpoint="OPENAPI"))

    assert [seen.method for seen in gms.requests if seen.status == 500] == ["PATCH"]
    assert pipeline.has_failures()


def test_a_removal_that_failed_is_forgotten(register: dict[str, Any], gms: Standin, tmp_path: Path) -> None:
    """The state is kept before the last batches are through."""
    state = {"type": "file", "config": {"filename": str(tmp_path / "state.json")}}
    register["config"]["stateful_ingestion"] = {"enabled": True, "state_provider": state}
    run_pipeline(register, rest(gms, **RECOMMENDED))
    system = tmp_path / "school" / "ingestion_recipes" / "systems" / "jwxt.yml"
    text = system.read_text(encoding="utf-8")
    system.write_text(text.replace("- table: 学生表\n  name: 学生\n", ""), encoding="utf-8")

    gms.fail_next(1, 401, BATCH)
    assert run_pipeline(register, rest(gms, **RECOMMENDED)).has_failures()
    assert not run_pipeline(register, rest(gms, **RECOMMENDED)).has_failures()

    assert gms.store.get(CHINESE, "status") == {"removed": False}


# failures


@pytest.mark.parametrize("kind", [429, 500, "timeout", "drop", "lost"])
def test_what_passes_is_tried_again(kind: int | str, register: dict[str, Any], gms: Standin) -> None:
    gms.timeout_seconds = 2
    gms.fail_next(1, kind, BATCH)

    pipeline = run_pipeline(register, rest(gms, timeout_sec=1, **RECOMMENDED))

    assert gms.failures.happened == [str(kind)]
    assert not pipeline.has_failures()
    assert held(gms) == written_one_by_one(register)


def test_the_failed_batch_is_named_and_the_others_arrive(
    register: dict[str, Any], gms: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names every record of the batch; the report counts them, and names one."""
    gms.fail_next(1, 401, BATCH)

    pipeline = run_pipeline(register, rest(gms, max_per_batch=8, **RECOMMENDED))

    assert pipeline.has_failures()
    said = re.compile(r"failed to write record with workunit (\S+)")
    failed = {match[1] for message in caplog.messages if (match := said.search(message))}
    failures = pipeline.sink.get_report().failures
    assert len(failed) == failures.total_elements == 8
    assert {failure["info"]["workunit_id"] for failure in failures} <= failed
    written = {f"{proposal.urn}-{proposal.aspect}" for proposal in gms.writes()}
    assert not failed & written
    assert failed | written == {
        f"{urn}-{name}"
        for urn, aspects in written_one_by_one(register).items()
        for name in aspects
        if not name.endswith("Key")
    }


def example(home: Path, gms: Standin, **env: str) -> Result:
    """The example recipe, run by DataHub's own command."""
    return run("datahub", "ingest", "-c", RECIPE, cwd=home, DATAHUB_GMS_URL=gms.url, DATAHUB_GMS_TOKEN="t0ken", **env)


def test_the_example_recipe_runs_under_the_stock_command(tmp_path: Path, gms: Standin) -> None:
    gms.require_token("t0ken")
    home = example_school(tmp_path / "school")

    result = example(home, gms)

    assert result.code == 0, result.output[-3000:]
    assert "'mode': 'ASYNC_BATCH'" in result.output
    assert (gms.rejected, gms.unknown_requests) == ([], [])
    found, source = held(gms), {"type": "campus-register", "config": {"home": str(home)}}
    for urn, aspects in written_one_by_one(source).items():
        assert found[urn] == aspects, urn


def test_a_server_that_stays_broken_fails_the_run_and_is_said(tmp_path: Path, gms: Standin) -> None:
    home = example_school(tmp_path / "school")
    recipe = home / RECIPE
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("retry_max_times: 6", "retry_max_times: 1"), "utf-8")
    gms.fail_rate(1, [500])

    result = example(home, gms)

    assert result.code == 1
    assert "Unable to emit metadata to DataHub GMS: a failure the test asked for" in result.output
    assert "urn:li:dataset:(urn:li:dataPlatform:" in result.output
    assert "t0ken" not in result.output


def test_waiting_for_the_write_finds_what_is_refused_late(
    tmp_path: Path, gms: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ASYNC_WAIT the client asks what became of each write; without, it is content with the acceptance."""
    late = {"success": False, "primaryStorage": {"writeStatus": "ERROR"}, "searchStorage": {"writeStatus": "ERROR"}}

    def refused(standin: Standin, request: Any, trace: str) -> tuple[int, Any]:
        return 200, {urn: dict.fromkeys(aspects, late) for urn, aspects in request.body.items()}

    monkeypatch.setattr(routes, "ROUTES", [(("POST",), "", r"/openapi/v1/trace/write/(\w+)", refused), *routes.ROUTES])
    home = example_school(tmp_path / "school")
    recipe = home / RECIPE
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("RESTLI", "OPENAPI"), encoding="utf-8")

    assert example(home, gms).code == 0
    waited = example(home, gms, DATAHUB_EMIT_MODE="ASYNC_WAIT")
    assert waited.code == 1
    assert "Persistence failure for URN" in waited.output
