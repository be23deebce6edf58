"""What a declared system must keep to besides the form of its file."""

from __future__ import annotations

from campus_catalog.content import layout
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import did_you_mean
from campus_catalog.register.inheritance import broken_rules, inherit
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
    system = declared.system
    own = {platform.id for platform in declared.regulation.platforms}
    if system.connected or system.platform in own:
        return
    known = own | KNOWN_PLATFORMS
    if system.platform not in known:
        hint = did_you_mean(system.platform, known)
        message = f"没有名为「{system.platform}」的平台（自有平台请先写入 {layout.PLATFORMS.path.name}）{hint}"
        problems.add(declared.path, ["platform"], "unknown-platform", message)


def check_classified(declared: DeclaredSystem, problems: Problems) -> None:
    """Art. 20: classified material, declared or recognised, is refused before anything is written."""
    words = declared.regulation.school.classified
    path, system = declared.path, declared.system
    cited = declared.regulation.school.cite("classified")
    advice = f"涉密数据不得进入目录，按学校保密管理规定执行{cited}，请删除这一条"
    for place, statement in [((), system), *((("rules", i), r) for i, r in enumerate(system.rules))]:
        if statement.classified:
            problems.add(path, (*place, "classified"), "classified", f"声明为涉密：{advice}")
    for key in ("name", "description", "database", "schema_"):
        word = words.word_in(getattr(system, key))
        if word:
            problems.add(path, [key.rstrip("_")], "classified", f"出现「{word}」：{advice}")
    for index, dataset in enumerate(system.datasets):
        if dataset.classified:
            problems.add(path, ("datasets", index, "classified"), "classified", f"声明为涉密：{advice}")
        texts = [dataset.name, dataset.table, dataset.description or ""]
        texts += [text for column in dataset.fields for text in (column.name, column.description or "")]
        word = words.word_in("\n".join(texts))
        if word:
            position = next(i for i, text in enumerate(texts) if words.word_in(text))
            place = ("datasets", index) if position < 3 else ("datasets", index, "fields", (position - 3) // 2)
            problems.add(path, place, "classified", f"数据集「{dataset.table}」中出现「{word}」：{advice}")
