"""What a declaration may state, and what becomes of it in the catalog: one table.

The register's models and JSON Schema, inheritance, the checks and the stamp read it, so a row more is a key more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from campus_catalog.content.models import Text, Words
from campus_catalog.regulation.models import CitedRule, OwnershipRole


@dataclass(frozen=True)
class DomainOf:
    """The subset a dataset belongs to: its domain."""


@dataclass(frozen=True)
class OwnerIn:
    """Owners of one ownership type.

    Attributes:
        role: names the ownership type (ownership_types.yml).
        holder: whether units or persons hold it.
    """

    role: OwnershipRole
    holder: Literal["unit", "person"]


@dataclass(frozen=True)
class ClassOn:
    """A class, stated as ``class`` below its key: a term and a tag. Further keys may stand beside it."""


@dataclass(frozen=True)
class TermsBelow:
    """Glossary terms below a node that school.yml names."""

    node: Literal["items", "kinds"]


@dataclass(frozen=True)
class ValueOf:
    """A value of a structured property (properties.yml)."""

    property: str


@dataclass(frozen=True)
class StatementKey:
    """A key of a declaration.

    Attributes:
        id: the key as it is written, and the name of what it states.
        label: what stewards call it.
        means: what becomes of it in the catalog.
        help: what to write there.
        many: whether it takes a list.
        within: the key of the class it stands beside. It is inherited only as long as that class stays the same.
        required: whether every dataset must have one.
        cites: the rule whose article a message about it cites.
        hint: ends the message that it is missing.
    """

    id: str
    label: str
    means: DomainOf | OwnerIn | ClassOn | TermsBelow | ValueOf
    help: str
    many: bool = False
    within: str | None = None
    required: bool = False
    cites: CitedRule | None = None
    hint: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it in a declaration."""
        if isinstance(self.means, ClassOn):
            return (self.id, "class")
        return (self.within, self.id) if self.within else (self.id,)

    @property
    def field(self) -> Any:
        """The key as a field of a model, for pydantic's ``create_model``."""
        return (Words if self.many else Text) | None, Field(default=None, description=self.help)


@dataclass(frozen=True)
class Statements:
    """The keys of a declaration, in the order in which they are shown and stamped."""

    rows: tuple[StatementKey, ...]

    def __iter__(self) -> Iterator[StatementKey]:
        return iter(self.rows)

    @cached_property
    def by_id(self) -> dict[str, StatementKey]:
        """The keys by id."""
        return {row.id: row for row in self.rows}

    def within(self, key: str) -> list[StatementKey]:
        """The keys that stand beside the class of ``key``.

        Args:
            key: id of a key that takes a class.

        Returns:
            The keys, in their order.
        """
        return [row for row in self.rows if row.within == key]

    @property
    def properties(self) -> list[str]:
        """Ids of the structured properties that declarations give values to."""
        return [row.means.property for row in self.rows if isinstance(row.means, ValueOf)]


STATEMENTS = Statements(
    (
        StatementKey("subset", "数据子集", DomainOf(), "数据子集", required=True, cites="subset"),
        StatementKey(
            "unit",
            "责任单位",
            OwnerIn("responsible_unit", "unit"),
            "责任单位，只能有一个",
            required=True,
            cites="responsibility",
        ),
        StatementKey(
            "persons",
            "责任人",
            OwnerIn("responsible_person", "person"),
            "责任人，至少一个",
            many=True,
            required=True,
            cites="responsibility",
        ),
        StatementKey("sharing", "共享方式", ClassOn(), "共享方式；不写即默认方式", cites="sharing"),
        StatementKey("scope", "共享范围", ValueOf("campus.sharing_scope"), "共享范围", within="sharing", cites="scope"),
        StatementKey(
            "purpose", "共享用途", ValueOf("campus.sharing_purpose"), "共享用途", within="sharing", cites="scope"
        ),
        StatementKey(
            "basis",
            "依据",
            ValueOf("campus.sharing_basis"),
            "依据：理由或所依据的法规",
            within="sharing",
            cites="sharing",
            hint="：理由或所依据的法规",
        ),
        StatementKey("kind", "数据类别", TermsBelow("kinds"), "数据类别"),
        StatementKey("items", "数据项", TermsBelow("items"), "所含数据项", many=True),
        StatementKey("data_standard", "数据标准", ValueOf("campus.data_standard"), "数据标准"),
        StatementKey("operation_log", "操作日志", ValueOf("campus.operation_log"), "操作日志"),
        StatementKey("backup", "备份", ValueOf("campus.backup"), "备份"),
    )
)
