"""What passes through stamping, and what stamping has met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from datahub.metadata.schema_classes import _Aspect

from campus_catalog.register.inheritance import Answer
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem
from campus_catalog.regulation.personal_signs import Finding

Item = TypeVar("Item")


@dataclass
class StampingReport:
    """What stamping met.

    Attributes:
        stamped: datasets and containers stamped.
        undeclared: names of live datasets nothing in the register covers (Art. 7(9)).
        refused: names of live datasets and containers refused as classified, with the word found (Art. 20).
        sampled: names of the kinds of personal information recognised by sample only, by ``dataset.column``.
        wider: names of declared datasets with personal information that are shared more widely than its rule says.
        notes: declared names or fields the live system does not have as declared, sharing classes to be stated.
    """

    stamped: int = 0
    undeclared: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sampled: dict[str, str] = field(default_factory=dict)
    wider: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class HeldEntity(Generic[Item]):
    """A dataset or container on its way through; a container has no name, only its urn.

    Attributes:
        personal: the columns that hold personal information; ``safe``: those that do not.
    """

    urn: str
    name: str
    answer: Answer | None
    system: DeclaredSystem | None
    entry: DeclaredDataset | None = None
    held: list[tuple[Item, list[_Aspect]]] = field(default_factory=list)
    missing: set[type] = field(default_factory=set)
    waits_for: set[str] = field(default_factory=set)
    released: bool = False
    refused: bool = False
    is_view: bool = False
    personal: dict[str, Finding] = field(default_factory=dict)
    safe: set[str] = field(default_factory=set)
