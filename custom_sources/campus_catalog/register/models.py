"""The model of a file in ``ingestion_recipes/systems/``. See docs/formats.md."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints
from pydantic import Field as Key
from pydantic.dataclasses import dataclass

from campus_catalog.content.models import ContentModel, Id, Text, Words

#: as DataHub writes it: mostly lower case, but OpenApi
PlatformName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
Env = Literal["PROD", "DEV", "TEST", "QA", "UAT", "EI", "PRE", "STG", "NON_PROD", "CORP", "RVW", "PRD", "TST", "SIT",
              "SBX", "SANDBOX"]  # fmt: skip


class Sharing(ContentModel):
    """How data is shared (Art. 4, 12): class, with whom, what for, and on what ground."""

    class_: Text | None = Key(default=None, alias="class", description="共享方式；不写即默认方式")
    scope: Text | None = Key(default=None, description="共享范围")
    purpose: Text | None = Key(default=None, description="共享用途")
    basis: Text | None = Key(default=None, description="依据：为何不共享，或依何法规")


class Statement(ContentModel):
    """What may be stated for a system, by a rule, or for one dataset; the nearer statement wins."""

    subset: Text | None = Key(default=None, description="数据子集")
    unit: Text | None = Key(default=None, description="责任单位，只能有一个")
    persons: Words | None = Key(default=None, description="责任人，至少一个")
    sharing: Sharing | None = Key(default=None, description="共享方式、范围、用途、依据")
    kind: Text | None = Key(default=None, description="数据类别")
    items: Words | None = Key(default=None, description="所含数据项")
    data_standard: Text | None = Key(default=None, description="数据标准")
    operation_log: Text | None = Key(default=None, description="操作日志")
    backup: Text | None = Key(default=None, description="备份")
    classified: bool = Key(default=False, description="涉密数据不得登记")


@dataclass(config=ConfigDict(extra="forbid"), slots=True)
class Field:
    """A field of a dataset; a slotted dataclass, because a large register holds millions of them."""

    name: Annotated[Text, Key(description="字段名")]
    type: Annotated[Text | None, Key(description="类型，按平台的写法，如 varchar(20)")] = None
    description: Annotated[Text | None, Key(description="含义，如 课程号")] = None
    key: Annotated[bool, Key(description="true：主键，或主键的一部分")] = False
    nullable: Annotated[bool, Key(description="false：不能为空")] = True


class Rule(Statement):
    """A statement for the tables whose name matches a glob."""

    match: Text = Key(description="表名，不分大小写；* 为任意字符，? 为一个字符，如 log_*")


class Dataset(Statement):
    """A declared dataset: a table, file, archive or mailbox."""

    table: Text = Key(description="database 与 schema 之下的物理名称")
    schema_: Text | None = Key(default=None, alias="schema", description="与系统不同时填写")
    name: Text = Key(description="中文名称")
    description: Text | None = Key(default=None, description="数据集的内容")
    fields: list[Field] = Key(default=[], description="字段；已知时填写")


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

    def dataset_name(self, dataset: Dataset) -> str:
        """The name DataHub gives the dataset, without platform instance: ``database.schema.table``."""
        parts = (self.database, dataset.schema_ or self.schema_, dataset.table)
        return ".".join(part for part in parts if part)
