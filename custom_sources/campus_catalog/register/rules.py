"""What a declared system must keep to besides the form of its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic import BaseModel

from campus_catalog.content import layout
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import did_you_mean
from campus_catalog.register.inheritance import broken_rules, inherit
from campus_catalog.register.models import Dataset, Field, Rule
from campus_catalog.register.systems import DeclaredSystem

#: Platforms that ship with a DataHub server and that a school is likely to declare without connecting them.
KNOWN_PLATFORMS = frozenset(
    "airflow athena azure-data-factory cassandra clickhouse cockroachdb couchbase csv databricks db2 dbt "
    "delta-lake doris dremio druid dynamodb elasticsearch excel feast file fivetran flink gcs glue "
    "grafana greenplum hana hdfs hive iceberg kafka kafka-connect kusto ldap looker mariadb metabase "
    "mlflow mode mongodb mssql mysql neo4j nifi OpenApi oracle postgres powerbi presto pulsar qlik-sense "
    "redash redis redshift s3 sac salesforce sigma snowflake spark sqlalchemy sqlite starrocks superset "
    "tableau teradata tidb timescaledb trino unity-catalog vertica".split()
)

_of_field = attrgetter(*(field.name for field in fields(Field)))


def check_defaults(declared: DeclaredSystem, problems: Problems) -> None:
    """Defaults that try to answer for live tables must be sound; defaults that state nobody make them undeclared."""
    for rule in range(-1, len(declared.rules)):
        answer = inherit(declared.levels(rule), declared.regulation)
        if not (answer.unit and answer.persons and answer.subset) or answer.subset.explicit:
            continue
        place = declared.rules[rule][1].location if rule >= 0 else ()
        for location, code, message in broken_rules(answer, place, declared.regulation):
            problems.add(declared.path, location, code, message)


def check_platform(declared: DeclaredSystem, problems: Problems) -> None:
    """The platform of a system must be DataHub's or the school's own; a connected one's is its source's to say."""
    system = declared.system
    own = {platform.id for platform in declared.regulation.platforms}
    if system.connected or system.platform in own:
        return
    known = own | KNOWN_PLATFORMS
    if system.platform not in known:
        hint = did_you_mean(system.platform, known)
        message = f"没有名为「{system.platform}」的平台（自有平台请先写入 {layout.PLATFORMS.path.name}）{hint}"
        problems.add(declared.path, ["platform"], "unknown-platform", message)


def check_reviewed(declared: DeclaredSystem, problems: Problems) -> None:
    """Who reviewed a table is a post of the school, and did so before today is over."""
    said: dict[str, Sequence[Rule | Dataset]] = {"rules": declared.system.rules, "datasets": declared.system.datasets}
    for key, statements in said.items():
        for index, statement in enumerate(statements):
            if statement.reviewed is None:
                continue
            place = (key, index, "reviewed")
            declared.regulation.people.find(statement.reviewed.by, declared.path, (*place, "by"), problems)
            if statement.reviewed.on > datetime.now().astimezone().date():
                problems.add(declared.path, (*place, "on"), "invalid", "「on」不能是将来的日期")


def check_classified(declared: DeclaredSystem, problems: Problems) -> None:
    """Art. 20: classified material, declared or recognised, is refused before anything is written."""
    words = declared.regulation.school.classified
    path, system = declared.path, declared.system
    cited = declared.regulation.school.cite("classified")
    advice = f"涉密数据不得进入目录，按学校保密管理规定执行{cited}，请删除这一条"
    for place, statement in [((), system), *((("rules", i), r) for i, r in enumerate(system.rules))]:
        if statement.classified:
            problems.add(path, (*place, "classified"), "classified", f"声明为涉密：{advice}")
    own = {name: getattr(system, name) for name in type(system).model_fields if name not in ("rules", "datasets")}
    said = [((_key(type(system), name),), text) for name, value in own.items() for _, text in _texts(value, ())]
    for index, rule in enumerate(system.rules):
        if rule.reviewed is None:
            said += _texts(rule, ("rules", index))
    for place, text in said:
        word = words.word_in(text)
        if word:
            problems.add(path, place, "classified", f"出现「{word}」：{advice}")
    by_rule = any(rule.reviewed for rule in system.rules)
    for index, dataset in enumerate(system.datasets):
        if dataset.classified:
            problems.add(path, ("datasets", index, "classified"), "classified", f"声明为涉密：{advice}")
        if dataset.reviewed or (by_rule and declared.reviewed_by_rule(dataset.table, dataset.schema_)):
            continue
        found = words.find(_plain_texts(dataset))
        if found:
            places = [place for place, text in _texts(dataset, ("datasets", index)) if words.word_in(text)]
            place = places[0][:4] if places[0][2:3] == ("fields",) else places[0][:2]
            problems.add(path, place, "classified", f"数据集「{dataset.table}」中出现「{found.word}」：{advice}")


def _plain_texts(dataset: Dataset) -> list[str]:
    """Every text of a dataset; a large register has millions, so that their places are looked up at a fault only."""
    texts = [text for column in dataset.fields for text in _of_field(column) if isinstance(text, str)]
    for name, value in dataset.__dict__.items():
        if isinstance(value, str):
            texts.append(value)
        elif value and name != "fields":
            texts += [text for _, text in _texts(value, ())]
    return texts


def _texts(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text of a statement, of whatever key, with the place where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield from _texts(part, (*place, index))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield (*place, key), str(key)
            yield from _texts(part, (*place, key))
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*place, _key(type(value), name)))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name), (*place, field.name))


def _key(model: type[BaseModel], name: str) -> str:
    """How a field is written in the file."""
    return model.model_fields[name].alias or name
