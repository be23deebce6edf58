"""The gate: every text of every aspect of every entity is judged, and what names something refused goes with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mce_builder import make_dataset_urn
from datahub.ingestion.api.common import ControlRecord, RecordEnvelope
from datahub.metadata.schema_classes import (
    ASPECT_CLASSES,
    AssertionInfoClass,
    AssertionTypeClass,
    BrowsePathEntryClass,
    BrowsePathsV2Class,
    ChangeTypeClass,
    ContainerClass,
    ContainerPropertiesClass,
    CorpUserInfoClass,
    DatasetFieldProfileClass,
    DatasetLineageTypeClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    DatasetSnapshotClass,
    DatasetUsageStatisticsClass,
    GenericAspectClass,
    GlobalTagsClass,
    MetadataChangeEventClass,
    MetadataChangeProposalClass,
    StatusClass,
    StructuredPropertiesClass,
    StructuredPropertyValueAssignmentClass,
    SubTypesClass,
    TagAssociationClass,
    TagPropertiesClass,
    UpstreamClass,
    UpstreamLineageClass,
    ViewPropertiesClass,
)

from campus_catalog.register.loader import load_register
from campus_catalog.register.systems import Register
from campus_catalog.regulation.loader import load_regulation
from campus_catalog.sources.gate import shown
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.transformer import CampusStampTransformer
from tests.support.content import context
from tests.support.records import (
    CONTAINER,
    PLAIN,
    SECRET,
    entities,
    live_home,
    of,
    passed,
    procedure,
    query,
    raw,
    schema,
    table,
    text_of,
    urn,
)

WORD = "绝密"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live_home(tmp_path_factory.mktemp("gate") / "home")


@pytest.fixture(scope="module")
def register(home: Path) -> Register:
    return load_register(home, load_regulation(home))


#: something with the word in it, of entity types and aspects nobody here knows by name
ANYWHERE: dict[str, list[Any]] = {
    "procedure text": procedure(f"select 1 -- {WORD}"),
    "procedure comment": procedure("select 1", WORD),
    "custom property": table("ok.t_s", None, DatasetPropertiesClass(customProperties={"x": WORD})),
    "name of a custom property": table("ok.t_s", None, DatasetPropertiesClass(customProperties={WORD: "x"})),
    "tag": table("ok.t_s", None, GlobalTagsClass([TagAssociationClass(f"urn:li:tag:{WORD}")])),
    "tag by another name": [*table("ok.t_s", None, GlobalTagsClass([TagAssociationClass("urn:li:tag:t1")])),
                            *of("urn:li:tag:t1", TagPropertiesClass(name=WORD))],
    "structured property": table("ok.t_s", None, StructuredPropertiesClass(
        [StructuredPropertyValueAssignmentClass("urn:li:structuredProperty:p", [WORD])])),
    "browse path": table("ok.t_s", None, BrowsePathsV2Class([BrowsePathEntryClass(WORD)])),
    "container": of(CONTAINER, ContainerPropertiesClass(name="库", description=WORD)),
    "container's property": of(CONTAINER, ContainerPropertiesClass(name="库", customProperties={"comment": WORD})),
    "person": of("urn:li:corpuser:x", CorpUserInfoClass(active=True, title=f"{WORD}文件管理员")),
    "assertion": of("urn:li:assertion:x", AssertionInfoClass(AssertionTypeClass.CUSTOM, description=WORD)),
    "query": query("q", f"select '{WORD}'"),
    "snapshot": [MetadataChangeEventClass(DatasetSnapshotClass(
        urn("ok.t_s"), [DatasetPropertiesClass(name="x", description=WORD), schema("a")]))],
    "raw proposal": [raw(urn("ok.t_s"), "datasetProperties", json.dumps({"description": WORD}).encode())],
    "aspect of another release": [raw(urn("ok.t_s"), "novelAspect", json.dumps({"deep": [{"er": WORD}]}).encode())],
    "field of another release": [raw(urn("ok.t_s"), "status", json.dumps({"removed": False, "why": WORD}).encode())],
    "patch": [raw(urn("ok.t_s"), "globalTags", json.dumps(
        [{"op": "add", "path": f"/tags/urn:li:tag:{WORD}", "value": {}}]).encode(), ChangeTypeClass.PATCH,
        "application/json-patch+json")],
    "key aspect": [MetadataChangeProposalClass(
        entityType="tag", changeType=ChangeTypeClass.UPSERT,
        entityKeyAspect=GenericAspectClass(json.dumps({"name": WORD}).encode(), "application/json"))],
}  # fmt: skip


@pytest.mark.parametrize("name", ANYWHERE)
def test_a_word_anywhere_refuses_the_entity_whole(register: Register, name: str) -> None:
    out, one = passed(register, [*ANYWHERE[name], *PLAIN])
    assert WORD not in text_of(out)
    assert urn("ok.t_x") in entities(out) and urn("ok.t_s") not in entities(out)
    assert one.report.refused or name == "query" or name == "assertion"


@pytest.mark.parametrize("aspect", list(ASPECT_CLASSES), ids=lambda one: one.ASPECT_NAME)
def test_no_aspect_datahub_knows_carries_the_word_through(register: Register, aspect: Any) -> None:
    """Whatever texts an aspect has, each of them is looked at."""
    made = aspect._construct_with_defaults()
    places = [key for key, value in made._inner_dict.items() if isinstance(value, str) or value is None]
    for key in places:
        made = aspect._construct_with_defaults()
        made._inner_dict[key] = WORD
        out, _ = passed(register, of("urn:li:glossaryNode:x", made))
        assert out == []


OPAQUE = {
    "bytes that are no text": raw(urn("ok.t_s"), "datasetProperties", "绝密".encode("gbk")),
    "another content type": raw(urn("ok.t_s"), "novelAspect", b"\x00\x01", type_="application/avro"),
    "bytes in an aspect": of(urn("ok.t_s"), *table("ok.t_s")[0:0]) or raw(urn("ok.t_s"), "novelAspect", b"{"),
    "no record at all": object(),
}


@pytest.mark.parametrize("name", OPAQUE)
def test_what_cannot_be_looked_into_is_refused_and_said(register: Register, name: str) -> None:
    out, one = passed(register, [OPAQUE[name], *table("ok.t_s"), *PLAIN])
    assert any("cannot be looked into" in line for line in one.report.refused)
    assert urn("ok.t_x") in entities(out)
    assert name == "no record at all" or urn("ok.t_s") not in entities(out)


@pytest.mark.parametrize("late", [True, False])
def test_a_table_in_a_refused_container_is_refused(register: Register, late: bool) -> None:
    secret = of(CONTAINER, ContainerPropertiesClass(name="机密库"))
    inside = table("ok.t_s", None, ContainerClass(CONTAINER))
    out, one = passed(register, [*inside, *secret] if late else [*secret, *inside])
    assert out == []
    assert one.report.refused == ["live.ok.t_s (in a refused container)", "机密库 (机密: name)"]


def test_of_the_queries_of_a_table_only_those_that_may_be_seen_pass(register: Register) -> None:
    queries = ["select a from t_x", "select a from plan_a", f"select a from t_x where b = '{WORD}'"]
    usage = DatasetUsageStatisticsClass(timestampMillis=0, topSqlQueries=queries)
    out, _ = passed(register, [*PLAIN, *of(urn("ok.t_x"), usage), *SECRET])
    (found,) = [record.aspect for record in out if record.aspectName == "datasetUsageStatistics"]
    assert found.topSqlQueries == ["select a from t_x"]


def profile_of(value: str) -> list[Any]:
    column = DatasetFieldProfileClass("b", sampleValues=[value])
    return of(urn("ok.t_x"), DatasetProfileClass(timestampMillis=0, fieldProfiles=[column]))


def test_where_profiles_follow_a_table_waits_for_its_values(register: Register) -> None:
    out, one = passed(register, [*PLAIN, *profile_of("机密文件")], profiling=True)
    assert out == [] and one.report.refused == ["live.ok.t_x (机密: value in a profile)"]


def test_what_has_gone_on_before_the_word_came_is_marked_removed(register: Register) -> None:
    """A word that nobody could wait for."""
    out, one = passed(register, [*PLAIN, *profile_of("机密文件")])
    assert out[-1].entityUrn == urn("ok.t_x") and out[-1].aspect == StatusClass(removed=True)
    assert "机密" not in text_of(out) and one.report.refused


def test_a_reviewed_table_passes_and_no_other(register: Register) -> None:
    records = [
        *table("ok.t_flag", "机密文件表"),
        *table("ok.t_seen", "涉密人员字典"),
        *table("ok.t_flags", "机密文件表"),
    ]
    out, one = passed(register, records)
    assert entities(out) == {urn("ok.t_flag"), urn("ok.t_seen")}
    assert one.report.reviewed == [
        "live.ok.t_flag (机密: table comment; 学工处数据管理员，2026-09-01)",
        "live.ok.t_seen (涉密: table comment; 学工处数据管理员，2026-09-02)",
    ]
    properties = [record.aspect for record in out if record.aspectName == "datasetProperties"]
    assert [one.customProperties["classified_review"] for one in properties] == [
        "学工处数据管理员，2026-09-01",
        "学工处数据管理员，2026-09-02",
    ]


def test_all_that_is_refused_is_named_each_time_in_the_same_order(register: Register) -> None:
    names = [f"ok.t_{number:02}" for number in range(30)]
    records = [table(name, "机密") for name in names]
    _, one = passed(register, [record for part in records for record in part])
    _, other = passed(register, [record for part in reversed(records) for record in part])
    assert one.report.refused == other.report.refused == [f"live.{name} (机密: table comment)" for name in names]


PLACES = {
    "table name": of(urn("ok.t"), DatasetPropertiesClass(name="机密")),
    "table comment": table("ok.t", "机密"),
    "column name": of(urn("ok.t"), schema("a", "机密")),
    "view definition": of(urn("ok.t"), ViewPropertiesClass(False, "select '机密'", "SQL")),
    "tag": of(urn("ok.t"), GlobalTagsClass([TagAssociationClass("urn:li:tag:机密")])),
    "custom property": of(urn("ok.t"), DatasetPropertiesClass(customProperties={"k": "机密"})),
    "structured property": of(urn("ok.t"), StructuredPropertiesClass(
        [StructuredPropertyValueAssignmentClass("urn:li:structuredProperty:p", ["机密"])])),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_the_report_says_the_word_and_where_it_stood_and_nothing_more(register: Register, place: str) -> None:
    _, one = passed(register, PLACES[place])
    assert one.report.refused == [f"live.ok.t (机密: {place})"]


def test_a_name_is_reported_as_text(register: Register) -> None:
    _, one = passed(register, table("ok.a\x1b[31m\nb\u200b[/x]:key:", "机密"))
    assert one.report.refused == ["live.ok.a\\x1b[31m\\nb\\u200b[/x]:key: (机密: table comment)"]
    assert shown("普通 name（一）") == "普通 name（一）"


def test_what_another_source_answers_for_is_judged_and_not_stamped(register: Register) -> None:
    one: Stamping[Any] = Stamping(register, register.systems["live"], lambda made: made)
    other = make_dataset_urn("mysql", "elsewhere.t")
    records = [
        *of(other, DatasetPropertiesClass(description="x")),
        *of(f"{other[:-6]}2,PROD)", DatasetPropertiesClass(description=WORD)),
    ]
    out = [*(o for record in records for o in one.feed(record, record, primary=False)), *one.finish()]
    assert [record.entityUrn for record in out] == [other] and out[0].aspect.description == "x"
    assert one.gate.refused and not one.gate.own


def test_a_raw_proposal_is_cleaned_like_any_other(register: Register) -> None:
    """The name of the columns, and lineage, of a proposal that has its aspect as text."""
    lineage = UpstreamLineageClass(
        [UpstreamClass(urn(one), DatasetLineageTypeClass.COPY) for one in ("ok.plan_a", "ok.t_x")]
    )
    made = [
        record.make_mcp()
        for record in of(urn("ok.t_y"), DatasetPropertiesClass(name="t_y"), schema("13900010003"), lineage)
    ]
    out, _ = passed(register, [*SECRET, *PLAIN, *made])
    left = {record.aspectName: json.loads(record.aspect.value) for record in made if record.aspect}
    assert all(record in out for record in made)
    assert left["schemaMetadata"]["fields"] == []
    assert [up["dataset"] for up in left["upstreamLineage"]["upstreams"]] == [urn("ok.t_x")]


def test_columns_called_like_values_are_left_out_and_said(register: Register) -> None:
    records = of(urn("ok.t_y"), DatasetPropertiesClass(name="t_y"), schema("2023001", "丙某", "11010119900307457X"))
    profile = DatasetProfileClass(timestampMillis=0, fieldProfiles=[DatasetFieldProfileClass("11010119900307457X")])
    out, one = passed(register, [*records, *of(urn("ok.t_y"), profile, SubTypesClass(typeNames=["Table"]))])
    assert "丙某" not in text_of(out) and "11010119900307457X" not in text_of(out)
    (note,) = one.report.notes
    assert note.startswith("live.ok.t_y: its columns are called like values") and "丙某" not in note


def test_a_sheet_keeps_what_its_workbook_says_and_no_cells(register: Register) -> None:
    sheet = make_dataset_urn("excel", "data/[f.xlsx]表")
    said = {
        "title": "名册",
        "author": "甲某",
        "last_modified_by": "乙某",
        "created": "2026-01-01",
        "制表人": "丙某",
        "cells": "x",
    }
    out, _ = passed(register, of(sheet, DatasetPropertiesClass(customProperties=said)))
    assert out[0].aspect.customProperties == {"title": "名册", "created": "2026-01-01"}
    out, one = passed(register, of(sheet, DatasetPropertiesClass(customProperties={"cells": "机密资料登记表"})))
    assert out == [] and one.report.refused == ["data/[f.xlsx]表 (机密: custom property)"]


def test_two_tables_that_differ_in_capitals_are_two(register: Register) -> None:
    """The declared one is there: nothing is misspelt."""
    _, one = passed(register, [*table("ok.T_SEEN"), *table("ok.t_seen")])
    assert one.report.notes == []
    _, one = passed(register, table("ok.T_SEEN"))
    assert one.report.notes == ["live.ok.T_SEEN: declared as live.ok.t_seen; correct the register's spelling"]


def test_the_transformer_has_the_same_gate(home: Path) -> None:
    transformer = CampusStampTransformer.create({"home": str(home), "system": "live"}, context())
    records = [
        *SECRET,
        *procedure("BEGIN INSERT INTO plan_a SELECT a FROM ok.t_x; END", None, "ok.t_x"),
        *PLAIN,
        _End(),
    ]
    out = [envelope.record for envelope in transformer.transform([RecordEnvelope(record, {}) for record in records])]
    assert out and "plan_a" not in text_of(record for record in out if not isinstance(record, ControlRecord))
    assert any(isinstance(record, _End) for record in out)
    assert len(transformer.report.refused) == 1, "what follows is decided at the end of the stream"


class _End(ControlRecord):
    """A record that carries no metadata."""
