"""Records as a live source yields them, of a system `live` on PostgreSQL, and what of them passes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datahub.emitter.mce_builder import make_data_flow_urn, make_data_job_urn_with_flow, make_dataset_urn
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    AuditStampClass,
    ChangeTypeClass,
    DataFlowInfoClass,
    DataJobInfoClass,
    DataJobInputOutputClass,
    DatasetLineageTypeClass,
    DatasetPropertiesClass,
    DataTransformClass,
    DataTransformLogicClass,
    GenericAspectClass,
    MetadataChangeProposalClass,
    OtherSchemaClass,
    QueryLanguageClass,
    QueryPropertiesClass,
    QuerySourceClass,
    QueryStatementClass,
    QuerySubjectClass,
    QuerySubjectsClass,
    SchemaFieldClass,
    SchemaFieldDataTypeClass,
    SchemaMetadataClass,
    StringTypeClass,
    SubTypesClass,
    UpstreamClass,
    UpstreamLineageClass,
    ViewPropertiesClass,
    _Aspect,
)

from campus_catalog.register.systems import Register
from campus_catalog.sources.stamping import Stamping
from tests.support.content import new_home, write

SYSTEM = """
    id: live
    name: 示例
    platform: postgres
    database: live
    connected: true
    subset: 学生
    unit: 学工处
    persons: [学工处数据管理员]
    sharing: {scope: 校内各单位, purpose: 查询}
    rules:
      - {match: "ok.t_flag", reviewed: {by: 学工处数据管理员, on: 2026-09-01}}
    datasets:
      - {table: ok.t_seen, name: 已审查, reviewed: {by: 学工处数据管理员, on: 2026-09-02}}
    """
CONTAINER = "urn:li:container:0"
STAMP = AuditStampClass(time=0, actor="urn:li:corpuser:someone")
FLOW = make_data_flow_urn("postgres", "live.ok.stored_procedures")
JOB = make_data_job_urn_with_flow(FLOW, "load_a")


def live_home(folder: Path) -> Path:
    """Content with the system."""
    home = new_home(folder)
    write(home / "ingestion_recipes" / "systems" / "live.yml", SYSTEM)
    return home


def urn(table: str) -> str:
    return make_dataset_urn("postgres", f"live.{table}")


def of(entity: str, *aspects: _Aspect) -> list[MetadataChangeProposalWrapper]:
    return [MetadataChangeProposalWrapper(entityUrn=entity, aspect=aspect) for aspect in aspects]


def schema(*columns: str) -> SchemaMetadataClass:
    fields = [SchemaFieldClass(name, SchemaFieldDataTypeClass(StringTypeClass()), "text") for name in columns]
    return SchemaMetadataClass("t", "urn:li:dataPlatform:postgres", 0, "", OtherSchemaClass(""), fields)


def table(name: str, comment: str | None = None, *more: _Aspect) -> list[Any]:
    properties = DatasetPropertiesClass(name=name.rsplit(".", 1)[-1], description=comment)
    return of(urn(name), properties, schema("a", "b"), *more, SubTypesClass(typeNames=["Table"]))


def view(name: str, sql: str, *of_tables: str, known: bool = True) -> list[Any]:
    upstreams = [UpstreamClass(urn(one), DatasetLineageTypeClass.VIEW) for one in of_tables]
    lineage = [UpstreamLineageClass(upstreams)] if known else []
    properties = ViewPropertiesClass(materialized=False, viewLogic=sql, viewLanguage="SQL")
    return of(urn(name), properties, schema("a"), SubTypesClass(typeNames=["View"]), *lineage)


def query(id_: str, sql: str, *subjects: str) -> list[Any]:
    statement = QueryStatementClass(sql, QueryLanguageClass.SQL)
    properties = QueryPropertiesClass(statement, QuerySourceClass.SYSTEM, STAMP, STAMP)
    named = QuerySubjectsClass([QuerySubjectClass(urn(one)) for one in subjects])
    return of(f"urn:li:query:{id_}", properties, *([named] if subjects else []))


def procedure(body: str, comment: str | None = None, *reads: str) -> list[Any]:
    logic = DataTransformLogicClass([DataTransformClass(QueryStatementClass(body, QueryLanguageClass.SQL))])
    lineage = DataJobInputOutputClass([urn(one) for one in reads], [])
    info = DataJobInfoClass(name="load_a", type="PROCEDURE", description=comment)
    return [
        *of(FLOW, DataFlowInfoClass(name="stored_procedures")),
        *of(JOB, info, logic, *([lineage] if reads else [])),
    ]


def raw(
    entity: str, name: str, text: bytes, change: str = ChangeTypeClass.UPSERT, type_: str = "application/json"
) -> Any:
    return MetadataChangeProposalClass(
        entityType="dataset",
        changeType=change,
        entityUrn=entity,
        aspectName=name,
        aspect=GenericAspectClass(text, type_),
    )


def passed(register: Register, records: Iterable[Any], **options: Any) -> tuple[list[Any], Stamping[Any]]:
    """Everything that gets through when ``records`` are the whole stream."""
    one: Stamping[Any] = Stamping(register, register.systems["live"], lambda made: made, **options)
    return [*(out for record in records for out in one.feed(record, record)), *one.finish()], one


def text_of(out: Iterable[Any]) -> str:
    return json.dumps([record.to_obj() for record in out], ensure_ascii=False)


def entities(out: Iterable[Any]) -> set[str]:
    return {getattr(record, "entityUrn", None) or record.proposedSnapshot.urn for record in out}


PLAIN = table("ok.t_x")
SECRET = table("ok.plan_a", "机密：某工程")
