"""Declared systems and datasets, and what each of them answers for a dataset, declared or live."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from campus_catalog.register.identity import DatasetKey, encoded, plain
from campus_catalog.register.inheritance import Answer, Stated, broken_rules, inherit
from campus_catalog.register.models import Dataset, Reviewed, System
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.personal_signs import Recognised


@dataclass(slots=True)
class DeclaredDataset:
    """A dataset of the register with its place and its answer."""

    system: DeclaredSystem
    dataset: Dataset
    key: DatasetKey
    answer: Answer

    @property
    def reviewed(self) -> Reviewed | None:
        """Who found that it is no classified material; None where nobody had to look."""
        return self.dataset.reviewed or self.system.reviewed_by_rule(self.dataset.table, self.dataset.schema_)

    @property
    def personal(self) -> dict[str, Recognised]:
        """The declared fields that hold personal information, by name."""
        return personal_fields(self.dataset, self.system.regulation)


@dataclass
class DeclaredSystem:
    """A system of the register, its statements resolved.

    Attributes:
        rules: pattern of table names, and what the rule states.
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
        """What the names of the system's datasets start with, platform instance included, spelt as in a urn."""
        system = self.system
        parts = (system.instance, system.database, system.schema_)
        return "".join(f"{encoded(part)}." for part in parts if part)

    def rule_for(self, table: str, schema: str | None = None) -> int:
        """The first rule that matches a table.

        Args:
            table: its name below database and schema; where the system names no schema, that of the table may lead it.
                Case does not matter.
            schema: its schema, if it is not in the name; the system's where none is given.

        Returns:
            The rule's index, or -1.
        """
        words = _words(table, schema or self.system.schema_)
        for index, (pattern, _) in enumerate(self.rules):
            if any(map(pattern.fullmatch, words)):
                return index
        return -1

    def levels(self, rule: int, *nearer: Stated) -> list[Stated]:
        """The statements that hold.

        Args:
            rule: index of a rule, or -1.
            nearer: the dataset's own statement.

        Returns:
            What ``inherit`` takes, farthest first.
        """
        return [self.stated, *([self.rules[rule][1]] if rule >= 0 else []), *nearer]

    @property
    def defaults(self) -> Answer:
        """What the system states for a table nothing else speaks of."""
        return inherit(self.levels(-1), self.regulation)

    def answer_for_live(self, name: str) -> Answer | None:
        """What holds for a live table that is not declared.

        Args:
            name: the dataset's name with platform instance, spelt as in its urn.

        Returns:
            None when nothing covers the table: it lies outside the system, or the defaults do not answer for it.
        """
        table = self._table(name)
        words = _words(table, self.system.schema_) if table else ()
        if not any(fnmatch.fnmatch(word.lower(), glob.lower()) for glob in self.system.covers for word in words):
            return None
        rule = self.rule_for(str(table))
        if rule not in self._answers:
            answer = inherit(self.levels(rule), self.regulation)
            complete = answer.subset and answer.unit and answer.persons
            self._answers[rule] = answer if complete and not broken_rules(answer, (), self.regulation) else None
        return self._answers[rule]

    def reviewed_at(self, name: str) -> Reviewed | None:
        """Who found that a live table a rule speaks of is no classified material.

        Args:
            name: the dataset's name with platform instance, spelt as in its urn.

        Returns:
            Who and when; None where no rule says so.
        """
        table = self._table(name)
        return self.reviewed_by_rule(table) if table else None

    def reviewed_by_rule(self, table: str, schema: str | None = None) -> Reviewed | None:
        """What the rule for a table says of its review.

        Args:
            table: see ``rule_for``.
            schema: see ``rule_for``.

        Returns:
            Who and when; None where no rule says so.
        """
        rule = self.rule_for(table, schema)
        return self.system.rules[rule].reviewed if rule >= 0 else None

    def _table(self, name: str) -> str | None:
        """The part of a dataset's name below the system's database and schema, as people spell it; None outside."""
        return plain(name[len(self.prefix) :]) if name.startswith(self.prefix) else None


def _words(table: str, schema: str | None) -> tuple[str, ...]:
    """What a table may be called in a rule: as it is, without its schema, or with it."""
    words = [table, table.rsplit(".", 1)[-1], *([f"{schema}.{table}"] if schema else [])]
    return tuple(dict.fromkeys(words))


@dataclass
class Register:
    """Every declared system, and the dataset behind every identity."""

    regulation: Regulation
    systems: dict[str, DeclaredSystem]
    by_key: dict[DatasetKey, DeclaredDataset]

    def __iter__(self) -> Iterator[DeclaredSystem]:
        return iter(self.systems.values())

    def system_at(self, key: DatasetKey) -> DeclaredSystem | None:
        """The system in whose database and schema a dataset lies.

        Args:
            key: what identifies the dataset.

        Returns:
            The most specific one, or None.
        """
        candidates = [
            declared
            for declared in self
            if declared.system.platform == key.platform
            and declared.system.env == key.env
            and key.name.startswith(declared.prefix)
        ]
        return max(candidates, key=lambda declared: len(declared.prefix), default=None)


def personal_fields(dataset: Dataset, regulation: Regulation) -> dict[str, Recognised]:
    """The fields of a dataset, as declared, that hold personal information.

    Args:
        dataset: a declared dataset.
        regulation: knows the kinds.

    Returns:
        Name of the field -> what was found.
    """
    personal, table = regulation.personal, (dataset.table, dataset.name)
    if personal is None:
        return {}
    found = {column.name: personal.find(column.name, column.description, table=table) for column in dataset.fields}
    return {name: finding for name, finding in found.items() if finding is not None}
