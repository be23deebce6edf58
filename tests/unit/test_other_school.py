"""A school with another regulation runs through the same code by replacing content only."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.target import parse_target
from campus_catalog.regulation.loader import Regulation, load_regulation
from tests.support.content import OTHER_SCHOOL, ROOT, campus, replace

#: entities the taxonomy and the register of the other school come to
EXPECTED = {
    "ownershipType": 4,
    "corpGroup": 8,
    "corpuser": 11,
    "domain": 5,
    "tag": 3,
    "dataPlatform": 1,
    "structuredProperty": 6,
    "glossaryNode": 8,
    "glossaryTerm": 13,
    "application": 3,
    "dataset": 7,
}


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OTHER_SCHOOL, tmp_path / "school"))


def test_its_content_is_valid() -> None:
    done = campus("validate", home=OTHER_SCHOOL)
    assert done.returncode == 0, done.stdout
    assert "5 subsets, 8 units, 11 posts, 13 terms, 3 systems, 7 datasets, 4 recipes" in done.stdout


@pytest.mark.parametrize("target", ["file:out/catalog.json", "lite:out/catalog.db"])
def test_taxonomy_and_register_reach_the_target_with_all_they_declare(school: Path, target: str) -> None:
    done = campus("ingest", "taxonomy", "register", home=school, target=target)
    assert done.returncode == 0, done.stdout + done.stderr
    store = open_store(parse_target(target, school), read_only=True)
    entities = dict(store.entities())
    store.close()
    assert Counter(urn.split(":")[2] for urn in entities) == EXPECTED

    booking = entities["urn:li:dataset:(urn:li:dataPlatform:sqlite,main.ins_booking,PROD)"]
    assert booking["domains"]["domains"] == ["urn:li:domain:discovery"]
    assert [tag["tag"] for tag in booking["globalTags"]["tags"]] == ["urn:li:tag:openness-on-terms"]
    assert {(owner["owner"], owner["typeUrn"]) for owner in booking["ownership"]["owners"]} == {
        ("urn:li:corpGroup:science-institute", "urn:li:ownershipType:home-unit"),
        ("urn:li:corpuser:si-post", "urn:li:ownershipType:desk"),
        ("urn:li:corpuser:si-head", "urn:li:ownershipType:unit-leader"),
    }
    grades = entities["urn:li:dataset:(urn:li:dataPlatform:postgres,teaching.core.grade_final,PROD)"]
    assert {term["urn"].rsplit(":", 1)[1] for term in grades["glossaryTerms"]["terms"]} == {
        "openness.withheld",
        "forms.records",
        "catalogue.learning.transcript",
    }


def test_a_second_run_changes_nothing(school: Path) -> None:
    for expected in (False, True):
        done = campus("ingest", "taxonomy", "register", home=school, target="lite:catalog.db")
        assert ("nothing changed" in done.stdout) is expected, done.stdout


def test_a_live_table_declared_before_ends_in_one_entity_with_both_sets_of_facts(school: Path) -> None:
    database = school / "instruments.db"
    connection = sqlite3.connect(database)
    connection.executescript("CREATE TABLE ins_device (no TEXT PRIMARY KEY); CREATE TABLE scratch (x INTEGER);")
    connection.close()
    uri = f"sqlite:///{database}"
    done = campus(
        "ingest", "register", "instruments", "--format", "json", home=school, target="file:c.json",
        SHILI_INSTRUMENTS_URI=uri,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)[1]["undeclared"] == ["main.scratch"]
    store = open_store(parse_target("file:c.json", school), read_only=True)
    device = store.get("urn:li:dataset:(urn:li:dataPlatform:sqlite,main.ins_device,PROD)")
    assert device is not None
    assert [column["fieldPath"] for column in device["schemaMetadata"]["fields"]] == ["no"]
    assert device["datasetProperties"]["name"] == "仪器"
    assert device["domains"]["domains"] == ["urn:li:domain:discovery"]


def _code() -> dict[str, str]:
    folder = ROOT / "custom_sources" / "campus_catalog"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}


def _words(regulation: Regulation) -> set[str]:
    named = [*regulation.units, *regulation.people, *regulation.subsets, *regulation.items, *regulation.kinds]
    named += [*regulation.sharing, *regulation.tags, *regulation.ownership_types.values()]
    words = {word for item in named for word in (item.name, *getattr(item, "aliases", ()))}
    return words | {regulation.school.name, regulation.school.regulation}


def test_no_name_of_the_first_schools_content_stands_in_the_code(regulation: Regulation) -> None:
    # the model's own words (DESIGN section 4), not this school's
    words = _words(regulation) - {"共享", "责任单位", "责任人", "第一责任人", "个人信息"}
    assert len(words) > 150
    found = {(word, name) for name, text in _code().items() for word in words if word in text}
    assert found == set()


def test_messages_cite_only_articles_the_schools_own_regulation_has(school: Path) -> None:
    systems = school / "ingestion_recipes" / "systems"
    replace(systems / "teaching.yml", "sharing: {scope: 各学院, basis: 院长同意}", "sharing: {basis: 院长同意}")
    replace(systems / "rulebook.yml", ", basis: 捐赠人要求", "")
    done = campus("validate", home=school)
    assert "[missing-scope]" in done.stdout and "[missing-basis]" in done.stdout
    labels = {article.label for article in load_regulation(OTHER_SCHOOL).articles}
    assert set(re.findall("第[一二三四五六七八九十]+条", done.stdout)) <= labels
