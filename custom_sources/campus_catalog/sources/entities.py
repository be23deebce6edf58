"""What passes through stamping, and what stamping has met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from campus_catalog.register.inheritance import Answer
from campus_catalog.register.models import Reviewed
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem
from campus_catalog.regulation.personal_signs import Recognised
from campus_catalog.sources.records import Opened

Item = TypeVar("Item")


@dataclass
class StampingReport:
    """What stamping met.

    Attributes:
        stamped: datasets and containers stamped.
        undeclared: names of live datasets nothing in the register covers (Art. 7(9)).
        refused: names of everything refused as classified, sorted, with the word found and where it stood, or what else
            made it so (Art. 20).
        reviewed: names of the datasets that have such a word and were let in, with the word and who reviewed them.
        sampled: names of the kinds of personal information recognised by sample only, by ``dataset.column``.
        wider: names of declared datasets with personal information that are shared more widely than its rule says.
        notes: declared names or fields the live system does not have as declared, sharing classes to be stated, columns
            whose names are data.
    """

    stamped: int = 0
    undeclared: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    sampled: dict[str, str] = field(default_factory=dict)
    wider: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class PassingEntity(Generic[Item]):
    """An entity on its way through the gate, and what decides about it.

    Attributes:
        name: what it is called; of a container empty until its properties have come.
        held: its records that wait.
        names: urns of what it names and cannot do without; something refused among them refuses it.
        made_of: urns of the datasets it is known to be made of; None where nothing has said.
        statements: its texts of SQL.
        texts: all its texts, where they may name a table.
        primary: whether the source answers for its existence.
    """

    urn: str
    name: str
    kind: str
    held: list[tuple[Item, Opened]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    made_of: set[str] | None = None
    statements: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    primary: bool = True
    refused: bool = False
    is_view: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a table, or a container of tables."""
        return self.kind in ("dataset", "container") and not self.is_view


@dataclass
class HeldEntity(PassingEntity[Item]):
    """A dataset or container of the live source.

    Attributes:
        reviewed: who found that it is no classified material.
        missing: aspects without which nothing is decided; ``waits_for``: entities that must be decided before.
        personal: the columns that hold personal information; ``safe``: those that do not.
        left_out: the columns whose names are data.
    """

    answer: Answer | None = None
    system: DeclaredSystem | None = None
    entry: DeclaredDataset | None = None
    reviewed: Reviewed | None = None
    missing: set[type] = field(default_factory=set)
    waits_for: set[str] = field(default_factory=set)
    released: bool = False
    personal: dict[str, Recognised] = field(default_factory=dict)
    safe: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
