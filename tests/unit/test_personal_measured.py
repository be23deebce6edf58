"""How well personal information is recognised, over columns labelled by hand: precision, recall, needless restriction.

Each row of the data has a column's table (name and comment), name, comment and what a person would say it holds: the id
of a kind, ``-`` for none, ``?`` where people would not agree; those do not count.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.personal import Personal
from tests.support.content import ROOT

DATA = ROOT / "tests" / "data" / "personal"
#: least precision, least recall of the kinds that restrict
BOUNDS = {"zh": (0.95, 0.95), "en": (0.95, 0.90)}
NEEDLESSLY = 0.03


class Column(NamedTuple):
    """One labelled column."""

    language: str
    table: str
    name: str
    comment: str
    kind: str


@dataclass
class Counts:
    """How often recognition was right, and in which way wrong."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def columns(file: str) -> list[Column]:
    with Path(DATA / file).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [Column(*row) for row in rows]


def is_held_out(column: Column) -> bool:
    """By its name alone, so that a name is on one side only; the words of personal.yml were found with the other."""
    return hashlib.sha256(column.name.lower().encode()).digest()[0] % 2 == 0


SETS: dict[str, Callable[[], Iterable[Column]]] = {
    "tuning half": lambda: (column for column in columns("columns.tsv") if not is_held_out(column)),
    "held-out half": lambda: (column for column in columns("columns.tsv") if is_held_out(column)),
    "other vendors": lambda: columns("vendors.tsv"),
}


@pytest.fixture(scope="module")
def personal(regulation: Regulation) -> Personal:
    assert regulation.personal is not None
    return regulation.personal


def found(personal: Personal, column: Column) -> str:
    kind = personal.kind_of(column.name, column.comment, table=column.table.split(" ", 1))
    return kind.id if kind else "-"


def restricting(personal: Personal, id_: str) -> bool:
    return id_ != "-" and personal.kind(id_).restricts


@pytest.mark.parametrize("language", BOUNDS)
@pytest.mark.parametrize("set_", SETS)
def test_columns_of_the_kinds_that_restrict_are_recognised(personal: Personal, set_: str, language: str) -> None:
    counts, differing = Counts(), []
    for column in SETS[set_]():
        if column.language != language or column.kind == "?":
            continue
        said, got = (restricting(personal, id_) for id_ in (column.kind, found(personal, column)))
        counts.right += said and got
        counts.missed += said and not got
        counts.wrong += got and not said
        differing += [column] if said != got else []
    assert counts.right + counts.missed >= 50
    assert (counts.precision >= BOUNDS[language][0], counts.recall >= BOUNDS[language][1]) == (True, True), differing


@pytest.mark.parametrize("file", ["columns.tsv", "vendors.tsv"])
def test_few_tables_are_restricted_needlessly(personal: Personal, file: str) -> None:
    said: dict[str, bool] = defaultdict(bool)
    got: dict[str, bool] = defaultdict(bool)
    for column in columns(file):
        if column.kind != "?":
            said[column.table] |= restricting(personal, column.kind)
            got[column.table] |= restricting(personal, found(personal, column))
    needlessly = [table for table in said if got[table] and not said[table]]
    assert len(needlessly) <= NEEDLESSLY * len(said), needlessly


@pytest.mark.parametrize("column", columns("met.tsv"), ids=lambda column: f"{column.name} {column.comment}")
def test_what_real_systems_had_is_told_as_a_person_would(personal: Personal, column: Column) -> None:
    assert found(personal, column) == column.kind


def test_every_label_is_a_kind(personal: Personal) -> None:
    ids = {kind.id for kind in personal.kinds} | {"-", "?"}
    assert {column.kind for file in DATA.glob("*.tsv") for column in columns(file.name)} <= ids
