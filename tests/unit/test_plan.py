"""Plans: what they list, that applying them leaves nothing to do, and that foreign things survive."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.apply.apply import check_fresh
from campus_catalog.apply.plan import Plan, PlanError
from campus_catalog.apply.writers import open_writer
from campus_catalog.catalog.target import parse_target
from tests.support.content import replace, whole_home
from tests.support.planning import (
    COURSE,
    GIFTS,
    STAMP,
    STUDENT,
    Catalog,
    attempt,
    bring,
    catalog,
    entries,
    make,
    new_school,
    put,
    summary,
)

GUEST = {"owner": "urn:li:corpuser:guest", "type": "TECHNICAL_OWNER"}
UNIT = "urn:li:corpGroup:undergraduate-school"
TERM = "urn:li:glossaryTerm:catalogue.people.staff-file"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


@pytest.fixture(params=["lite:c.db", "file:c.json"])
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def applied(school: Path, target: str) -> Path:
    """The school, applied."""
    bring(school, target)
    return school


def systems(home: Path, name: str) -> Path:
    return home / "ingestion_recipes" / "systems" / f"{name}.yml"


def with_entry(value: dict[str, Any], field: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {**value, field: [*value[field], entry]}


def by_people(there: Catalog, urn: str = COURSE) -> list[tuple[str, str, Any]]:
    """What people may add to a dataset of ours."""
    found = there[urn]
    value = {"propertyUrn": "urn:li:structuredProperty:theirs", "values": [{"string": "x"}]}
    link = {"url": "https://example.edu", "description": "说明", "createStamp": STAMP}
    return [
        (urn, "ownership", with_entry(found["ownership"], "owners", GUEST)),
        (urn, "globalTags", with_entry(found["globalTags"], "tags", {"tag": "urn:li:tag:theirs"})),
        (urn, "glossaryTerms", with_entry(found["glossaryTerms"], "terms", {"urn": "urn:li:glossaryTerm:theirs"})),
        (urn, "structuredProperties", with_entry(found["structuredProperties"], "properties", value)),
        (urn, "institutionalMemory", {"elements": [link]}),
        (urn, "editableDatasetProperties", {"description": "大家的话", "created": STAMP, "lastModified": STAMP}),
    ]


def theirs(there: Catalog, urn: str = COURSE) -> dict[str, Any]:
    """What of ``by_people`` is left."""
    found = there[urn]
    return {
        "owner": GUEST["owner"] in entries(found["ownership"], "owners", "owner"),
        "tag": "urn:li:tag:theirs" in entries(found["globalTags"], "tags", "tag"),
        "term": "urn:li:glossaryTerm:theirs" in entries(found["glossaryTerms"], "terms", "urn"),
        "property": "urn:li:structuredProperty:theirs"
        in entries(found["structuredProperties"], "properties", "propertyUrn"),
        "link": len(found["institutionalMemory"]["elements"]) == 1,
        "documentation": found["editableDatasetProperties"]["description"] == "大家的话",
    }


# -- what a plan lists --------------------------------------------------------------------------------------------


def test_everything_is_new_in_an_empty_catalog_and_nothing_after_apply(school: Path, target: str) -> None:
    first = bring(school, target)
    assert {change.action for change in first.visible} == {"+"}
    assert len(first.visible) > 200
    assert make(school, target).changes == []
    assert {change.urn for change in first.visible} < set(catalog(school, target))


def test_planning_does_not_make_a_catalog(school: Path, target: str) -> None:
    make(school, target)
    assert not list(school.glob("c.*"))


def test_a_changed_definition_is_exactly_one_aspect_with_its_field(applied: Path, target: str) -> None:
    replace(applied / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的履历与考核。")
    plan = bring(applied, target)
    assert summary(plan) == [f"~ {TERM} glossaryTermInfo"]
    assert plan.visible[0].fields == ["definition: 教师的履历。（第三条） -> 教师的履历与考核。（第三条）"]
    assert plan.changes == plan.visible  # not even our own record
    assert make(applied, target).changes == []


def test_a_changed_unit_shows_the_owners_that_come_and_go(applied: Path, target: str) -> None:
    replace(systems(applied, "teaching"), "unit: 本科院", "unit: 研究生院")
    replace(systems(applied, "teaching"), "[本科生院责任岗]", "[研究生院院长]")
    plan = bring(applied, target)
    (change,) = [change for change in plan.visible if change.urn == COURSE]
    assert (change.action, change.aspect) == ("~", "ownership")
    assert "owners: - urn:li:corpGroup:undergraduate-school (urn:li:ownershipType:home-unit)" in change.fields
    assert "owners: + urn:li:corpGroup:graduate-school (urn:li:ownershipType:home-unit)" in change.fields


def test_a_withdrawn_aspect_goes_without_prune(applied: Path, target: str) -> None:
    term = "{id: catalogue.people.student-file, name: 学生名册, description: 在校学生。（第三条）"
    terms = applied / "glossary" / "terms" / "all.yml"
    replace(terms, term, term + ", knowledge_links: [{label: 说明, url: 'https://example.edu/1'}]")
    bring(applied, target)
    replace(terms, ", knowledge_links: [{label: 说明, url: 'https://example.edu/1'}]", "")
    assert summary(bring(applied, target)) == [
        "- urn:li:glossaryTerm:catalogue.people.student-file institutionalMemory"
    ]
    assert make(applied, target).changes == []


def test_an_unchanged_apply_writes_nothing(school: Path) -> None:
    def rows() -> list[Any]:
        with sqlite3.connect(school / "c.db") as connection:
            tables = ("metadata_aspect_v2", "metadata_edge_v2")
            return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables]

    bring(school, "lite:c.db")
    before = rows()
    bring(school, "lite:c.db")
    assert rows() == before
    bring(school, "file:c.json")
    kept = (school / "c.json").stat()
    bring(school, "file:c.json")
    now = (school / "c.json").stat()
    assert (now.st_mtime_ns, now.st_ino) == (kept.st_mtime_ns, kept.st_ino)


# -- what people added --------------------------------------------------------------------------------------------


def test_what_people_added_survives(applied: Path, target: str) -> None:
    put(applied, target, *by_people(catalog(applied, target)))
    assert make(applied, target).changes == []
    replace(systems(applied, "teaching"), "[本科生院责任岗]", "[本科生院院长]")
    replace(systems(applied, "teaching"), "name: 课程, items: [课程大纲]}", "name: 课程}")
    replace(systems(applied, "teaching"), "sharing: {scope: 各学院", "sharing: {class: 不予共享, scope: 各学院")
    plan = bring(applied, target)
    assert {change.aspect for change in plan.visible if change.urn == COURSE} == {
        "ownership", "glossaryTerms", "globalTags"
    }  # fmt: skip
    assert all(theirs(catalog(applied, target)).values())
    assert make(applied, target).changes == []


def test_a_removed_declared_owner_goes_and_the_hand_added_one_stays(applied: Path, target: str) -> None:
    ours = catalog(applied, target)[COURSE]["ownership"]
    put(applied, target, (COURSE, "ownership", with_entry(ours, "owners", GUEST)))
    replace(systems(applied, "teaching"), "[本科生院责任岗]", "[本科生院院长]")
    bring(applied, target)
    owners = entries(catalog(applied, target)[COURSE]["ownership"], "owners", "owner")
    assert "urn:li:corpuser:us-post" not in owners
    assert {"urn:li:corpuser:guest", "urn:li:corpuser:us-head", UNIT} == set(owners)


def test_hand_made_memberships_survive(applied: Path, target: str) -> None:
    guest, post = "urn:li:corpuser:guest", "urn:li:corpuser:us-post"
    groups = catalog(applied, target)[post]["groupMembership"]["groups"]
    there = ["urn:li:corpGroup:choir", *groups]
    put(applied, target, (guest, "groupMembership", {"groups": groups}), (post, "groupMembership", {"groups": there}))
    put(applied, target, (post, "nativeGroupMembership", {"nativeGroups": groups}))
    before = catalog(applied, target)
    replace(applied / "glossary" / "people.yml", "name: 本科生院责任岗,", "name: 本科生院责任岗, title: 科员,")
    assert summary(bring(applied, target, prune=True)) == [f"~ {post} corpUserInfo"]
    after = catalog(applied, target)
    assert after[guest] == before[guest]
    assert {**after[post], "corpUserInfo": None} == {**before[post], "corpUserInfo": None}


def test_custom_properties_of_others_survive(applied: Path, target: str) -> None:
    domain = "urn:li:domain:learning"
    info = catalog(applied, target)[domain]["domainProperties"]
    info["customProperties"]["theirs"] = "1"
    put(applied, target, (domain, "domainProperties", info))
    assert make(applied, target).changes == []
    replace(applied / "glossary" / "domains.yml", "培养、课程与评价数据。", "培养数据。")
    bring(applied, target)
    after = catalog(applied, target)[domain]["domainProperties"]
    assert after["customProperties"] == info["customProperties"] and after["description"].startswith("培养数据。")


def test_the_structure_of_a_dataset_stays_when_its_system_is_connected(school: Path, target: str) -> None:
    course = "{table: course, name: 课程, items: [课程大纲]}"
    replace(systems(school, "teaching"), "connected: true", "connected: false")
    replace(systems(school, "teaching"), course, "{table: course, name: 课程, fields: [{name: code, type: int}]}")
    bring(school, target)
    replace(systems(school, "teaching"), "connected: false", "connected: true")
    before = catalog(school, target)[COURSE]
    live = {**before["datasetProperties"], "description": "live"}
    put(school, target, (COURSE, "datasetProperties", live))
    bring(school, target, prune=True)
    after = catalog(school, target)[COURSE]
    assert after["datasetProperties"]["description"] == "live"
    assert after["schemaMetadata"] == before["schemaMetadata"] and after["status"] == {"removed": False}
    shutil.rmtree(school / "ingestion_recipes")
    bring(school, target, prune=True)
    assert catalog(school, target)[COURSE]["datasetProperties"]["description"] == "live"
    assert catalog(school, target)[COURSE]["status"] == {"removed": False}


# -- pruning ------------------------------------------------------------------------------------------------------


def undeclare(home: Path) -> None:
    """Take things of many kinds out of the content: two systems, a subset, a term, a tag, a property."""
    systems(home, "rulebook").unlink()
    systems(home, "teaching").unlink()
    domains = home / "glossary" / "domains.yml"
    domains.write_text(domains.read_text(encoding="utf-8").partition("  - id: remainder")[0], encoding="utf-8")
    for name, start in (
        ("terms/all.yml", "          - {id: catalogue.people.student-file"),
        ("tags.yml", "  - {id: extra"),
        ("properties.yml", "- {id: campus.extra"),
        ("people.yml", "  - {id: gs-post"),
    ):
        path = home / "glossary" / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (gone,) = [line for line in lines if line.startswith(start)]
        lines.remove(gone)
        path.write_text("".join(lines), encoding="utf-8")


def add_more(home: Path) -> None:
    """Things nothing refers to, for ``undeclare`` to take out."""
    for name, line in (
        ("tags.yml", "  - {id: extra, name: 临时, description: 临时的标签。}"),
        ("properties.yml", "- {id: campus.extra, type: date, display_name: 甲, description: 甲, entity_types: [tag]}"),
        ("people.yml", "  - {id: gs-post, name: 研究生院责任岗, unit: 研究生院}"),
    ):
        with (home / "glossary" / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


GONE = [
    "urn:li:application:rulebook", "urn:li:application:teaching", "urn:li:corpuser:gs-post",
    "urn:li:glossaryTerm:catalogue.people.student-file", "urn:li:structuredProperty:campus.extra", "urn:li:tag:extra",
    GIFTS,
]  # fmt: skip


@pytest.fixture
def reduced(school: Path, target: str) -> Path:
    """The school, applied with more content than is declared now."""
    add_more(school)
    bring(school, target)
    undeclare(school)
    return school


def test_without_prune_nothing_is_removed_and_it_can_be_pruned_later(reduced: Path, target: str) -> None:
    before = catalog(reduced, target)
    assert [change for change in bring(reduced, target).visible if change.removes] == []
    after = catalog(reduced, target)
    assert all(after[urn] == before[urn] for urn in GONE)
    bring(reduced, target, prune=True)
    assert all(catalog(reduced, target)[urn]["status"]["removed"] for urn in GONE)


def test_prune_removes_each_kind_in_its_way(reduced: Path, target: str) -> None:
    put(reduced, target, *by_people(catalog(reduced, target)))
    before = catalog(reduced, target)
    plan = bring(reduced, target, prune=True)
    after = catalog(reduced, target)

    for urn in GONE:  # what people said of it is kept with it
        assert after[urn] == {**before[urn], "status": {"removed": True}}
    assert "urn:li:domain:remainder" in before and "urn:li:domain:remainder" not in after
    assert all(theirs(after).values())
    assert {change.urn for change in plan.visible if change.removes} >= {*GONE, "urn:li:domain:remainder"}

    # a dataset of a connected system is not ours to remove: only the stamps go
    assert STUDENT in before and STUDENT not in after
    assert "status" not in after[COURSE]
    for name, field in (("ownership", "owners"), ("glossaryTerms", "terms"), ("globalTags", "tags"),
                        ("structuredProperties", "properties")):  # fmt: skip
        assert after[COURSE][name][field] and not any("attribution" in entry for entry in after[COURSE][name][field])
    assert "domains" not in after[COURSE] and "applications" not in after[COURSE]
    assert make(reduced, target, prune=True).changes == []


def test_what_was_pruned_and_is_declared_again_comes_back(school: Path, target: str) -> None:
    add_more(school)
    bring(school, target)
    before = catalog(school, target)
    declared = school.parent / "declared"
    shutil.copytree(school, declared, ignore=shutil.ignore_patterns("c.*"))
    undeclare(school)
    bring(school, target, prune=True)
    for name in ("glossary", "ingestion_recipes"):
        shutil.rmtree(school / name)
        shutil.copytree(declared / name, school / name)
    bring(school, target)
    after = catalog(school, target)
    # a structured property is declared without a status; to come back it needs one
    assert after.pop("urn:li:structuredProperty:campus.extra")["status"] == {"removed": False}
    before.pop("urn:li:structuredProperty:campus.extra")
    assert after == before
    assert make(school, target, prune=True).changes == []


def test_names_that_are_not_ascii_are_pruned_like_others(school: Path, target: str) -> None:
    replace(systems(school, "rulebook"), "table: gifts", "table: 受赠物品")
    bring(school, target)
    assert make(school, target).changes == []
    replace(systems(school, "rulebook"), "table: 受赠物品", "table: gifts")
    urn = GIFTS.replace("gifts", "受赠物品")
    assert f"- {urn} status" in summary(bring(school, target, prune=True))
    assert catalog(school, target)[urn]["status"] == {"removed": True}
    assert make(school, target, prune=True).changes == []


def test_the_demo_schools_content_too_leaves_nothing_to_do(tmp_path: Path) -> None:
    whole_home(tmp_path)
    assert len(bring(tmp_path, "file:c.json").visible) > 1500
    assert make(tmp_path, "file:c.json", prune=True).changes == []


# -- plan files ---------------------------------------------------------------------------------------------------


def kept(home: Path, plan: Plan) -> Path:
    path = home / "plan.json"
    path.write_text(plan.to_text(), encoding="utf-8")
    return path


def test_a_plan_survives_its_file(school: Path, target: str) -> None:
    plan = make(school, target)
    read = Plan.read(kept(school, plan))
    assert read == plan
    applied = attempt(school, target, read)
    assert applied.written == read.changes and not applied.error
    assert make(school, target).changes == []


@pytest.mark.parametrize("key", ["target", "changes", "checksum", "format"])
def test_an_edited_plan_is_refused(key: str, school: Path) -> None:
    path = kept(school, make(school, "file:c.json"))
    body = json.loads(path.read_text(encoding="utf-8"))
    edited: dict[str, Any] = {"target": "file:x", "changes": body["changes"][1:], "checksum": "0" * 64, "format": 99}
    path.write_text(json.dumps({**body, key: edited[key]}), encoding="utf-8")
    with pytest.raises(PlanError, match="another version" if key == "format" else "was edited after it was made"):
        Plan.read(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checksum": "", "changes": [1]}', '"plan"', "\udcff"])
def test_what_is_no_plan_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PlanError, match="is not a plan"):
        Plan.read(path)


def test_a_stale_plan_is_refused_naming_what_moved(applied: Path, target: str) -> None:
    replace(applied / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的履历与考核。")
    plan = make(applied, target)
    info = catalog(applied, target)[TERM]["glossaryTermInfo"]
    put(applied, target, (TERM, "glossaryTermInfo", {**info, "definition": "moved"}))
    writer = open_writer(parse_target(target, applied))
    with pytest.raises(PlanError, match=f"make a new plan(.|\n)*{TERM} glossaryTermInfo"):
        check_fresh(plan, writer)
    writer.finish(keep=False)
    assert catalog(applied, target)[TERM]["glossaryTermInfo"]["definition"] == "moved"


def test_a_plan_for_an_empty_catalog_is_stale_once_something_is_there(school: Path, target: str) -> None:
    plan = make(school, target)
    bring(school, target)
    writer = open_writer(parse_target(target, school))
    with pytest.raises(PlanError, match=r"and \d+ more"):
        check_fresh(plan, writer)
    writer.finish(keep=False)
