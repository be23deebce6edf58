"""The stand-in behaves towards DataHub's own clients as a server does."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from datahub.configuration.common import OperationalError
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.rest_emitter import EmitMode
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig
from datahub.ingestion.graph.filters import RawSearchFilterRule, RemovedStatusFilter
from datahub.ingestion.run.pipeline import Pipeline
from datahub.metadata.schema_classes import (
    AuditStampClass,
    ChangeTypeClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    DatasetSnapshotClass,
    DomainPropertiesClass,
    DomainsClass,
    GenericAspectClass,
    GlossaryTermAssociationClass,
    GlossaryTermInfoClass,
    MetadataAttributionClass,
    MetadataChangeEventClass,
    MetadataChangeProposalClass,
    OwnerClass,
    OwnershipClass,
    OwnershipTypeClass,
    StatusClass,
    TagAssociationClass,
)
from datahub.specific.dataset import DatasetPatchBuilder
from datahub.utilities.ingest_utils import deploy_source_vars

from tests.contract.clients import COURSE, emitter, graph, properties
from tests.contract.standin import Standin

SCORE = "urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.score,PROD)"
TERM = "urn:li:glossaryTerm:items.course"
OURS = "urn:li:dataHubAction:campus-catalog"

# Both ways a client may write: Rest.li and OpenAPI.
both_apis = pytest.mark.parametrize("openapi", [False, True], ids=["restli", "openapi"])


def owner(person: str, source: str | None = None) -> OwnerClass:
    attribution = MetadataAttributionClass(time=0, actor="urn:li:corpuser:x", source=source) if source else None
    return OwnerClass(f"urn:li:corpuser:{person}", OwnershipTypeClass.DATAOWNER, attribution=attribution)


# -- writing and reading ------------------------------------------------------------------------------------------


@both_apis
def test_what_is_emitted_can_be_read(gms: Standin, openapi: bool) -> None:
    client = emitter(gms, openapi_ingestion=openapi)
    client.test_connection()
    client.emit(properties())
    client.emit_mcps(
        [properties(SCORE, "成绩"), MetadataChangeProposalWrapper(entityUrn=SCORE, aspect=StatusClass(False))]
    )

    reader = graph(gms)
    found = reader.get_aspect(COURSE, DatasetPropertiesClass)
    assert found is not None and found.name == "课程信息"
    assert reader.get_aspect(COURSE, StatusClass) is None
    assert set(reader.get_entity_semityped(SCORE)) == {"datasetKey", "datasetProperties", "status"}
    assert reader.exists(COURSE) and not reader.exists(COURSE.replace("course", "nothing"))
    mcps = reader.get_entity_as_mcps(SCORE, aspects=["status"])
    assert [mcp.aspectName for mcp in mcps] == ["status", "datasetKey"]
    assert mcps[0].systemMetadata is not None
    entities = reader.get_entities("dataset", [COURSE, SCORE], ["datasetProperties"], with_system_metadata=True)
    assert {urn: list(aspects) for urn, aspects in entities.items()} == {
        COURSE: ["datasetProperties"],
        SCORE: ["datasetProperties"],
    }
    assert not gms.rejected and not gms.unknown_requests
    assert len(gms.writes()) == 3


def test_an_async_write_can_be_awaited(gms: Standin) -> None:
    client = emitter(gms, openapi_ingestion=True)
    client.test_connection()
    client.emit_mcp(properties(), emit_mode=EmitMode.ASYNC_WAIT)
    assert gms.store.get(COURSE, "datasetProperties") == {"name": "课程信息", "customProperties": {}, "tags": []}
    assert any("/openapi/v1/trace/write/" in request.path for request in gms.requests)


def test_a_snapshot_is_its_aspects(gms: Standin) -> None:
    snapshot = DatasetSnapshotClass(COURSE, aspects=[StatusClass(False), DatasetPropertiesClass(name="课程信息")])
    emitter(gms).emit_mce(MetadataChangeEventClass(proposedSnapshot=snapshot))
    assert set(gms.store.entity(COURSE)) == {"datasetKey", "status", "datasetProperties"}


def test_timeseries_values_are_all_kept(gms: Standin) -> None:
    client = graph(gms)
    for at in (1, 3, 2):
        profile = DatasetProfileClass(timestampMillis=at, rowCount=at * 10)
        client.emit_mcp(MetadataChangeProposalWrapper(entityUrn=COURSE, aspect=profile))
    latest = client.get_latest_timeseries_value(COURSE, DatasetProfileClass, {})
    assert latest is not None and latest.rowCount == 30
    assert [v.rowCount for v in client.get_timeseries_values(COURSE, DatasetProfileClass, {}, limit=2)] == [30, 20]


def test_deleting(gms: Standin) -> None:
    client = graph(gms)
    client.emit_mcps([properties(), properties(SCORE)])
    client.soft_delete_entity(COURSE)
    assert list(client.get_urns_by_filter(entity_types=["dataset"])) == [SCORE]
    assert list(client.get_urns_by_filter(status=RemovedStatusFilter.ONLY_SOFT_DELETED)) == [COURSE]
    assert client.hard_delete_entity(COURSE) == (3, 0)
    assert not client.exists(COURSE) and client.exists(SCORE)


# -- what acryl-datahub's client does on its own, and the project must know ---------------------------------------


@pytest.mark.parametrize(
    ("openapi", "batch", "kept"), [(False, False, False), (False, True, True), (True, False, True)]
)
def test_a_chinese_urn_survives_all_but_restli_single_writes(
    gms: Standin, openapi: bool, batch: bool, kept: bool
) -> None:
    # Rest.li's single `emit` escapes what is not ASCII before JSON does, so the urn arrives as \uXXXX in letters.
    urn = "urn:li:dataset:(urn:li:dataPlatform:paper-archive,教务.课程,PROD)"
    client = emitter(gms, openapi_ingestion=openapi)
    if batch:
        client.emit_mcps([properties(urn)])
    else:
        client.emit(properties(urn))
    assert (gms.store.urns() == [urn]) == kept
    (proposal,) = gms.writes()
    assert proposal.value["name"] == "课程信息"


def test_deleting_one_aspect_over_openapi_deletes_the_entity(gms: Standin) -> None:
    client = emitter(gms, openapi_ingestion=True)
    client.emit(properties())
    client.emit(
        MetadataChangeProposalWrapper(
            entityUrn=COURSE,
            entityType="dataset",
            aspectName="datasetProperties",
            changeType=ChangeTypeClass.DELETE,
        )
    )
    assert gms.store.urns() == []  # the client does not say which aspect; the entity's own endpoint does
    client.emit(properties())
    client.session.delete(f"{gms.url}/openapi/v3/entity/dataset/{COURSE}/datasetProperties").raise_for_status()
    assert set(gms.store.entity(COURSE)) == {"datasetKey"}


# -- patches ------------------------------------------------------------------------------------------------------


@both_apis
def test_patches_keep_what_others_wrote(gms: Standin, openapi: bool) -> None:
    client = emitter(gms, openapi_ingestion=openapi)
    theirs = OwnershipClass([owner("ui")], lastModified=AuditStampClass(0, "urn:li:corpuser:ui"))
    client.emit(MetadataChangeProposalWrapper(entityUrn=COURSE, aspect=theirs))

    def patch(builder: DatasetPatchBuilder) -> None:
        for mcp in builder.build():
            client.emit(mcp)

    attributed = TagAssociationClass("urn:li:tag:sharing-shared", attribution=owner("x", OURS).attribution)
    for _ in range(2):  # a patch sent twice changes nothing
        patch(
            DatasetPatchBuilder(COURSE)
            .add_owner(owner("jwc-head", OURS))
            .add_term(GlossaryTermAssociationClass(TERM))
            .add_tag(attributed)
            .set_structured_property("urn:li:structuredProperty:campus.backup", "每日")
            .add_custom_property("system", "jwxt")
        )
    reader = graph(gms)
    owners = reader.get_ownership(COURSE)
    assert owners is not None
    assert [o.owner for o in owners.owners] == ["urn:li:corpuser:ui", "urn:li:corpuser:jwc-head"]
    terms, tags = reader.get_glossary_terms(COURSE), reader.get_tags(COURSE)
    assert terms is not None and [term.urn for term in terms.terms] == [TERM]
    assert tags is not None and [tag.tag for tag in tags.tags] == ["urn:li:tag:sharing-shared"]

    # Ours go by their attribution, whatever the owner's type; what is not there goes without an error.
    patch(DatasetPatchBuilder(COURSE).remove_owner("urn:li:corpuser:jwc-head", attribution_source=OURS))
    patch(DatasetPatchBuilder(COURSE).remove_owner("urn:li:corpuser:ui", attribution_source=OURS))
    patch(DatasetPatchBuilder(COURSE).remove_tag("urn:li:tag:sharing-shared").remove_tag("urn:li:tag:none"))
    owners, tags = reader.get_ownership(COURSE), reader.get_tags(COURSE)
    assert owners is not None and [o.owner for o in owners.owners] == ["urn:li:corpuser:ui"]
    assert tags is not None and tags.tags == []
    assert not gms.rejected


def test_a_patch_it_cannot_do_is_refused(gms: Standin) -> None:
    def mcp(aspect: str, patch: Any) -> MetadataChangeProposalClass:
        value = GenericAspectClass(json.dumps(patch).encode(), "application/json-patch+json")
        return MetadataChangeProposalClass("dataset", ChangeTypeClass.PATCH, entityUrn=COURSE, aspectName=aspect,
                                           aspect=value)  # fmt: skip

    for aspect, patch, message in [
        ("datasetProperties", [{"op": "move", "from": "/a", "path": "/b"}], "Unsupported PATCH operation"),
        ("editableSchemaMetadata", [{"op": "remove", "path": "/x"}], "not supported without arrayPrimaryKeys"),
        ("datasetProperties", [{"op": "add", "path": "/bogus", "value": 1}], "unrecognized field"),
    ]:
        with pytest.raises(OperationalError, match=message):
            emitter(gms).emit(mcp(aspect, patch))
    assert len(gms.rejected) == 3 and not gms.writes()


# -- refusals -----------------------------------------------------------------------------------------------------

INVALID = {
    "aspect of another entity": ("dataset", COURSE, "glossaryTermInfo", {"definition": "x", "termSource": "INTERNAL"}),
    "unknown aspect": ("dataset", COURSE, "nonsense", {}),
    "unknown entity type": ("nonsense", "urn:li:nonsense:x", "status", {"removed": False}),
    "urn of another entity": ("dataset", TERM, "status", {"removed": False}),
    "malformed urn": ("dataset", "urn:li:dataset:course", "status", {"removed": False}),
    "missing field": ("dataset", COURSE, "ownership", {}),
    "wrong type": ("dataset", COURSE, "status", {"removed": "no"}),
    "unknown field": ("dataset", COURSE, "status", {"removed": False, "colour": "red"}),
    "malformed urn inside": ("dataset", COURSE, "domains", {"domains": ["教学"]}),
    "not an object": ("dataset", COURSE, "status", [1]),
}


@both_apis
@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_proposal_is_refused(gms: Standin, case: str, openapi: bool) -> None:
    entity_type, urn, aspect, value = INVALID[case]
    client = emitter(gms, openapi_ingestion=openapi)
    mcp = MetadataChangeProposalClass(
        entity_type,
        ChangeTypeClass.UPSERT,
        entityUrn=urn,
        aspectName=aspect,
        aspect=GenericAspectClass(json.dumps(value).encode(), "application/json"),
    )
    with pytest.raises(OperationalError) as caught:
        client.emit(mcp)
    assert caught.value.info["status"] == 422
    assert caught.value.info["message"] in str(caught.value)
    assert [(proposal.urn, proposal.aspect) for proposal, _ in gms.rejected] == [(urn, aspect)]
    assert not gms.writes() and not gms.store.urns()


def test_one_bad_proposal_spoils_its_batch(gms: Standin) -> None:
    bad = MetadataChangeProposalWrapper(entityUrn=COURSE, entityType="dataset", aspectName="glossaryTermInfo",
                                        aspect=GlossaryTermInfoClass("x", "INTERNAL"))  # fmt: skip
    with pytest.raises(OperationalError, match="Unknown aspect glossaryTermInfo for entity dataset"):
        emitter(gms).emit_mcps([properties(), bad])
    assert len(gms.rejected) == 1 and not gms.store.urns()


def test_create_refuses_what_exists(gms: Standin) -> None:
    create = properties()
    create.changeType = ChangeTypeClass.CREATE
    emitter(gms).emit(create)
    with pytest.raises(OperationalError, match="already exists"):
        emitter(gms).emit(create)


# -- search -------------------------------------------------------------------------------------------------------


def test_search_and_scroll(gms: Standin) -> None:
    client = graph(gms)
    urns = [f"urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.t{n:02},PROD)" for n in range(25)]
    client.emit_mcps([properties(urn, f"表{n:02}") for n, urn in enumerate(urns)])
    client.emit(
        MetadataChangeProposalWrapper(entityUrn="urn:li:domain:d1", aspect=DomainPropertiesClass("学生管理子集"))
    )
    client.emit(MetadataChangeProposalWrapper(entityUrn=urns[3], aspect=DomainsClass(["urn:li:domain:d1"])))

    assert list(client.get_urns_by_filter(entity_types=["dataset"], batch_size=10)) == urns
    assert list(client.get_urns_by_filter(query="表07")) == [urns[7]]
    assert list(client.get_urns_by_filter(entity_types=["domain"])) == ["urn:li:domain:d1"]
    assert list(client.get_urns_by_filter(platform="mysql")) == []
    assert len(list(client.get_urns_by_filter(platform="postgres", env="PROD"))) == 25
    in_domain: list[RawSearchFilterRule] = [{"field": "domains", "values": ["urn:li:domain:d1"], "condition": "EQUAL"}]
    assert list(client.get_urns_by_filter(extraFilters=in_domain)) == [urns[3]]
    assert client.get_domain_urn_by_name("学生管理子集") == "urn:li:domain:d1"
    assert client.list_all_entity_urns("dataset", 0, 3) == urns[:3]
    assert client.get_aspect_counts("datasetProperties", "urn:li:dataset:%") == 25
    page = client.scroll_entities(entity_names=["dataset"], aspects=["datasetProperties"], count=20)
    assert len(page.entities) == 20 and page.total_count == 25
    rest = client.scroll_entities(entity_names=["dataset"], count=20, scroll_id=page.scroll_id)
    assert list(rest.entities) == urns[20:] and rest.scroll_id is None
    assert not gms.unknown_requests


def test_what_it_does_not_know_is_an_error(gms: Standin) -> None:
    client = graph(gms)
    client.emit(properties())
    with pytest.raises(Exception, match="does not know the search field colour"):
        list(client.get_urns_by_filter(extraFilters=[{"field": "colour", "values": ["red"]}]))
    with pytest.raises(Exception, match="does not know the GraphQL field 'me'"):
        client.execute_graphql("query { me { corpUser { urn } } }")
    with pytest.raises(OperationalError):
        client._get_generic(f"{gms.url}/nowhere")
    assert [request.path for request in gms.unknown_requests] == ["/nowhere"]


def test_a_recipe_can_be_deployed(gms: Standin, tmp_path: Path) -> None:
    recipe = tmp_path / "jwxt.yml"
    recipe.write_text("source: {type: demo-data, config: {}}\ndeployment: {name: jwxt, schedule: 0 2 * * *}\n")
    variables = deploy_source_vars(None, str(recipe), None, "default", None, None, "UTC", None, False, None)
    mutation = "mutation m($urn: String!, $input: UpdateIngestionSourceInput!) {\n updateIngestionSource(urn: $urn) }"
    data = graph(gms).execute_graphql(mutation, variables=variables)
    (urn,) = gms.store.urns("dataHubIngestionSource")
    assert data == {"updateIngestionSource": urn}
    info = gms.store.get(urn, "dataHubIngestionSourceInfo")
    assert info is not None and info["schedule"]["interval"] == "0 2 * * *"


# -- a pipeline ---------------------------------------------------------------------------------------------------


def run_into(gms: Standin, source: Path, **sink: Any) -> Pipeline:
    pipeline = Pipeline.create(
        {
            "pipeline_name": "from-a-file",
            "source": {"type": "file", "config": {"path": str(source)}},
            "sink": {"type": "datahub-rest", "config": {"server": gms.url, **sink}},
        }
    )
    pipeline.run()
    return pipeline


@pytest.mark.parametrize("endpoint", ["RESTLI", "OPENAPI"])
@pytest.mark.parametrize("mode", ["SYNC", "ASYNC", "ASYNC_BATCH"])
def test_a_stock_pipeline_writes_into_it(gms: Standin, tmp_path: Path, mode: str, endpoint: str) -> None:
    source = tmp_path / "records.json"
    source.write_text(json.dumps([properties().to_obj(simplified_structure=True),
                                  properties(SCORE).to_obj(simplified_structure=True)]))  # fmt: skip
    pipeline = run_into(gms, source, mode=mode, endpoint=endpoint)
    pipeline.raise_from_status()
    assert gms.store.urns("dataset") == [COURSE, SCORE]
    # The run itself is recorded, too.
    assert len(gms.store.urns("dataHubExecutionRequest")) == 1
    assert len(gms.store.urns("dataHubIngestionSource")) == 1
    assert not gms.rejected and not gms.unknown_requests


def test_a_stock_pipeline_reports_what_was_refused(gms: Standin, tmp_path: Path) -> None:
    source = tmp_path / "records.json"
    bad = {**properties().to_obj(simplified_structure=True), "aspectName": "glossaryTermInfo",
           "aspect": {"json": {"definition": "x", "termSource": "INTERNAL"}}}  # fmt: skip
    source.write_text(json.dumps([bad]))
    pipeline = run_into(gms, source)
    assert pipeline.sink.get_report().failures
    assert len(gms.rejected) == 1


@pytest.mark.live
def test_a_live_server_answers(gms: Any) -> None:
    client = DataHubGraph(DatahubClientConfig(server=gms.url, token=gms.token))
    client.test_connection()
    assert client.server_config.is_no_code_enabled


def test_many_writers_at_once(gms: Standin) -> None:
    client = graph(gms)
    urns = [f"urn:li:dataset:(urn:li:dataPlatform:postgres,big.public.t{n},PROD)" for n in range(2000)]
    started = time.monotonic()
    client.emit_all([properties(urn) for urn in urns])
    assert gms.store.urns() == sorted(urns)
    assert time.monotonic() - started < 30
