"""Stamping live metadata: what is added, what survives, and what never gets through."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mce_builder import make_dataset_urn
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import EndOfStream, RecordEnvelope
from datahub.metadata.schema_classes import (
    AuditStampClass,
    ChangeTypeClass,
    ContainerPropertiesClass,
    DatasetLineageTypeClass,
    DatasetPropertiesClass,
    FineGrainedLineageClass,
    FineGrainedLineageDownstreamTypeClass,
    FineGrainedLineageUpstreamTypeClass,
    ForeignKeyConstraintClass,
    GlobalTagsClass,
    GlossaryTermAssociationClass,
    GlossaryTermsClass,
    MetadataChangeProposalClass,
    OtherSchemaClass,
    OwnerClass,
    OwnershipClass,
    QueryLanguageClass,
    QueryPropertiesClass,
    QuerySourceClass,
    QueryStatementClass,
    QuerySubjectClass,
    QuerySubjectsClass,
    SchemaFieldClass,
    SchemaFieldDataTypeClass,
    SchemaMetadataClass,
    StatusClass,
    StringTypeClass,
    StructuredPropertiesClass,
    StructuredPropertyValueAssignmentClass,
    SubTypesClass,
    TagAssociationClass,
    UpstreamClass,
    UpstreamLineageClass,
    ViewPropertiesClass,
    _Aspect,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from campus_catalog.register.loader import load_register
from campus_catalog.register.systems import Register
from campus_catalog.regulation.loader import load_regulation
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.transformer import CampusStampTransformer
from tests.support.content import context, new_home, write

SYSTEM = """
    id: live
    name: 示例
    platform: postgres
    database: live
    schema: public
    connected: true
    covers: ["t_*"]
    subset: 学生
    unit: 学工处
    persons: [学工处数据管理员]
    sharing: {scope: 校内各单位, purpose: 查询}
    datasets:
      - table: t_student
        name: 学生
        description: 在校学生
        items: [学籍]
        fields:
          - {name: xh, description: 学号}
          - {name: gone, description: 已取消}
    """
CONTAINER = "urn:li:container:0"
STAMP = AuditStampClass(time=0, actor="urn:li:corpuser:someone")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_home(tmp_path_factory.mktemp("stamping") / "home")
    write(home / "ingestion_recipes" / "systems" / "live.yml", SYSTEM)
    return home


@pytest.fixture(scope="module")
def register(home: Path) -> Register:
    return load_register(home, load_regulation(home))


def urn(table: str) -> str:
    return make_dataset_urn("postgres", f"live.public.{table}")


def proposal(entity: str, aspect: _Aspect) -> MetadataChangeProposalWrapper:
    return MetadataChangeProposalWrapper(entityUrn=entity, aspect=aspect)


def properties(table: str, comment: str | None = None) -> MetadataChangeProposalWrapper:
    return proposal(urn(table), DatasetPropertiesClass(name=table, description=comment))


def schema(
    table: str, columns: dict[str, str | None] | None = None, refers_to: str = ""
) -> MetadataChangeProposalWrapper:
    fields = [
        SchemaFieldClass(name, SchemaFieldDataTypeClass(StringTypeClass()), "text", description=comment)
        for name, comment in (columns or {"xh": None}).items()
    ]
    key = ForeignKeyConstraintClass("fk", foreignFields=[], sourceFields=[], foreignDataset=urn(refers_to))
    return proposal(
        urn(table),
        SchemaMetadataClass(
            schemaName=table, platform="urn:li:dataPlatform:postgres", version=0, hash="",
            platformSchema=OtherSchemaClass(""), fields=fields, foreignKeys=[key] if refers_to else None,
        ),
    )  # fmt: skip


def stamping(register: Register) -> Stamping[Any]:
    return Stamping(register, register.systems["live"], lambda made: made)


def feed(one: Stamping[Any], records: Iterable[Any]) -> list[MetadataChangeProposalWrapper]:
    return [out for record in records for out in one.feed(record, record)]


def stamped(register: Register, *records: MetadataChangeProposalWrapper) -> tuple[list[Any], Stamping[Any]]:
    """Everything that gets through when ``records`` are the whole stream."""
    one = stamping(register)
    return [*feed(one, records), *one.finish()], one


def aspects(out: list[Any], entity: str) -> dict[str, Any]:
    """The aspects of one entity, each emitted once."""
    found = [(record.aspectName, record.aspect) for record in out if record.entityUrn == entity]
    assert len(found) == len(dict(found))
    return dict(found)


def test_a_covered_table_gets_everything_the_register_declares(register: Register) -> None:
    out, one = stamped(register, properties("t_student"), schema("t_student"))
    got = aspects(out, urn("t_student"))
    assert got["domains"].domains == ["urn:li:domain:student"]
    assert {(owner.owner, owner.typeUrn) for owner in got["ownership"].owners} == {
        ("urn:li:corpGroup:student-affairs-office", "urn:li:ownershipType:responsible-unit"),
        ("urn:li:corpuser:student-affairs-office-steward", "urn:li:ownershipType:responsible-person"),
        ("urn:li:corpuser:student-affairs-office-head", "urn:li:ownershipType:first-responsible-person"),
    }
    assert [term.urn.rsplit(":", 1)[1] for term in got["glossaryTerms"].terms] == [
        "sharing.shared",
        "items.student.status",
    ]
    assert [tag.tag for tag in got["globalTags"].tags] == ["urn:li:tag:sharing-shared"]
    assert [value.values for value in got["structuredProperties"].properties] == [["校内各单位"], ["查询"]]
    assert got["applications"].applications == ["urn:li:application:live"]
    assert one.report.stamped == 1


NAMES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True)


@settings(max_examples=50, deadline=None)
@given(owners=NAMES, terms=NAMES, tags=NAMES, values=NAMES, ours_too=st.booleans(), late=st.booleans())
def test_what_the_live_source_brings_survives_and_ours_comes_once(
    register: Register,
    owners: list[str],
    terms: list[str],
    tags: list[str],
    values: list[str],
    ours_too: bool,
    late: bool,
) -> None:
    more_terms = ["sharing.shared"] if ours_too else []
    more_tags = ["sharing-shared"] if ours_too else []
    more_values = ["campus.sharing_scope"] if ours_too else []
    brought = [
        proposal(urn("t_x"), aspect)
        for aspect in (
            OwnershipClass([OwnerClass(f"urn:li:corpuser:{name}", "TECHNICAL_OWNER") for name in owners]),
            GlossaryTermsClass(
                [GlossaryTermAssociationClass(f"urn:li:glossaryTerm:{name}") for name in terms + more_terms], STAMP
            ),
            GlobalTagsClass([TagAssociationClass(f"urn:li:tag:{name}") for name in tags + more_tags]),
            StructuredPropertiesClass([
                StructuredPropertyValueAssignmentClass(f"urn:li:structuredProperty:{name}", ["x"])
                for name in values + more_values
            ]),
        )
    ]  # fmt: skip
    known = [properties("t_x"), schema("t_x")]
    out, _ = stamped(register, *(known + brought if late else brought + known))
    # what came late is a second, complete record of the aspect: the last one counts
    got = {record.aspectName: record.aspect for record in out if record.entityUrn == urn("t_x")}
    ids = {
        "ownership": [owner.owner for owner in got["ownership"].owners],
        "terms": [term.urn.rsplit(":", 1)[1] for term in got["glossaryTerms"].terms],
        "tags": [tag.tag.rsplit(":", 1)[1] for tag in got["globalTags"].tags],
        "values": [value.propertyUrn.rsplit(":", 1)[1] for value in got["structuredProperties"].properties],
    }
    ours = ["urn:li:corpGroup:student-affairs-office", "urn:li:corpuser:student-affairs-office-steward",
            "urn:li:corpuser:student-affairs-office-head"]  # fmt: skip
    assert sorted(ids["ownership"]) == sorted([f"urn:li:corpuser:{name}" for name in owners] + ours)
    assert sorted(ids["terms"]) == sorted([*terms, "sharing.shared"])
    assert sorted(ids["tags"]) == sorted([*tags, "sharing-shared"])
    assert sorted(ids["values"]) == sorted([*values, "campus.sharing_scope", "campus.sharing_purpose"])
    scope = next(
        value for value in got["structuredProperties"].properties if value.propertyUrn.endswith("sharing_scope")
    )
    assert scope.values == ["校内各单位"]


def test_nothing_of_a_table_passes_before_all_that_people_wrote_of_it_was_seen(register: Register) -> None:
    one = stamping(register)
    records = [proposal(urn("t_x"), StatusClass(removed=False)), properties("t_x"), schema("t_x")]
    assert feed(one, records) == []
    last = proposal(urn("t_x"), SubTypesClass(typeNames=["Table"]))
    out = feed(one, [last])
    assert [record for record in out if record in [*records, last]] == [*records, last]
    assert len(out) == 4 + 6
    assert list(one.finish()) == []


def test_a_table_whose_schema_never_comes_is_stamped_at_the_end(register: Register) -> None:
    out, one = stamped(register, properties("t_x"))
    assert {"datasetProperties", "domains", "ownership"} <= aspects(out, urn("t_x")).keys()
    assert one.report.stamped == 1


VIEW = ViewPropertiesClass(materialized=False, viewLogic="select 1 -- 绝密", viewLanguage="SQL")
CLASSIFIED = {
    "table name": [properties("t_机密"), schema("t_机密")],
    "table comment": [properties("t_secret", "涉密人员"), schema("t_secret")],
    "column name": [properties("t_secret"), schema("t_secret", {"机密号": None})],
    "column comment": [properties("t_secret"), schema("t_secret", {"a": "绝密文号"})],
    "view definition": [properties("t_secret"), proposal(urn("t_secret"), VIEW), schema("t_secret")],
    "schema before properties": [schema("t_secret"), properties("t_secret", "机密")],
    "no schema at all": [properties("t_secret", "机密")],
}


@pytest.mark.parametrize("name", CLASSIFIED)
def test_of_a_classified_table_nothing_at_all_gets_through(register: Register, name: str) -> None:
    records = CLASSIFIED[name]
    secret = records[0].entityUrn
    assert secret
    extra = [proposal(secret, StatusClass(removed=False)), proposal(secret, GlobalTagsClass([]))]
    out, one = stamped(register, extra[0], *records, extra[1], properties("t_x"), schema("t_x"))
    assert {record.entityUrn for record in out} == {urn("t_x")}
    assert len(one.report.refused) == 1 and one.report.stamped == 1


def test_a_view_definition_that_comes_after_release_is_still_looked_at(register: Register) -> None:
    out, one = stamped(register, properties("t_v"), schema("t_v"), proposal(urn("t_v"), VIEW))
    assert "绝密" not in "".join(str(record.aspect.to_obj()) for record in out)
    assert len(one.report.refused) == 1


@pytest.mark.parametrize("secret_first", [True, False])
def test_foreign_keys_to_a_classified_table_are_forgotten(register: Register, secret_first: bool) -> None:
    secret, other = CLASSIFIED["table comment"], [properties("t_x"), schema("t_x", refers_to="t_secret")]
    out, _ = stamped(register, *(secret + other if secret_first else other + secret))
    assert aspects(out, urn("t_x"))["schemaMetadata"].foreignKeys == []
    assert "t_secret" not in "".join(str(record.aspect.to_obj()) for record in out)


def test_tables_that_refer_to_each_other_are_both_released(register: Register) -> None:
    out, one = stamped(
        register, properties("t_a"), schema("t_a", refers_to="t_b"), properties("t_b"), schema("t_b", refers_to="t_a")
    )
    assert one.report.stamped == 2
    assert [key.foreignDataset for key in aspects(out, urn("t_a"))["schemaMetadata"].foreignKeys] == [urn("t_b")]


def _lineage(table: str) -> MetadataChangeProposalWrapper:
    def column(of: str) -> str:
        return f"urn:li:schemaField:({urn(of)},xh)"

    lines = [
        FineGrainedLineageClass(
            FineGrainedLineageUpstreamTypeClass.FIELD_SET,
            FineGrainedLineageDownstreamTypeClass.FIELD,
            upstreams=[column(of)],
            downstreams=[column(table)],
        )
        for of in ("t_secret", "t_open")
    ]
    upstreams = [UpstreamClass(urn(of), DatasetLineageTypeClass.VIEW) for of in ("t_secret", "t_open")]
    return proposal(urn(table), UpstreamLineageClass(upstreams, fineGrainedLineages=lines))


@pytest.mark.parametrize("secret_first", [True, False])
def test_lineage_from_a_classified_table_is_forgotten(register: Register, secret_first: bool) -> None:
    secret, view = CLASSIFIED["table comment"], [properties("t_v"), schema("t_v"), _lineage("t_v")]
    out, _ = stamped(register, *(secret + view if secret_first else view + secret))
    lineage = aspects(out, urn("t_v"))["upstreamLineage"]
    assert [upstream.dataset for upstream in lineage.upstreams] == [urn("t_open")]
    assert len(lineage.fineGrainedLineages) == 1
    assert "t_secret" not in "".join(str(record.aspect.to_obj()) for record in out)


def test_queries_forget_classified_tables_and_a_query_with_a_classified_text_is_dropped(register: Register) -> None:
    subjects = QuerySubjectsClass([QuerySubjectClass(urn("t_secret")), QuerySubjectClass(urn("t_x"))])

    def query(text: str) -> _Aspect:
        statement = QueryStatementClass(text, QueryLanguageClass.SQL)
        return QueryPropertiesClass(statement, QuerySourceClass.SYSTEM, STAMP, STAMP)

    out, _ = stamped(
        register,
        *CLASSIFIED["table comment"],
        proposal("urn:li:query:1", query("select 1")),
        proposal("urn:li:query:1", subjects),
        proposal("urn:li:query:2", query("select '绝密'")),
    )
    assert [record.entityUrn for record in out] == ["urn:li:query:1", "urn:li:query:1"]
    assert [subject.entity for subject in out[1].aspect.subjects] == [urn("t_x")]


def test_a_table_outside_covers_is_undeclared_passes_and_gets_no_owner(register: Register) -> None:
    records = [properties("tmp"), schema("tmp")]
    out, one = stamped(register, *records)
    assert out == records
    assert (one.report.undeclared, one.report.stamped) == (["live.public.tmp"], 0)


def test_a_classified_table_nobody_declared_is_refused_and_not_called_undeclared(register: Register) -> None:
    out, one = stamped(register, properties("tmp", "机密"), schema("tmp"))
    assert out == [] and one.report.undeclared == [] and len(one.report.refused) == 1


def test_containers_get_the_systems_stamp(register: Register) -> None:
    out, one = stamped(register, proposal(CONTAINER, ContainerPropertiesClass(name="public")))
    got = aspects(out, CONTAINER)
    assert got["domains"].domains == ["urn:li:domain:student"]
    assert got["applications"].applications == ["urn:li:application:live"]
    assert one.report.stamped == 1 and one.report.undeclared == []


def test_a_classified_container_is_refused(register: Register) -> None:
    out, one = stamped(register, proposal(CONTAINER, ContainerPropertiesClass(name="机密库")))
    assert out == [] and len(one.report.refused) == 1


def test_a_soft_delete_passes_at_once_and_unstamped(register: Register) -> None:
    gone = proposal(urn("t_gone"), StatusClass(removed=True))
    one = stamping(register)
    assert feed(one, [gone]) == [gone]
    assert list(one.finish()) == [] and one.report.stamped == 0 and one.report.undeclared == []


def test_a_name_spelled_otherwise_than_declared_is_reported(register: Register) -> None:
    _, one = stamped(register, properties("T_Student"), schema("T_Student"))
    assert one.report.notes == [
        "live.public.T_Student: declared as live.public.t_student; correct the register's spelling"
    ]


def test_the_declared_name_and_description_win_and_the_databases_comment_is_kept(register: Register) -> None:
    out, one = stamped(
        register, properties("t_student", "STUDENT TABLE"), schema("t_student", {"xh": "STUDENT NO", "xm": "姓名"})
    )
    got = aspects(out, urn("t_student"))
    assert (got["datasetProperties"].name, got["datasetProperties"].description) == ("学生", "在校学生")
    assert got["datasetProperties"].customProperties == {"database_comment": "STUDENT TABLE"}
    number, name = got["schemaMetadata"].fields
    assert (number.description, name.description) == ("学号", "姓名")
    assert "STUDENT NO" in number.jsonProps
    assert one.report.notes == ["live.public.t_student: declared field gone is not in the live table"]


def _patched(record: Any) -> str:
    """The text of a patch."""
    assert record.changeType == ChangeTypeClass.PATCH and record.aspect is not None
    return bytes(record.aspect.value).decode()


@pytest.mark.parametrize("late", [True, False])
def test_for_a_server_the_live_list_passes_as_it_is_and_ours_is_patched_in_after_it(
    register: Register, late: bool
) -> None:
    live = proposal(urn("t_x"), GlobalTagsClass([TagAssociationClass("urn:li:tag:live")]))
    known = [properties("t_x"), schema("t_x")]
    one = Stamping(register, register.systems["live"], lambda made: made, patching=True)
    out = [*feed(one, [*known, live] if late else [live, *known]), *one.finish()]
    tags = [record for record in out if record.aspectName == "globalTags"]
    assert live.aspect == GlobalTagsClass([TagAssociationClass("urn:li:tag:live")])
    assert live in tags and tags[-1] is not live
    assert "urn:li:tag:sharing-shared" in _patched(tags[-1]) and "urn:li:tag:live" not in _patched(tags[-1])
    patches = {record.aspectName for record in out if isinstance(record, MetadataChangeProposalClass)}
    assert patches == {"ownership", "glossaryTerms", "globalTags", "structuredProperties"}
    domains: Any = next(record.aspect for record in out if record.aspectName == "domains")
    assert domains.domains == ["urn:li:domain:student"]


@pytest.mark.parametrize("sink", ["file", "datahub-rest"])
@pytest.mark.parametrize("named", [True, False])
def test_the_transformer_does_the_same_with_its_system_named_or_found(
    home: Path, register: Register, named: bool, sink: str
) -> None:
    def records() -> list[MetadataChangeProposalWrapper]:
        return [properties("t_student"), schema("t_student", refers_to="t_secret"), properties("tmp"), schema("tmp"),
                properties("t_secret", "机密"), proposal(urn("t_gone"), StatusClass(removed=True))]  # fmt: skip

    one = Stamping(register, register.systems["live"], lambda made: made, patching=sink == "datahub-rest")
    expected: list[Any] = [*feed(one, records()), *one.finish()]
    config = {"home": str(home), **({"system": "live"} if named else {})}
    transformer = CampusStampTransformer.create(config, context(sink))
    stream = [RecordEnvelope(record, {}) for record in [*records(), EndOfStream()]]
    *out, end = transformer.transform(stream)
    assert isinstance(end.record, EndOfStream)
    assert [envelope.record for envelope in out] == expected
    assert transformer.report == one.report
