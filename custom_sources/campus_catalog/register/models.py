"""The model of a file in ``ingestion_recipes/systems/``. See docs/formats.md."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, StringConstraints, create_model, field_validator
from pydantic import Field as Key
from pydantic.dataclasses import dataclass

from campus_catalog.content.models import ContentModel, Id, Text, Words
from campus_catalog.regulation.statements import ClassOn, StatementKey, Statements

#: as DataHub writes it: mostly lower case, but OpenApi
PlatformName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
Env = Literal["PROD", "DEV", "TEST", "QA", "UAT", "EI", "PRE", "STG", "NON_PROD", "CORP", "RVW", "PRD", "TST", "SIT",
              "SBX", "SANDBOX"]  # fmt: skip


class Statement(ContentModel):
    """Where something may be stated: of a system, by a rule, of one dataset; the nearer statement wins.

    What may be stated are the keys of the regulation; ``system_model`` adds them.
    """

    classified: bool = Key(default=False, description="涉密数据不得登记")

    def said(self, key: StatementKey) -> Any | None:
        """What is written under a key.

        Args:
            key: a key of the regulation's statements.

        Returns:
            As written, names not looked up; None when nothing is.
        """
        found: Any = self
        for part in key.path:
            found = getattr(found, "class_" if part == "class" else part, None)
        return found


@dataclass(config=ConfigDict(extra="forbid"), slots=True)
class Field:
    """A field of a dataset; a slotted dataclass, because a large register holds millions of them."""

    name: Annotated[Text, Key(description="字段名")]
    type: Annotated[Text | None, Key(description="类型，按平台的写法，如 varchar(20)")] = None
    description: Annotated[Text | None, Key(description="含义，如 课程号")] = None
    key: Annotated[bool, Key(description="true：主键，或主键的一部分")] = False
    nullable: Annotated[bool, Key(description="false：不能为空")] = True


class Reviewed(ContentModel):
    """Who looked at a table whose names or comments have a word of classified material, and found it is none."""

    by: Text = Key(description="审查人的岗位，如 保密办主任")
    on: date = Key(description="审查日期，如 2026-09-01；不能是将来")

    @field_validator("on", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        if not isinstance(value, (str, date)):  # a number would be taken for seconds since 1970
            raise ValueError("应为日期，如 2026-09-01")
        return value

    def __str__(self) -> str:
        return f"{self.by}，{self.on.isoformat()}"


_REVIEWED = "经保密审查不涉密：审查人和日期；写明后，名称或注释中有涉密字样的这张表可以进入目录"


class Rule(Statement):
    """A statement for the tables whose name matches a glob."""

    match: Text = Key(
        description="表名，可带 schema，不分大小写；* 为任意字符，? 为一个字符，如 log_*、archive.*；在前的先生效"
    )
    reviewed: Reviewed | None = Key(default=None, description=_REVIEWED)


class Dataset(Statement):
    """A declared dataset: a table, file, archive or mailbox."""

    table: Text = Key(description="database 与 schema 之下的物理名称")
    schema_: Text | None = Key(default=None, alias="schema", description="与系统不同时填写")
    name: Text = Key(description="中文名称")
    description: Text | None = Key(default=None, description="数据集的内容")
    fields: list[Field] = Key(default=[], description="字段；已知时填写")
    reviewed: Reviewed | None = Key(default=None, description=_REVIEWED)


class System(Statement):
    """An information system and its datasets."""

    id: Id
    name: Text = Key(description="系统的名称")
    description: Text | None = Key(default=None, description="系统用于什么业务")
    platform: PlatformName = Key(description="平台，按 DataHub 的写法，如 postgres，或 platforms.yml 中的 id")
    instance: Text | None = Key(default=None, description="平台实例，与采集配置的 platform_instance 一致；没有则不写")
    database: Text | None = Key(default=None, description="数据库名，即数据集名称的第一段；平台没有则不写")
    schema_: Text | None = Key(
        default=None, alias="schema", description="schema 名，即数据集名称的第二段；平台没有则不写"
    )
    env: Env = Key(default="PROD", description="环境，与采集配置的 env 一致；PROD 为生产环境")
    connected: bool = Key(default=False, description="true：结构由采集从系统读取；false：结构以这里的登记为准")
    covers: Words = Key(
        default=["*"], description="按本文件默认声明处理的表，写表名，可用 * 和 ?；其余的表须单独登记，否则算未登记"
    )
    rules: list[Rule] = Key(default=[], description="按表名细化的声明，第一个匹配的生效")
    datasets: list[Dataset] = Key(default=[], description="登记的数据集：表、文件、档案或邮箱")

    def names_of(self, dataset: Dataset) -> tuple[str | None, ...]:
        """What a dataset's name in DataHub is made of.

        Args:
            dataset: one of this system.

        Returns:
            Platform instance, database, schema and table; None for those there are not.
        """
        return (self.instance, self.database, dataset.schema_ or self.schema_, dataset.table)


@cache
def system_model(statements: Statements) -> type[System]:
    """The model of a system's file at a school whose declarations state these keys.

    Args:
        statements: the keys of the regulation.

    Returns:
        ``System``, its rules and datasets with a field for every key.
    """
    keys = _fields(statements)
    rule = create_model("Rule", __base__=Rule, __doc__=Rule.__doc__, **keys)
    dataset = create_model("Dataset", __base__=Dataset, __doc__=Dataset.__doc__, **keys)
    rules: Any = list[rule]  # type: ignore[valid-type]  # made just now
    datasets: Any = list[dataset]  # type: ignore[valid-type]
    return create_model(
        "System",
        __base__=System,
        __doc__=System.__doc__,
        **keys,
        rules=(rules, Key(default=[], description=System.model_fields["rules"].description)),
        datasets=(datasets, Key(default=[], description=System.model_fields["datasets"].description)),
    )


def _fields(statements: Statements) -> dict[str, Any]:
    """The keys as fields of a model; those that stand beside a class are fields of a model of their own."""
    fields: dict[str, Any] = {}
    for row in statements:
        if row.within:
            continue
        if isinstance(row.means, ClassOn):
            inner: dict[str, Any] = {each.id: each.field for each in statements.within(row.id)}
            class_: Any = (Text | None, Key(default=None, alias="class", description=row.help))
            group = create_model(row.id.title(), __base__=ContentModel, class_=class_, **inner)
            labels = "、".join([row.label, *(each.label for each in statements.within(row.id))])
            fields[row.id] = (group | None, Key(default=None, description=labels))
        else:
            fields[row.id] = row.field
    return fields
