"""Inheritance: system, then rule by name pattern, then dataset (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campus_catalog.content.places import Problems
from campus_catalog.register.models import Sharing, Statement
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.models import CitedRule, Person, SharingClass, Subset, Term, Unit

_WITH_CLASS = ("scope", "purpose", "basis")
_TEXTS = ("data_standard", "operation_log", "backup")


@dataclass(slots=True)
class Stated:
    """One statement with its names resolved.

    Attributes:
        origin: where it stands: ``stated`` (at the dataset), ``rule:PATTERN`` or ``system``.
        location: path of keys to the statement in its file.
        values: what it states, by key; ``sharing`` stays as written until merged.
    """

    origin: str
    location: tuple[Any, ...]
    values: dict[str, Any]


@dataclass(slots=True)
class Answer:
    """What holds for one dataset after inheritance, and where each value comes from."""

    sharing: SharingClass
    subset: Subset | None = None
    unit: Unit | None = None
    persons: tuple[Person, ...] = ()
    kind: Term | None = None
    items: tuple[Term, ...] = ()
    scope: str | None = None
    purpose: str | None = None
    basis: str | None = None
    data_standard: str | None = None
    operation_log: str | None = None
    backup: str | None = None
    origins: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def resolve(
    statement: Statement, origin: str, location: Sequence[Any], path: Path, regulation: Regulation, problems: Problems
) -> Stated:
    """Look up every name of a statement; unknown ones become faults and are left out."""
    location = tuple(location)
    values: dict[str, Any] = {}
    for key, names in (("subset", regulation.subsets), ("unit", regulation.units), ("kind", regulation.kinds)):
        word = getattr(statement, key)
        if word is not None:
            values[key] = names.find(word, path, (*location, key), problems)
    for key, many in (("persons", regulation.people), ("items", regulation.items)):
        words = getattr(statement, key)
        if words == [] and key == "persons":
            message = f"责任人 persons 至少一个{regulation.school.cite('responsibility')}"
            problems.add(path, (*location, key), "missing-persons", message)
        if words is not None:
            found = [many.find(word, path, (*location, key, i), problems) for i, word in enumerate(words)]
            values[key] = tuple(dict.fromkeys(item.id for item in found if item))
            values[key] = tuple(many.get(id_) for id_ in values[key])
    for key in _TEXTS:
        if getattr(statement, key) is not None:
            values[key] = getattr(statement, key)
    if statement.sharing is not None:
        values["sharing"] = statement.sharing
        if statement.sharing.class_:
            regulation.sharing.find(statement.sharing.class_, path, (*location, "sharing", "class"), problems)
    return Stated(origin, location, values)


def inherit(levels: Sequence[Stated], regulation: Regulation) -> Answer:
    """Combine statements, farthest first: the nearer one wins key by key.

    Sharing is one statement: scope, purpose and basis are inherited only as long as the class stays the same, because
    what was said of shared data says nothing about conditional data.
    """
    answer = Answer(sharing=regulation.default_sharing)
    answer.origins["sharing"] = "default"
    for stated in levels:
        for key, value in stated.values.items():
            answer.places[key] = (*stated.location, key)
            if key == "sharing":
                _merge_sharing(answer, value, stated.origin, regulation)
                continue
            if value is not None:
                setattr(answer, key, value)
            answer.origins[key] = stated.origin
    return answer


def _merge_sharing(answer: Answer, sharing: Sharing, origin: str, regulation: Regulation) -> None:
    stated = regulation.sharing.get(sharing.class_) if sharing.class_ else None
    if stated is not None:
        if stated is not answer.sharing:
            for key in _WITH_CLASS:
                setattr(answer, key, None)
                answer.origins.pop(key, None)
        answer.sharing = stated
        answer.origins["sharing"] = origin
    for key in _WITH_CLASS:
        value = getattr(sharing, key)
        if value is not None:
            setattr(answer, key, value)
            answer.origins[key] = origin


_REQUIRED: dict[str, tuple[str, CitedRule]] = {
    "scope": ("「{name}」须写明共享范围 scope", "scope"),
    "purpose": ("「{name}」须写明共享用途 purpose", "scope"),
    "basis": ("「{name}」须写明依据 basis：理由或所依据的法规", "sharing"),
}


def broken_rules(
    answer: Answer, place: Sequence[Any], regulation: Regulation
) -> list[tuple[tuple[Any, ...], str, str]]:
    """The rules of the regulation an answer breaks, as (location, code, message).

    Args:
        answer: what holds for the dataset.
        place: location of the dataset (or system) itself, for what is stated nowhere.
    """
    here = tuple(place)
    out: list[tuple[tuple[Any, ...], str, str]] = []
    cite = regulation.school.cite
    required: tuple[tuple[str, str, CitedRule], ...] = (
        ("subset", "数据子集 subset", "subset"),
        ("unit", "责任单位 unit", "responsibility"),
        ("persons", "责任人 persons", "responsibility"),
    )
    for key, label, rule in required:
        if not getattr(answer, key) and key not in answer.origins:
            out.append((here, f"missing-{key}", f"没有{label}，请在数据集或系统中写明{cite(rule)}"))
    if answer.subset and answer.subset.explicit:
        for key, label in (("unit", "责任单位"), ("persons", "责任人")):
            if answer.origins.get(key, "stated") != "stated":
                message = f"「{answer.subset.name}」的数据集须自己写明{label}，不能继承{cite('undeclared')}"
                out.append((here, "explicit-subset", message))
    if answer.unit:
        out += _owner_broken_rules(answer, answer.unit, regulation)
    where = answer.places.get("sharing", here)
    for key in answer.sharing.requires:
        if not getattr(answer, key):
            message, cited = _REQUIRED[key]
            out.append((where, f"missing-{key}", message.format(name=answer.sharing.name) + cite(cited)))
    return out


def _nearness(location: tuple[Any, ...]) -> int:
    return ("rules", "datasets").index(location[0]) + 1 if location and location[0] in ("rules", "datasets") else 0


def _owner_broken_rules(answer: Answer, unit: Unit, regulation: Regulation) -> list[tuple[tuple[Any, ...], str, str]]:
    out = []
    cited = regulation.school.cite("responsibility")
    if regulation.head_of(unit) is None:
        message = f"「{unit.name}」没有第一责任人，须先在 organization.yml 中写明 head{cited}"
        out.append((answer.places["unit"], "no-head", message))
    # the nearer of the two statements is the one that does not fit
    place = max(answer.places.get("persons", ()), answer.places["unit"], key=_nearness)
    for person in answer.persons:
        if not regulation.answers_for(person, unit):
            message = f"「{person.name}」是「{person.unit}」的岗位，不属于责任单位「{unit.name}」，也未借调{cited}"
            out.append((place, "person-outside-unit", message))
    return out
