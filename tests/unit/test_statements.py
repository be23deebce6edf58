"""What a declaration may state is one table: a row more is a key more, from the file to the catalog."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campus_catalog.catalog.describe import describe
from campus_catalog.catalog.snapshot import Snapshot
from campus_catalog.register.models import system_model
from campus_catalog.regulation import loader
from campus_catalog.regulation.statements import STATEMENTS, StatementKey, Statements, ValueOf
from campus_catalog.school import School
from tests.support.content import write
from tests.support.planning import GIFTS, bring, catalog, new_school

RETENTION = StatementKey("retention", "保存期限", ValueOf("campus.retention"), "数据保存多久，如：毕业后 5 年")
TARGET = "lite:catalog.db"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The second school with one key more, stated by a system."""
    monkeypatch.setattr(loader, "STATEMENTS", Statements((*STATEMENTS.rows, RETENTION)))
    home = new_school(tmp_path)
    with (home / "glossary" / "properties.yml").open("a", encoding="utf-8") as file:
        file.write(
            "- {id: campus.retention, qualified_name: campus.retention, display_name: 保存期限, type: string, "
            "cardinality: SINGLE, description: 保存期限, entity_types: [dataset, application]}\n"
        )
    return home


def _systems_with(home: Path, text: str) -> None:
    path = home / "ingestion_recipes" / "systems" / "rulebook.yml"
    write(path, path.read_text(encoding="utf-8") + text)


def test_a_key_added_by_one_row_reaches_the_catalog(home: Path) -> None:
    _systems_with(home, "retention: 十年\n")
    bring(home, TARGET)
    found = catalog(home, TARGET)
    (assigned,) = [
        value
        for value in found[GIFTS]["structuredProperties"]["properties"]
        if value["propertyUrn"] == "urn:li:structuredProperty:campus.retention"
    ]
    assert assigned["values"] == [{"string": "十年"}]
    assert assigned["attribution"]["sourceDetail"] == {"origin": "system"}
    card = describe(Snapshot(found.items()), GIFTS)
    assert (card.properties["保存期限"].text, card.properties["保存期限"].origin) == ("十年", "system")


def test_the_key_is_in_the_schema_and_refused_elsewhere(home: Path) -> None:
    schema = json.dumps(system_model(loader.STATEMENTS).model_json_schema(by_alias=True), ensure_ascii=False)
    assert schema.count(RETENTION.help) == 3  # of a system, by a rule, of a dataset
    _systems_with(home, "retentoin: 十年\n")
    (problem,) = School(home).problems
    assert (problem.code, problem.message) == ("unknown-key", "不认识的键「retentoin」，是否应为「retention」？")


def test_a_key_whose_property_is_not_defined_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "STATEMENTS", Statements((*STATEMENTS.rows, RETENTION)))
    (problem,) = School(new_school(tmp_path)).problems
    assert (problem.file, problem.message) == ("glossary/properties.yml", "缺少结构化属性「campus.retention」")
