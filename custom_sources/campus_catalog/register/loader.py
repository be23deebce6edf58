"""Reads ``ingestion_recipes/systems/`` and answers for every dataset, declared or found live."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from campus_catalog.content import Problems, nearest, read
from campus_catalog.problems import ContentError
from campus_catalog.register.models import Dataset, System
from campus_catalog.register.personal import restricted
from campus_catalog.register.statements import Answer, Stated, faults, merge, resolve
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.personal import PersonalKind

SYSTEMS = Path("ingestion_recipes", "systems")


class DatasetKey(NamedTuple):
    """What identifies a dataset in DataHub: platform, name with platform instance, environment."""

    platform: str
    name: str
    env: str


@dataclass(slots=True)
class DeclaredDataset:
    """A dataset of the register with its place and its answer."""

    system: DeclaredSystem
    dataset: Dataset
    key: DatasetKey
    answer: Answer

    @property
    def personal(self) -> list[PersonalKind]:
        """The kinds of personal information its declared fields hold."""
        return personal_kinds(self.dataset, self.system.regulation)


@dataclass
class DeclaredSystem:
    """A system of the register, its statements resolved.

    Attributes:
        defaults: what holds for a live table no dataset or rule speaks of.
        usable: whether the defaults are complete, so that they may answer for such a table.
    """

    system: System
    path: Path
    regulation: Regulation
    stated: Stated
    rules: list[tuple[re.Pattern[str], Stated]]
    datasets: list[DeclaredDataset] = field(default_factory=list)
    _answers: dict[int, Answer | None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The system's id."""
        return self.system.id

    @property
    def name(self) -> str:
        """The system's Chinese name."""
        return self.system.name

    @property
    def prefix(self) -> str:
        """What the names of the system's datasets start with, platform instance included."""
        system = self.system
        parts = (system.instance, system.database, system.schema_)
        return "".join(f"{part}." for part in parts if part)

    def rule_for(self, table: str) -> int:
        """Index of the first rule that matches the table name, or -1."""
        for index, (pattern, _) in enumerate(self.rules):
            if pattern.fullmatch(table):
                return index
        return -1

    def levels(self, rule: int, *nearer: Stated) -> list[Stated]:
        """The statements that hold, farthest first."""
        return [self.stated, *([self.rules[rule][1]] if rule >= 0 else []), *nearer]

    @property
    def defaults(self) -> Answer:
        """What the system states for a table nothing else speaks of."""
        return merge(self.levels(-1), self.regulation)

    def answer_for_live(self, name: str) -> Answer | None:
        """What holds for a live table that is not declared.

        Args:
            name: the dataset's name with platform instance.

        Returns:
            None when nothing covers the table: it lies outside the system, or the defaults do not answer for it.
        """
        if not name.startswith(self.prefix):
            return None
        table = name[len(self.prefix) :]
        words = (table, table.rsplit(".", 1)[-1])
        if not any(fnmatch.fnmatch(word.lower(), glob.lower()) for glob in self.system.covers for word in words):
            return None
        rule = max(self.rule_for(word) for word in words)
        if rule not in self._answers:
            answer = merge(self.levels(rule), self.regulation)
            complete = answer.subset and answer.unit and answer.persons
            self._answers[rule] = answer if complete and not faults(answer, (), self.regulation) else None
        return self._answers[rule]


@dataclass
class Register:
    """Every declared system, and the dataset behind every identity."""

    regulation: Regulation
    systems: dict[str, DeclaredSystem]
    by_key: dict[DatasetKey, DeclaredDataset]

    def __iter__(self) -> Iterator[DeclaredSystem]:
        return iter(self.systems.values())

    def system_at(self, key: DatasetKey) -> DeclaredSystem | None:
        """The system in whose database and schema the dataset lies; the most specific one."""
        candidates = [
            declared
            for declared in self
            if declared.system.platform == key.platform
            and declared.system.env == key.env
            and key.name.startswith(declared.prefix)
        ]
        return max(candidates, key=lambda declared: len(declared.prefix), default=None)


def load_register(home: Path, regulation: Regulation) -> Register:
    """Read every system of ``home/ingestion_recipes/systems``.

    Raises:
        ContentError: with every fault of every file.
    """
    problems = Problems(home)
    register = Register(regulation, {}, {})
    for path in sorted((home / SYSTEMS).glob("*.yml")):
        system = read(path, System, problems)
        if system is None:
            continue
        if system.id in register.systems:
            other = register.systems[system.id].path.name
            problems.add(path, ["id"], "duplicate-id", f"系统 id「{system.id}」已在 {other} 中登记")
            continue
        register.systems[system.id] = _declare(system, path, register, problems)
    problems.raise_any()
    return register


def load_content(home: Path) -> Register:
    """Read glossary and register.

    Raises:
        ContentError: with every fault of both.
    """
    _, register, problems = check_content(home)
    if register is None:
        raise ContentError(problems)
    return register


def check_content(home: Path) -> tuple[Regulation | None, Register | None, list[Any]]:
    """Read glossary and register, collecting the faults of both.

    Returns:
        The regulation and the register (None where faulty) and every Problem found.
    """
    from campus_catalog.regulation.loader import load_regulation
    from campus_catalog.regulation.version import VersionError

    try:
        regulation = load_regulation(home)
    except VersionError as error:
        return None, None, error.problems
    except ContentError as error:
        found = list(error.problems)
        # the register's names cannot be looked up, but each file's form can be
        problems = Problems(home)
        for path in sorted((home / SYSTEMS).glob("*.yml")):
            read(path, System, problems)
        return None, None, found + problems.found
    try:
        return regulation, load_register(home, regulation), []
    except ContentError as error:
        return regulation, None, error.problems


def _declare(system: System, path: Path, register: Register, problems: Problems) -> DeclaredSystem:
    regulation = register.regulation
    rules = []
    for index, rule in enumerate(system.rules):
        pattern = re.compile(fnmatch.translate(rule.match), re.IGNORECASE)
        stated = resolve(rule, f"rule:{rule.match}", ("rules", index), path, regulation, problems)
        rules.append((pattern, stated))
    declared = DeclaredSystem(
        system, path, regulation, resolve(system, "system", (), path, regulation, problems), rules
    )
    before = len(problems.found)
    for index, dataset in enumerate(system.datasets):
        _declare_dataset(declared, dataset, index, register, problems)
    if system.connected and len(problems.found) == before:
        _check_defaults(declared, problems)
    _check_platform(declared, problems)
    _check_classified(declared, problems)
    return declared


def _declare_dataset(
    declared: DeclaredSystem, dataset: Dataset, index: int, register: Register, problems: Problems
) -> None:
    system, path, place = declared.system, declared.path, ("datasets", index)
    name = system.dataset_name(dataset)
    key = DatasetKey(system.platform, f"{system.instance}.{name}" if system.instance else name, system.env)
    other = register.by_key.get(key)
    if other is not None:
        where = f"系统「{other.system.name}」（{other.system.path.name}）"
        message = f"数据集 {key.name}（{key.platform}）已由{where}登记，一个数据集只能登记一次"
        problems.add(path, (*place, "table"), "duplicate-dataset", message)
        return
    regulation = register.regulation
    stated = resolve(dataset, "stated", place, path, regulation, problems)
    answer = merge(declared.levels(declared.rule_for(dataset.table), stated), regulation)
    if regulation.personal is not None and not regulation.personal.missing:
        answer = restricted(answer, regulation.personal, personal_kinds(dataset, regulation))
    for location, code, message in faults(answer, place, regulation):
        problems.add(path, location, code, message)
    seen: set[str] = set()
    for position, column in enumerate(dataset.fields):
        if column.name in seen:
            location = (*place, "fields", position, "name")
            problems.add(path, location, "duplicate-field", f"字段「{column.name}」重复")
        seen.add(column.name)
    answer.places = {}  # only needed to point at faults
    register.by_key[key] = entry = DeclaredDataset(declared, dataset, key, answer)
    declared.datasets.append(entry)


def personal_kinds(dataset: Dataset, regulation: Regulation) -> list[PersonalKind]:
    """The kinds of personal information among a dataset's declared fields."""
    if regulation.personal is None:
        return []
    found = [regulation.personal.kind_of(column.name, column.description) for column in dataset.fields]
    return [kind for kind in found if kind is not None]


def _check_defaults(declared: DeclaredSystem, problems: Problems) -> None:
    """Defaults that try to answer for live tables must be sound; defaults that state nobody make them undeclared."""
    for rule in range(-1, len(declared.rules)):
        answer = merge(declared.levels(rule), declared.regulation)
        if not (answer.unit and answer.persons and answer.subset) or answer.subset.explicit:
            continue
        place = declared.rules[rule][1].location if rule >= 0 else ()
        for location, code, message in faults(answer, place, declared.regulation):
            problems.add(declared.path, location, code, message)


def _check_platform(declared: DeclaredSystem, problems: Problems) -> None:
    system = declared.system
    own = {platform.id for platform in declared.regulation.platforms}
    if system.connected or system.platform in own:
        return
    known = own | KNOWN_PLATFORMS
    if system.platform not in known:
        hint = nearest(system.platform, known)
        message = f"没有名为「{system.platform}」的平台（自有平台请先写入 platforms.yml）{hint}"
        problems.add(declared.path, ["platform"], "unknown-platform", message)


def _check_classified(declared: DeclaredSystem, problems: Problems) -> None:
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


#: Platforms that ship with a DataHub server and that a school is likely to declare without connecting them.
KNOWN_PLATFORMS = frozenset(
    "airflow athena azure-data-factory cassandra clickhouse cockroachdb couchbase csv databricks db2 dbt "
    "delta-lake doris dremio druid dynamodb elasticsearch excel feast file fivetran flink gcs glue "
    "grafana greenplum hana hdfs hive iceberg kafka kafka-connect kusto ldap looker mariadb metabase "
    "mlflow mode mongodb mssql mysql neo4j nifi OpenApi oracle postgres powerbi presto pulsar qlik-sense "
    "redash redis redshift s3 sac salesforce sigma snowflake spark sqlalchemy sqlite starrocks superset "
    "tableau teradata tidb timescaledb trino unity-catalog vertica".split()
)
