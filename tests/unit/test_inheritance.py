"""What a dataset inherits, why, and that its identity does not depend on names."""

from __future__ import annotations

import functools
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from datahub.metadata.schema_classes import GlossaryTermsClass, StructuredPropertiesClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campus_catalog.aspects.stamp import stamp_aspects
from campus_catalog.content.places import Problems
from campus_catalog.register.inheritance import Answer, Stated, broken_rules, inherit, resolve
from campus_catalog.register.loader import load_register
from campus_catalog.register.models import system_model
from campus_catalog.register.systems import Register
from campus_catalog.regulation.loader import Regulation, load_regulation
from campus_catalog.regulation.statements import STATEMENTS
from tests.support.content import ROOT, proposals_of, write

PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.sampled_from(["甲", "乙", "丙"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "subset": st.sampled_from(["公共管理子集", "学生", "staff"]),
    "unit": st.sampled_from(["财务处", "教务", "library"]),
    "persons": st.lists(st.sampled_from(["财务处处长", "教务处处长", "library-head"]), min_size=1, max_size=2),
    "kind": st.sampled_from(["业务数据", "系统数据"]),
    "items": st.lists(st.sampled_from(["学校概况", "课程安排"]), max_size=2),
    "data_standard": WORDS,
    "operation_log": WORDS,
    "backup": WORDS,
}
SHARING = st.fixed_dictionaries(
    {},
    optional={
        "class": st.sampled_from(["公开", "共享", "not-shared"]),
        "scope": WORDS,
        "purpose": WORDS,
        "basis": WORDS,
    },
)
STATEMENT = st.fixed_dictionaries({}, optional={**VALUES, "sharing": SHARING})
#: the model of a statement at a school with these keys
RULE: Any = get_args(system_model(STATEMENTS).model_fields["rules"].annotation)[0]
ORIGINS = ("system", "rule:x_*", "stated")
LEVELS = st.tuples(STATEMENT, STATEMENT, STATEMENT)


@functools.cache
def school() -> Regulation:
    """The repository's own regulation; no fixture, because a failing property would print all of it."""
    return load_regulation(ROOT)


def levels(statements: tuple[dict[str, Any], ...]) -> list[Stated]:
    problems = Problems(ROOT)
    found = [
        resolve(
            RULE.model_validate({"match": "x_*", **statement}), origin, (origin,), Path("x.yml"), school(), problems
        )
        for statement, origin in zip(statements, ORIGINS, strict=True)
    ]
    assert problems.found == []
    return found


def answer_to(statements: tuple[dict[str, Any], ...]) -> Answer:
    return inherit(levels(statements), school())


def meaning(key: str, value: Any) -> Any:
    """What a stated value stands for, looked up independently of the code under test."""
    names: Any = {"subset": school().subsets, "unit": school().units, "persons": school().people,
             "kind": school().kinds, "items": school().items}.get(key)  # fmt: skip
    if names is None:
        return value
    if isinstance(value, str):
        return names.get(value)
    return tuple(dict.fromkeys(names.get(word).id for word in value))


@PROPERTY
@given(statements=LEVELS)
def test_the_nearest_statement_wins_key_by_key_and_the_origin_names_it(statements: tuple[dict[str, Any], ...]) -> None:
    answer = answer_to(statements)
    for key in VALUES:
        stating = [(origin, stated[key]) for origin, stated in zip(ORIGINS, statements, strict=True) if key in stated]
        value = answer.get(key)
        if not stating:
            assert key not in answer.origins and not value
            continue
        origin, stated = stating[-1]
        got = tuple(item.id for item in value) if isinstance(value, tuple) else value
        assert got == meaning(key, stated)
        assert answer.origins[key] == origin


@PROPERTY
@given(statements=LEVELS)
def test_sharing_is_inherited_only_as_long_as_the_class_stays_the_same(statements: tuple[dict[str, Any], ...]) -> None:
    answer = answer_to(statements)
    current: Any = school().default_sharing
    kept: list[dict[str, str]] = []
    for statement in statements:
        sharing = statement.get("sharing", {})
        stated = school().sharing.get(sharing["class"]) if "class" in sharing else current
        if stated is not current:
            current, kept = stated, []
        kept.append(sharing)
    assert answer.sharing is current
    for key in ("scope", "purpose", "basis"):
        assert answer.get(key) == next((sharing[key] for sharing in reversed(kept) if key in sharing), None)


@PROPERTY
@given(statements=LEVELS)
def test_the_mark_on_every_stamped_value_names_the_level_that_stated_it(statements: tuple[dict[str, Any], ...]) -> None:
    answer = answer_to(statements)
    said = dict(zip(ORIGINS, (statement.get("sharing", {}) for statement in statements), strict=True))
    classes = {sharing.term: {sharing.id, sharing.name} for sharing in school().sharing}
    for aspect in stamp_aspects(answer, school(), None):
        if isinstance(aspect, StructuredPropertiesClass):
            for assigned in aspect.properties:
                key = assigned.propertyUrn.removeprefix("urn:li:structuredProperty:campus.sharing_")
                if key in ("scope", "purpose", "basis"):
                    assert assigned.attribution and assigned.attribution.sourceDetail
                    origin = assigned.attribution.sourceDetail["origin"]
                    assert said[origin].get(key) == assigned.values[0], f"{key} was not stated by {origin}"
        elif isinstance(aspect, GlossaryTermsClass):
            term = aspect.terms[0]
            assert term.attribution and term.attribution.sourceDetail
            origin = term.attribution.sourceDetail["origin"]
            if origin == "default":
                assert answer.sharing is school().default_sharing
            else:
                name = term.urn.removeprefix("urn:li:glossaryTerm:")
                assert said[origin].get("class") in classes[name], f"the class was not stated by {origin}"


@PROPERTY
@given(statements=LEVELS, data=st.data())
def test_the_order_in_which_keys_are_written_means_nothing(
    statements: tuple[dict[str, Any], ...], data: st.DataObject
) -> None:
    shuffled = tuple(
        {key: statement[key] for key in data.draw(st.permutations(sorted(statement)))} for statement in statements
    )
    assert answer_to(shuffled) == answer_to(statements)


@PROPERTY
@given(statements=LEVELS)
def test_a_dataset_of_the_ninth_subset_must_itself_state_unit_and_persons(
    statements: tuple[dict[str, Any], ...],
) -> None:
    statements = (*statements[:2], {**statements[2], "subset": "其他数据资产"})
    found = [message for _, code, message in broken_rules(answer_to(statements), (), school())
             if code in ("explicit-subset", "missing-unit", "missing-persons")]  # fmt: skip
    silent = [key for key in ("unit", "persons") if key not in statements[2]]
    assert len(found) == len(silent)


SYSTEM = """
    id: live
    name: 示例
    platform: postgres
    database: live
    connected: true
    subset: 学生
    unit: 教务处
    persons: [教务处处长]
    sharing: {scope: a, purpose: b}
    """


def register(system: str, **more: Any) -> Register:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "ingestion_recipes" / "systems" / "live.yml", system)
        with path.open("a", encoding="utf-8") as file:
            file.write(yaml.safe_dump(more, allow_unicode=True) if more else "")
        return load_register(Path(folder), school())


def test_a_rule_matches_whatever_the_case_of_pattern_and_table() -> None:
    (live,) = register(
        SYSTEM, rules=[{"match": "JW_*", "backup": "规则"}], datasets=[{"table": "Jw_Kc", "name": "课程"}]
    )
    assert [entry.answer.get("backup") for entry in live.datasets] == ["规则"]
    for name in ("live.jw_cj", "live.JW_CJ", "live.public.jW_cJ"):
        answer = live.answer_for_live(name)
        assert answer is not None and (answer.get("backup"), answer.origins["backup"]) == ("规则", "rule:JW_*")
    answer = live.answer_for_live("live.xx_jw_cj")
    assert answer is not None and answer.get("backup") is None


@PROPERTY
@given(
    patterns=st.lists(st.text("ab*?", min_size=1, max_size=3), min_size=1, max_size=4),
    table=st.text("abAB", min_size=1, max_size=3),
)
def test_the_first_rule_that_matches_wins(patterns: list[str], table: str) -> None:
    rules = [{"match": pattern, "backup": str(index)} for index, pattern in enumerate(patterns)]
    (live,) = register(SYSTEM, rules=rules)
    first = next((str(index) for index, pattern in enumerate(patterns) if matches(pattern, table.lower())), None)
    answer = live.answer_for_live(f"live.{table}")
    assert answer is not None and answer.get("backup") == first


WORDS_OF_A_TABLE = st.lists(
    st.sampled_from(["arch.*", "*_log", "cj_*", "arch.cj_log", "cj_log", "b.*", "*"]), unique=True
)


@settings(PROPERTY, max_examples=30)
@given(patterns=WORDS_OF_A_TABLE)
@pytest.mark.parametrize("place", ["system", "dataset", "table"])
def test_the_first_rule_wins_by_schema_or_table_alike_live_and_declared(place: str, patterns: list[str]) -> None:
    """Wherever the schema is written: at the system, at the dataset, or in the table's name."""
    rules = [{"match": pattern, "backup": str(index)} for index, pattern in enumerate(patterns)]
    dataset = {"table": "arch.cj_log" if place == "table" else "cj_log", "name": "日志"}
    dataset |= {"schema": "arch"} if place == "dataset" else {}
    system = SYSTEM.replace("database: live", "database: live\n    schema: arch") if place == "system" else SYSTEM
    (live,) = register(system, rules=rules, datasets=[dataset])
    first = next((str(index) for index, one in enumerate(patterns) if one != "b.*"), None)
    answer = live.answer_for_live("live.arch.cj_log")
    assert answer is not None and answer.get("backup") == first
    assert [entry.answer.get("backup") for entry in live.datasets] == [first]


def matches(pattern: str, text: str) -> bool:
    """Glob matching in its simplest form, to compare with."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and matches(pattern[1:], text[1:])


def test_a_table_outside_database_or_covers_is_answered_for_by_nobody() -> None:
    (live,) = register(SYSTEM, covers=["jw_*"])
    assert live.answer_for_live("live.jw_kc") is not None
    assert live.answer_for_live("live.public.jw_kc") is not None
    assert live.answer_for_live("live.tmp") is None
    assert live.answer_for_live("other.jw_kc") is None
    assert live.answer_for_live("lives.jw_kc") is None


@pytest.mark.parametrize("key", ["subset", "unit", "persons"])
def test_defaults_that_state_no_subset_unit_or_person_answer_for_no_table(key: str) -> None:
    (live,) = register("\n".join(line for line in SYSTEM.splitlines() if f" {key}:" not in line))
    assert live.answer_for_live("live.jw_kc") is None


def _urns(home: Path) -> list[tuple[str, str]]:
    return [(proposal.entityUrn, proposal.aspectName) for proposal in proposals_of(home)]


def _named(value: Any, names: set[str]) -> None:
    """Collect every display name: of what has an id, and of tables."""
    if isinstance(value, list):
        for part in value:
            _named(part, names)
    elif isinstance(value, dict):
        if ("id" in value or "table" in value) and isinstance(value.get("name"), str):
            names.update([value["name"], *value.get("aliases", [])])
        for part in value.values():
            _named(part, names)


def _renamed(value: Any, names: set[str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part, names, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, names, key) for part in value]
    return f"{value}改" if value in names and key not in ("table", "id", "term", "tag") else value


def test_renaming_everything_changes_no_urn(tmp_path: Path) -> None:
    for folder in ("glossary", "ingestion_recipes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    before = _urns(tmp_path)
    files = {
        path: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in itertools.chain(
            (tmp_path / "glossary").rglob("*.yml"), (tmp_path / "ingestion_recipes" / "systems").glob("*.yml")
        )
    }
    names: set[str] = set()
    for content in files.values():
        _named(content, names)
    assert len(names) > 400
    for path, content in files.items():
        path.write_text(yaml.safe_dump(_renamed(content, names), allow_unicode=True), encoding="utf-8")
    after = list(proposals_of(tmp_path))
    assert {(one.entityUrn, one.aspectName) for one in after} == set(before)
    domain = next(one.aspect for one in after if one.aspectName == "domainProperties")
    assert domain.name == "公共管理子集改"


def test_the_same_content_gives_the_same_proposals() -> None:
    first, second = (
        [(one.entityUrn, one.aspectName, one.aspect.to_obj()) for one in proposals_of(ROOT)] for _ in range(2)
    )
    assert first == second
