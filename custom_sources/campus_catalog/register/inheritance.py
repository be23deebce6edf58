"""Inheritance: system, then rule by name pattern, then dataset; the nearer statement wins key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from campus_catalog.content import layout
from campus_catalog.content.names import Names
from campus_catalog.content.places import Problems
from campus_catalog.register.models import Statement
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.models import Person, SharingClass, Subset, Unit
from campus_catalog.regulation.statements import ClassOn, DomainOf, OwnerIn, StatementKey, TermsBelow, ValueOf


@dataclass(slots=True)
class Stated:
    """One statement with its names resolved.

    Attributes:
        origin: where it stands: ``stated`` (at the dataset), ``rule:PATTERN`` or ``system``.
        location: path of keys to the statement in its file.
        values: what it states, by key; None where a name is unknown.
        places: where each key stands in the file.
    """

    origin: str
    location: tuple[Any, ...]
    values: dict[str, Any]
    places: dict[str, tuple[Any, ...]]


@dataclass(slots=True)
class Answer:
    """What holds for one dataset after inheritance, and where each value comes from.

    Attributes:
        values: by key of the regulation's statements: things of the content, or texts.
        origins: where each value was stated.
        places: where in the file, for messages.
    """

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def get(self, key: str) -> Any | None:
        """What holds under a key.

        Args:
            key: id of a key of the regulation's statements.

        Returns:
            Its value; None when nothing was stated.
        """
        return self.values.get(key)

    @property
    def sharing(self) -> SharingClass:
        """The sharing class; there always is one."""
        found: SharingClass = self.values["sharing"]
        return found

    @property
    def subset(self) -> Subset | None:
        """The subset of data."""
        return self.values.get("subset")

    @property
    def unit(self) -> Unit | None:
        """The responsible unit."""
        return self.values.get("unit")

    @property
    def persons(self) -> tuple[Person, ...]:
        """The responsible persons."""
        return self.values.get("persons") or ()

    def instead(self, sharing: SharingClass, beside: Mapping[str, Any], origin: str) -> Answer:
        """This answer with another sharing class and what is said beside it.

        Args:
            sharing: the class.
            beside: key -> what is said of it beside the class.
            origin: where that stands; see ``Stated``.

        Returns:
            A copy.
        """
        values = {**self.values, "sharing": sharing, **beside}
        origins = {key: value for key, value in self.origins.items() if key not in beside}
        origins |= {"sharing": origin, **{key: origin for key, value in beside.items() if value}}
        return replace(self, values=values, origins=origins)


def names_of(key: StatementKey, regulation: Regulation) -> Names[Any] | None:
    """What the values of a key are names of; None for one that takes text.

    Args:
        key: a key of the regulation's statements.
        regulation: knows the names.

    Returns:
        The names; None for a key that takes text.
    """
    means = key.means
    if isinstance(means, ValueOf):
        return None
    if isinstance(means, DomainOf):
        return regulation.subsets
    if isinstance(means, ClassOn):
        return regulation.sharing
    if isinstance(means, OwnerIn):
        return regulation.units if means.holder == "unit" else regulation.people
    assert isinstance(means, TermsBelow)
    return regulation.items if means.node == "items" else regulation.kinds


def resolve(
    statement: Statement, origin: str, location: Sequence[Any], path: Path, regulation: Regulation, problems: Problems
) -> Stated:
    """Look up every name of a statement.

    Args:
        statement: as it is written.
        origin: see ``Stated``.
        location: path of keys to the statement in its file.
        path: the file.
        regulation: knows the names and the keys.
        problems: receives the unknown names, which are left out.

    Returns:
        The statement by key.
    """
    stated = Stated(origin, tuple(location), {}, {})
    for key in regulation.statements:
        written = statement.said(key)
        place = (*stated.location, *key.path)
        if isinstance(key.means, ClassOn) and getattr(statement, key.id) is not None:
            stated.places[key.id] = place[:-1]  # what is missing beside the class is missing here
        if written is None:
            continue
        stated.places.setdefault(key.id, place)
        names = names_of(key, regulation)
        if names is None:
            stated.values[key.id] = written
        elif not key.many:
            stated.values[key.id] = names.find(written, path, place, problems)
        else:
            if not written and key.required:
                message = f"{key.label} {key.id} 至少一个{_cited(key, regulation)}"
                problems.add(path, place, f"missing-{key.id}", message)
            found = [names.find(word, path, (*place, index), problems) for index, word in enumerate(written)]
            stated.values[key.id] = tuple({item.id: item for item in found if item}.values())
    return stated


def inherit(levels: Sequence[Stated], regulation: Regulation) -> Answer:
    """Combine statements, farthest first: the nearer one wins key by key.

    A class and what is said beside it are one statement: the rest is inherited only as long as the class stays the
    same, because what was said of shared data says nothing about conditional data.

    Args:
        levels: of system, rule, dataset.
        regulation: knows the keys and the default class.

    Returns:
        What holds, and where each value comes from.
    """
    answer = Answer({"sharing": regulation.default_sharing}, {"sharing": "default"})
    for stated in levels:
        answer.places.update(stated.places)
        for id_, value in stated.values.items():
            if isinstance(regulation.statements.by_id[id_].means, ClassOn):
                if value is None:
                    continue
                if value is not answer.values.get(id_):
                    for beside in regulation.statements.within(id_):
                        answer.values.pop(beside.id, None)
                        answer.origins.pop(beside.id, None)
            if value is not None:
                answer.values[id_] = value
            answer.origins[id_] = stated.origin
    return answer


def broken_rules(
    answer: Answer, place: Sequence[Any], regulation: Regulation
) -> list[tuple[tuple[Any, ...], str, str]]:
    """The rules of the regulation an answer breaks.

    Args:
        answer: what holds for the dataset.
        place: location of the dataset (or system) itself, for what is stated nowhere.
        regulation: says what must be stated.

    Returns:
        (location, code, message) of each.
    """
    here = tuple(place)
    out: list[tuple[tuple[Any, ...], str, str]] = []
    for key in regulation.statements:
        if key.required and not answer.get(key.id) and key.id not in answer.origins:
            message = f"没有{key.label} {key.id}，请在数据集或系统中写明{_cited(key, regulation)}"
            out.append((here, f"missing-{key.id}", message))
    if answer.subset and answer.subset.explicit:
        cited = regulation.school.cite("undeclared")
        for key in regulation.statements:
            if isinstance(key.means, OwnerIn) and answer.origins.get(key.id, "stated") != "stated":
                message = f"「{answer.subset.name}」的数据集须自己写明{key.label}，不能继承{cited}"
                out.append((here, "explicit-subset", message))
    if answer.unit:
        out += _owner_faults(answer, answer.unit, regulation)
    where = answer.places.get("sharing", here)
    for id_ in answer.sharing.requires:
        if not answer.get(id_):
            key = regulation.statements.by_id[id_]
            message = f"「{answer.sharing.name}」须写明{key.label} {key.id}{key.hint}{_cited(key, regulation)}"
            out.append((where, f"missing-{id_}", message))
    return out


def _cited(key: StatementKey, regulation: Regulation) -> str:
    return regulation.school.cite(key.cites) if key.cites else ""


def _nearness(location: tuple[Any, ...]) -> int:
    return ("rules", "datasets").index(location[0]) + 1 if location and location[0] in ("rules", "datasets") else 0


def _owner_faults(answer: Answer, unit: Unit, regulation: Regulation) -> list[tuple[tuple[Any, ...], str, str]]:
    out = []
    cited = regulation.school.cite("responsibility")
    if regulation.head_of(unit) is None:
        message = f"「{unit.name}」没有第一责任人，须先在 {layout.ORGANIZATION.path.name} 中写明 head{cited}"
        out.append((answer.places["unit"], "no-head", message))
    # the nearer of the two statements is the one that does not fit
    place = max(answer.places.get("persons", ()), answer.places["unit"], key=_nearness)
    for person in answer.persons:
        if not regulation.answers_for(person, unit):
            message = f"「{person.name}」是「{person.unit}」的岗位，不属于责任单位「{unit.name}」，也未借调{cited}"
            out.append((place, "person-outside-unit", message))
    return out
