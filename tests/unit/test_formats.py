"""Terms and structured properties: what passes here DataHub's own models take, and what they name is there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from datahub.api.entities.structuredproperties.structuredproperties import StructuredProperties
from datahub.ingestion.api.common import PipelineContext
from datahub.metadata.schema_classes import GlossaryRelatedTermsClass, OwnershipTypeClass
from datahub.utilities.urns._urn_base import URN_TYPES
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from campus_catalog.aspects.terms import term_proposals
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import Problem
from campus_catalog.content.read import validated
from campus_catalog.regulation.formats import ENTITY_TYPES, OWNERSHIP_TYPES, Property, TermFile
from campus_catalog.school import School
from tests.support.content import ROOT, campus, new_home

CONTEXT = PipelineContext(run_id="test")
PROPERTY = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
#: where the lines of faults are looked up; what it says does not matter
SOME_FILE = ROOT / "glossary" / "tags.yml"
TERMS: dict[str, Any] = {
    "version": "1",
    "owners": {"groups": ["information-center"]},
    "nodes": [
        {"id": "x", "name": "补充", "description": "补充", "terms": [
            {"id": "x.a", "name": "甲", "description": "d", "inherits": ["x.b"]},
            {"id": "x.b", "name": "乙", "description": "d"},
        ]},
    ],
}  # fmt: skip
DEFINITION = {
    "id": "campus.more",
    "display_name": "更多",
    "type": "string",
    "description": "d",
    "entity_types": ["dataset"],
}
#: what people write where something else belongs
ODD = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        1.0,
        2.5,
        "",
        "1",
        "1.0",
        "甲",
        "x.b",
        "教务处",
        "information-center",
        "DATAOWNER",
        "负责人",
        "urn:li:glossaryTerm:x.b",
        "urn:li:ownershipType:responsible-unit",
        "urn:li:domain:student",
        "学生管理子集",
        "https://example.cn",
        "SINGLE",
        "many",
        "money",
        "dataset",
        "tabel",
        [],
        ["x.b"],
        ["no.such"],
        ["dataset"],
        [1],
        [None],
        {},
        {"groups": ["information-center"]},
        {"users": ["nobody"]},
        [{"groups": ["library"]}],
        {"type": "负责人"},
        [{"url": "https://example.cn", "label": "页"}],
        [{"url": "https://example.cn"}],
        {"a": "b"},
        {"a": None},
        {1: "b"},
        {"is_hidden": True},
        {"is_hidden": "x"},
        {"allowed_types": ["dataset"]},
        [{"value": "一"}, {"value": 2}],
        [{"value": True}],
    ]
)


def problems_of(
    home: Path, terms: dict[str, Any] | None = None, definition: dict[str, Any] | None = None
) -> list[Problem]:
    if terms is not None:
        path = home / "glossary" / "terms" / "zz.yml"
        path.write_text(yaml.safe_dump(terms, allow_unicode=True, sort_keys=False), encoding="utf-8")
    if definition is not None:
        with (home / "glossary" / "properties.yml").open("a", encoding="utf-8") as file:
            file.write(yaml.safe_dump([definition], allow_unicode=True))
    return School(home).declared_problems


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path)


def test_the_names_are_datahubs() -> None:
    known = {value for name, value in vars(OwnershipTypeClass).items() if name.isupper()}
    assert set(OWNERSHIP_TYPES) == known
    assert set(ENTITY_TYPES) <= set(URN_TYPES)


@PROPERTY
@given(st.sampled_from(sorted(Property.model_fields)), ODD, st.sampled_from(sorted(Property.model_fields)), ODD)
def test_a_property_that_passes_is_one_to_datahub(key: str, value: Any, other: str, further: Any) -> None:
    definition = {**DEFINITION, key: value, other: further}
    model = validated([definition], list[Property], SOME_FILE, Problems(ROOT))
    assume(model is not None and not model[0].contradicting)
    assert model is not None
    for proposal in StructuredProperties.model_validate(model[0].model_dump(exclude_none=True)).generate_mcps():
        assert proposal.validate()


@PROPERTY
@given(st.data())
def test_a_file_of_terms_that_passes_is_one_to_datahub(data: st.DataObject) -> None:
    said = copy.deepcopy(TERMS)
    node = said["nodes"][0]
    for place in (said, node, node["terms"][0]):
        keys = {"version", "owners", "source", "source_type", "url", "terms"} if place is said else {
            "owners", "knowledge_links", "custom_properties", "inherits", "related_terms", "domain", "term_source",
            "source_ref", "contains", "values", "id", "name", "description"}  # fmt: skip
        if data.draw(st.booleans()):
            place[data.draw(st.sampled_from(sorted(keys)))] = data.draw(ODD)
    model = validated(said, TermFile, SOME_FILE, Problems(ROOT))
    assume(model is not None)
    for proposal in term_proposals({Path("x.yml"): said}, CONTEXT):
        assert proposal.validate()


@pytest.mark.parametrize(
    ("place", "key", "value", "code"),
    [
        ("file", "version", 1.0, "invalid"),
        ("file", "owners", "教务处", "invalid"),
        ("file", "owners", {"type": "负责人"}, "invalid"),
        ("file", "owners", {"groups": ["教务处"]}, "unknown-unit"),
        ("file", "owners", {"users": ["不存在"]}, "unknown-person"),
        ("file", "owners", {"type": "urn:li:ownershipType:no-such"}, "unknown-ownership-type"),
        ("term", "domain", "学生管理子集", "invalid"),
        ("term", "domain", "urn:li:domain:no-such", "unknown-subset"),
        ("term", "knowledge_links", "https://example.cn", "invalid"),
        ("term", "term_source", 1, "invalid"),
        ("term", "inherits", ["乙"], "unknown-term"),
        ("term", "inherits", ["no.such.term"], "unknown-term"),
        ("term", "related_terms", ["数据项.学生管理子集.学籍"], "unknown-term"),
        ("term", "contains", ["urn:li:glossaryTerm:x.b"], "unknown-term"),
        ("term", "custom_properties", {"a": None}, "invalid"),
    ],
)
def test_what_a_term_cannot_say_is_named_with_its_line(home: Path, place: str, key: str, value: Any, code: str) -> None:
    terms = copy.deepcopy(TERMS)
    (terms if place == "file" else terms["nodes"][0]["terms"][0])[key] = value
    (problem,) = problems_of(home, terms)
    assert (problem.file, problem.code) == ("glossary/terms/zz.yml", code)
    lines = (home / problem.file).read_text(encoding="utf-8").splitlines()
    near = "\n".join(lines[max(0, problem.line - 4) : problem.line])
    assert f"{key}:" in near


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("type", "money"),
        ("entity_types", ["tabel"]),
        ("entity_types", []),
        ("cardinality", "many"),
        ("qualified_name", "x"),
        ("allowed_values", []),
        ("urn", "urn:li:structuredProperty:other"),
        ("structured_property_settings", {"hidden": True}),
    ],
)
def test_what_a_property_cannot_say_is_named(home: Path, key: str, value: Any) -> None:
    (problem,) = problems_of(home, definition={**DEFINITION, key: value})
    assert problem.file == "glossary/properties.yml" and problem.line


def test_a_reference_goes_to_the_term_it_names_also_by_the_names_that_lead_to_it(home: Path) -> None:
    terms = copy.deepcopy(TERMS)
    terms["nodes"][0]["terms"][0] |= {"inherits": ["x.b", "补充.乙"], "related_terms": ["lifecycle.storage"]}
    known = School(ROOT).register
    assert known is not None
    terms["nodes"][0]["terms"][0]["related_terms"] = [next(iter(known.regulation.terms))]
    assert problems_of(home, terms) == []
    school = School(home).register
    assert school is not None
    declared = {proposal.entityUrn for proposal in term_proposals(school.regulation.term_files, CONTEXT)}
    for proposal in term_proposals(school.regulation.term_files, CONTEXT):
        if isinstance(proposal.aspect, GlossaryRelatedTermsClass):
            related = proposal.aspect
            named = [*(related.isRelatedTerms or []), *(related.hasRelatedTerms or []), *(related.relatedTerms or [])]
            assert set(named) <= declared


def test_two_items_may_have_one_name_until_somebody_names_them(home: Path) -> None:
    path = home / "glossary" / "terms" / "items.yml"
    text = path.read_text(encoding="utf-8")
    at = text.index("          - id: items.staff.basic-information")
    twin = (
        "          - id: items.staff.school-profile\n            name: 学校概况\n            description: 同名数据项\n"
    )
    path.write_text(text[:at] + twin + text[at:], encoding="utf-8")
    assert School(home).declared_problems == []
    system = (ROOT / "ingestion_recipes/systems/dangan.yml").read_text(encoding="utf-8")
    named = home / "ingestion_recipes" / "systems" / "dangan.yml"
    named.write_text(f"{system.split('datasets:')[0]}items: [学校概况]\n", encoding="utf-8")
    (problem,) = School(home).declared_problems
    assert problem.code == "ambiguous" and "items.staff.school-profile" in problem.message
    named.write_text(f"{system.split('datasets:')[0]}items: [items.staff.school-profile]\n", encoding="utf-8")
    assert School(home).declared_problems == []


def test_no_variable_of_the_environment_is_put_into_a_definition(home: Path) -> None:
    terms = copy.deepcopy(TERMS)
    written = ["$DB_PASSWORD 是采集账号的口令变量", "写作 ${DB_PASSWORD}", "短信模板 ${学号} 同学你好"]
    for term, text in zip([terms["nodes"][0], *terms["nodes"][0]["terms"]], written, strict=True):
        term["description"] = text
    assert problems_of(home, terms) == []
    done = campus("apply", "--yes", home=home, target="file:c.json", DB_PASSWORD="not-to-be-seen")
    assert done.returncode == 0, done.stderr
    found = (home / "c.json").read_text(encoding="utf-8")
    assert "not-to-be-seen" not in found
    assert all(text in found for text in written)


def test_content_is_utf8_whatever_the_locale_says(home: Path) -> None:
    done = campus(
        "apply", "--yes", home=home, target="file:c.json", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.returncode == 0, done.stderr
    assert "公共管理子集" in (home / "c.json").read_text(encoding="utf-8")
