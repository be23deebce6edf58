"""Reads ``ingestion_recipes/systems/`` and answers for every dataset, declared or found live."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from typing import Any

from campus_catalog.content.layout import SYSTEMS
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError
from campus_catalog.content.read import read
from campus_catalog.register.identity import DatasetKey
from campus_catalog.register.inheritance import broken_rules, inherit, resolve
from campus_catalog.register.models import Dataset, System, system_model
from campus_catalog.register.personal import restricted
from campus_catalog.register.rules import check_classified, check_defaults, check_platform, check_reviewed
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem, Register, personal_fields
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.statements import STATEMENTS


def load_register(home: Path, regulation: Regulation) -> Register:
    """Read every system of the home.

    Args:
        home: content folder.
        regulation: the school's regulation, sound.

    Returns:
        The register.

    Raises:
        ContentError: with every fault of every file.
    """
    problems = Problems(home)
    register = Register(regulation, {}, {})
    for path in SYSTEMS.files(home):
        system = read(path, system_model(regulation.statements), problems)
        if system is None:
            continue
        if system.id in register.systems:
            other = register.systems[system.id].path.name
            problems.add(path, ["id"], "duplicate-id", f"系统 id「{system.id}」已在 {other} 中登记")
            continue
        register.systems[system.id] = _declare(system, path, register, problems)
    problems.raise_any()
    return register


def load_content(home: Path) -> Register:
    """Read glossary and register.

    Args:
        home: content folder.

    Returns:
        The register with its regulation.

    Raises:
        ContentError: with every fault of both.
    """
    _, register, problems = check_content(home)
    if register is None:
        raise ContentError(problems)
    return register


def check_content(home: Path) -> tuple[Regulation | None, Register | None, list[Any]]:
    """Read glossary and register, collecting the faults of both.

    Args:
        home: content folder.

    Returns:
        The regulation and the register (None where faulty) and every Problem found.
    """
    from campus_catalog.regulation.loader import load_regulation
    from campus_catalog.regulation.version import VersionError

    try:
        regulation = load_regulation(home)
    except VersionError as error:
        return None, None, error.problems
    except ContentError as error:
        found = list(error.problems)
        # the register's names cannot be looked up, but each file's form can be
        problems = Problems(home)
        for path in SYSTEMS.files(home):
            read(path, system_model(STATEMENTS), problems)
        return None, None, found + problems.found
    try:
        return regulation, load_register(home, regulation), []
    except ContentError as error:
        return regulation, None, error.problems


def _declare(system: System, path: Path, register: Register, problems: Problems) -> DeclaredSystem:
    regulation = register.regulation
    rules = []
    for index, rule in enumerate(system.rules):
        pattern = re.compile(fnmatch.translate(rule.match), re.IGNORECASE)
        stated = resolve(rule, f"rule:{rule.match}", ("rules", index), path, regulation, problems)
        rules.append((pattern, stated))
    declared = DeclaredSystem(
        system, path, regulation, resolve(system, "system", (), path, regulation, problems), rules
    )
    before = len(problems.found)
    for index, dataset in enumerate(system.datasets):
        _declare_dataset(declared, dataset, index, register, problems)
    if system.connected and len(problems.found) == before:
        check_defaults(declared, problems)
    check_platform(declared, problems)
    check_reviewed(declared, problems)
    check_classified(declared, problems)
    return declared


def _declare_dataset(
    declared: DeclaredSystem, dataset: Dataset, index: int, register: Register, problems: Problems
) -> None:
    system, path, place = declared.system, declared.path, ("datasets", index)
    key = DatasetKey.of(system.platform, system.names_of(dataset), system.env)
    other = register.by_key.get(key)
    if other is not None:
        where = f"系统「{other.system.name}」（{other.system.path.name}）"
        message = f"数据集 {key.plain}（{key.platform}）已由{where}登记，一个数据集只能登记一次"
        problems.add(path, (*place, "table"), "duplicate-dataset", message)
        return
    regulation = register.regulation
    stated = resolve(dataset, "stated", place, path, regulation, problems)
    answer = inherit(declared.levels(declared.rule_for(dataset.table, dataset.schema_), stated), regulation)
    if regulation.personal is not None:
        answer = restricted(
            answer, regulation.personal, (found.kind for found in personal_fields(dataset, regulation).values())
        )
    for location, code, message in broken_rules(answer, place, regulation):
        problems.add(path, location, code, message)
    seen: set[str] = set()
    for position, column in enumerate(dataset.fields):
        if column.name in seen:
            location = (*place, "fields", position, "name")
            problems.add(path, location, "duplicate-field", f"字段「{column.name}」重复")
        seen.add(column.name)
    answer.places = {}  # only needed to point at faults
    register.by_key[key] = entry = DeclaredDataset(declared, dataset, key, answer)
    declared.datasets.append(entry)
