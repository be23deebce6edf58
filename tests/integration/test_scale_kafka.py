"""DataHub's own Kafka sink on Kafka's own protocol: what is on the topic, and what is said when the broker is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.serialization_helper import pre_json_transform
from datahub.ingestion.sink.datahub_kafka import KafkaSinkReport
from datahub.metadata.schema_classes import MetadataChangeProposalClass

from campus_catalog.aspects.patch import is_patched
from tests.contract.proposals import from_restli
from tests.contract.standin import Standin
from tests.integration.test_scale_rest import tagged_tables
from tests.integration.test_system_source import SYSTEM
from tests.support.kafka import PROPOSALS, Broker, Registry, proposals
from tests.support.live import Catalog, Result, School, run
from tests.support.pipelines import example_school, held, rest, run_pipeline

CHINESE = "urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.学生表,PROD)"
STATUS = "urn:li:dataset:(urn:li:dataPlatform:postgres,xsgl.public.student_status,PROD)"
TABLES = """
CREATE TABLE student_status (xh varchar(12) NOT NULL PRIMARY KEY, xm varchar(40));
CREATE TABLE award (xh varchar(12) NOT NULL PRIMARY KEY, mc varchar(80));
"""


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker() as one:
        yield one


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as one:
        yield one


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A register with a dataset whose name is Chinese."""
    school = School(tmp_path / "school")
    place = {"platform": "postgres", "database": "jwxt", "schema": "public", "connected": False}
    school.declare({**SYSTEM, **place, "datasets": [*SYSTEM["datasets"], {"table": "学生表", "name": "学生"}]})
    return school


def register(school: School, **config: Any) -> dict[str, Any]:
    return {"type": "campus-register", "config": {"home": str(school.home), **config}}


def kafka(broker: Broker, registry: Registry, **config: Any) -> dict[str, Any]:
    """The sink; quick to give up, and silent about what the tests do to it."""
    producer = {"enable.idempotence": True, "message.timeout.ms": 1500, "log_level": 0, **config.pop("producer", {})}
    connection = {"bootstrap": broker.bootstrap, "schema_registry_url": registry.url, "producer_config": producer}
    config = {"max_queue_full_block_seconds": 5, "connection": connection, **config}
    return {"type": "datahub-kafka", "config": config}


def applied(sent: list[MetadataChangeProposalClass]) -> Catalog:
    """What a server makes of the proposals; refuses whatever a server's models refuse."""
    gms = Standin()
    for proposal in sent:
        assert proposal.validate()
        gms.store.apply([from_restli(pre_json_transform(proposal.to_obj()))])
    return held(gms)


def test_every_proposal_is_on_the_topic(school: School, broker: Broker, registry: Registry, gms: Standin) -> None:
    pipeline = run_pipeline(register(school), kafka(broker, registry))

    assert not pipeline.has_failures()
    sent = proposals(broker, registry)
    assert pipeline.sink.get_report().total_records_written == len(sent)
    assert registry.subjects == {f"{PROPOSALS}-value": 1}
    assert registry.unknown == []
    run_pipeline(register(school), rest(gms, mode="SYNC", endpoint="OPENAPI"))
    assert applied(sent) == held(gms)
    assert CHINESE in held(gms)


def test_the_topic_has_what_a_file_gets_and_lists_as_patches(
    school: School, broker: Broker, registry: Registry
) -> None:
    """There is no graph to ask what is there already, so only a patch leaves what people added."""
    pipeline = run_pipeline(register(school), kafka(broker, registry))
    assert school.campus("ingest", "register").code == 0

    assert pipeline.graph is None
    sent = proposals(broker, registry)
    filed = {(urn, name) for urn, aspects in school.catalog().items() for name in aspects}
    assert {(proposal.entityUrn, proposal.aspectName) for proposal in sent} == filed
    assert len(sent) == len(filed)
    for proposal in sent:
        assert proposal.aspectName
        assert proposal.changeType == ("PATCH" if is_patched(proposal.aspectName) else "UPSERT"), proposal.aspectName


def test_a_server_keeps_what_people_added(school: School, broker: Broker, registry: Registry) -> None:
    """The patches of a second run replace our entries and no others, whatever the server holds by then."""
    run_pipeline(register(school), kafka(broker, registry))
    sent = proposals(broker, registry)
    gms = Standin()
    gms.store.apply([from_restli(pre_json_transform(proposal.to_obj())) for proposal in sent])
    tags = gms.store.get(CHINESE, "globalTags")
    assert tags
    gms.store.aspects[CHINESE]["globalTags"].value["tags"].append({"tag": "urn:li:tag:by-hand"})

    gms.store.apply([from_restli(pre_json_transform(proposal.to_obj())) for proposal in sent])

    after = gms.store.get(CHINESE, "globalTags")
    assert after and {tag["tag"] for tag in after["tags"]} == {tag["tag"] for tag in tags["tags"]} | {
        "urn:li:tag:by-hand"
    }


def test_a_stamp_comes_after_the_tags_the_live_source_writes_itself(
    tmp_path: Path, broker: Broker, registry: Registry
) -> None:
    assert not run_pipeline(tagged_tables(tmp_path), kafka(broker, registry)).has_failures()

    found = applied(proposals(broker, registry))
    tags = [
        {tag["tag"] for tag in aspects["globalTags"]["tags"]}
        for urn, aspects in found.items()
        if urn.startswith("urn:li:dataset:")
    ]
    assert tags == [{"urn:li:tag:live", "urn:li:tag:sharing-shared"}] * 60


# the example recipe, on a live database


def ingest(home: Path, postgres: Any, broker: Broker, registry: Registry) -> Result:
    return run(
        "datahub", "ingest", "-c", "ingestion_recipes/kafka.yml", cwd=home, KAFKA_BOOTSTRAP=broker.bootstrap,
        SCHEMA_REGISTRY_URL=registry.url, XSGL_HOST_PORT=postgres.host_port, XSGL_USER=postgres.user,
        XSGL_PASSWORD=postgres.password,
    )  # fmt: skip


@pytest.fixture
def database(postgres: Any) -> Any:
    """The database the example reads."""
    if "xsgl" in postgres.databases():
        postgres.execute("postgres", "DROP DATABASE xsgl WITH (FORCE)")
    postgres.create_database("xsgl", TABLES)
    return postgres


def test_the_example_recipe_runs_and_sees_what_disappeared(
    tmp_path: Path, database: Any, broker: Broker, registry: Registry
) -> None:
    """The state is in a file: this sink has no DataHub to ask."""
    home = example_school(tmp_path / "school")

    first = ingest(home, database, broker, registry)

    assert first.code == 0, first.output[-3000:]
    found = applied(proposals(broker, registry))
    assert found[STATUS]["datasetProperties"]["name"] == "学籍信息"
    assert found[STATUS]["schemaMetadata"]["fields"]
    owners = {owner["owner"] for owner in found[STATUS]["ownership"]["owners"]}
    assert "urn:li:corpGroup:student-affairs-office" in owners
    database.execute("xsgl", "DROP TABLE award")
    second = ingest(home, database, broker, registry)
    assert second.code == 0, second.output[-3000:]
    gone = {urn for urn, aspects in applied(proposals(broker, registry)).items() if aspects["status"]["removed"]}
    assert gone == {STATUS.replace("student_status", "award")}


def test_state_is_kept_in_datahub_where_the_recipe_names_it(
    school: School, broker: Broker, registry: Registry, gms: Standin
) -> None:
    source = register(school, stateful_ingestion={"enabled": True})
    run_pipeline(source, kafka(broker, registry), datahub_api={"server": gms.url})
    path = school.home / "ingestion_recipes" / "systems" / "jwxt.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- table: 学生表\n  name: 学生\n", ""), encoding="utf-8")
    pipeline = run_pipeline(source, kafka(broker, registry), datahub_api={"server": gms.url})

    assert not pipeline.has_failures()
    assert applied(proposals(broker, registry))[CHINESE]["status"]["removed"] is True
    assert gms.store.urns("dataset") == []
    assert not (school.home / ".catalog").exists()


# failures


def test_a_broker_that_is_gone_fails_the_run(school: School, broker: Broker, registry: Registry) -> None:
    broker.stop()

    pipeline = run_pipeline(register(school), kafka(broker, registry))

    assert pipeline.has_failures()
    report = pipeline.sink.get_report()
    assert report.total_records_written == 0
    assert "Message timed out" in str(list(report.failures))


def test_what_was_not_delivered_is_counted(school: School, broker: Broker, registry: Registry) -> None:
    broker.stop()

    sink = kafka(broker, registry, max_queue_full_block_seconds=1, producer={"message.timeout.ms": 60_000})
    pipeline = run_pipeline(register(school), sink)

    assert pipeline.has_failures()
    report = pipeline.sink.get_report()
    assert isinstance(report, KafkaSinkReport)
    assert report.kafka_undelivered > 0
    message = f"{report.kafka_undelivered} message(s) not delivered to Kafka (broker unreachable?)"
    assert message in str(list(report.failures))


def test_a_registry_that_is_gone_fails_the_run(school: School, broker: Broker) -> None:
    with Registry() as registry:
        pass

    pipeline = run_pipeline(register(school), kafka(broker, registry))

    assert pipeline.has_failures()
    assert "Connection refused" in str(list(pipeline.sink.get_report().failures))


def test_a_record_too_large_for_the_topic_fails_the_run(school: School, broker: Broker, registry: Registry) -> None:
    pipeline = run_pipeline(register(school), kafka(broker, registry, producer={"message.max.bytes": 1000}))

    report = pipeline.sink.get_report()
    assert pipeline.has_failures()
    assert "exceeds producer message.max.bytes" in str(list(report.failures))
    assert report.total_records_written == len(proposals(broker, registry))
