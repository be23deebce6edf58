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

    name: Text
    type: Text | None = None
    description: Text | None = None
    key: bool = False
    nullable: bool = True


class Rule(Statement):
    """A statement for the tables whose name matches a glob."""

    match: Text


class Dataset(Statement):
    """A declared dataset: a table, file, archive or mailbox."""

    table: Text = Key(description="database 与 schema 之下的物理名称")
    schema_: Text | None = Key(default=None, alias="schema", description="与系统不同时填写")
    name: Text = Key(description="中文名称")
    description: Text | None = None
    fields: list[Field] = []


class System(Statement):
    """An information system and its datasets."""

    id: Id
    name: Text
    description: Text | None = None
    platform: PlatformName
    instance: Text | None = None
    database: Text | None = None
    schema_: Text | None = Key(default=None, alias="schema")
    env: Env = "PROD"
    connected: bool = False
    covers: Words = ["*"]
    rules: list[Rule] = []
    datasets: list[Dataset] = []

    def dataset_name(self, dataset: Dataset) -> str:
        """The name DataHub gives the dataset, without platform instance: ``database.schema.table``."""
        parts = (self.database, dataset.schema_ or self.schema_, dataset.table)
        return ".".join(part for part in parts if part)
