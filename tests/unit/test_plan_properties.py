"""For any valid content: after apply the plan is empty, and pruning touches nothing foreign."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from campus_catalog.apply.manifest import ASPECT, URN, Manifest
from tests.support.content import OTHER_SCHOOL
from tests.support.planning import STAMP, Catalog, bring, catalog, make, put

PROPERTY = settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
TARGETS = ["lite:c.db", "file:c.json"]
on_both = pytest.mark.parametrize("target", TARGETS)

UNITS = {"本科生院": "us-head", "科技院": "si-head", "计财部": "pf-head"}
WORDS = st.sampled_from(["甲", "乙", "丙 \"'", "丁：#"])
SHARING = st.one_of(
    st.builds(lambda scope, basis: {"class": "有条件共享", "scope": scope, "basis": basis}, WORDS, WORDS),
    st.builds(lambda basis: {"class": "不予共享", "basis": basis}, WORDS),
    st.just({"class": "无条件共享"}),
)
FIELD = st.fixed_dictionaries(
    {"name": st.sampled_from(["xh", "xm", "cj"])},
    optional={"type": st.sampled_from(["int", "varchar(20)", "奇怪"]), "description": WORDS, "key": st.booleans()},
)
STATEMENT: dict[str, st.SearchStrategy[Any]] = {
    "sharing": SHARING,
    "subset": st.sampled_from(["人员数据", "教学类", "科学研究数据"]),
    "kind": st.sampled_from(["结构化记录", "文件资料"]),
    "items": st.lists(st.sampled_from(["成绩单", "论文", "大型仪器"]), unique=True),
    "backup": WORDS,
    "data_standard": WORDS,
}


@st.composite
def datasets(draw: st.DrawFn, table: str) -> dict[str, Any]:
    """A declared dataset; with a unit of its own it also names a person of that unit."""
    more = {"fields": st.lists(FIELD, max_size=3, unique_by=lambda field: field["name"]), "description": WORDS}
    found = draw(st.fixed_dictionaries({"table": st.just(table), "name": WORDS}, optional={**STATEMENT, **more}))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(sorted(UNITS)))
        found |= {"unit": unit, "persons": [UNITS[unit]]}
    return dict(found)


@st.composite
def schools(draw: st.DrawFn) -> dict[str, Any]:
    """What is declared besides the second school's own content: file -> its text or what is added to a list in it."""
    system: dict[str, Any] = {
        "id": "drawn", "name": "生成的系统", "platform": draw(st.sampled_from(["postgres", "filing-cabinet"])),
        "connected": draw(st.booleans()), "subset": "教学类", "unit": "本科生院", "persons": ["本科生院责任岗"],
        "sharing": draw(SHARING),
    }  # fmt: skip
    if draw(st.booleans()):
        system["instance"] = "east"
    names = draw(st.lists(st.sampled_from(["t1", "t2", "表三"]), unique=True))
    system["datasets"] = [draw(datasets(name)) for name in names]
    units = draw(st.lists(st.sampled_from(["choir", "museum"]), unique=True))
    return {
        "system": system,
        "units": [{"id": unit, "name": unit, "head": f"{unit}-head", "description": draw(WORDS)} for unit in units],
        "people": [{"id": f"{unit}-head", "name": f"{unit}-head", "unit": unit} for unit in units],
        "tags": [{"id": "drawn", "name": "drawn", "description": draw(WORDS)}] if draw(st.booleans()) else [],
    }


def write(home: Path, school: dict[str, Any]) -> None:
    """Replace the content of a home."""
    for name in ("glossary", "ingestion_recipes"):
        shutil.rmtree(home / name, ignore_errors=True)
        shutil.copytree(OTHER_SCHOOL / name, home / name)
    path = home / "ingestion_recipes" / "systems" / "drawn.yml"
    path.write_text(yaml.safe_dump(school["system"], allow_unicode=True), encoding="utf-8")
    for key, name in (("units", "organization"), ("people", "people"), ("tags", "tags")):
        path = home / "glossary" / f"{name}.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content[key] += school[key]
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@contextmanager
def new_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@on_both
@PROPERTY
@given(first=schools(), second=schools(), prune=st.booleans())
def test_after_apply_the_plan_is_empty(target: str, first: Any, second: Any, prune: bool) -> None:
    with new_home() as home:
        for school in (first, second):
            write(home, school)
            bring(home, target, prune)
            assert make(home, target, prune).changes == []


def unordered(value: Any) -> Any:
    """A value with its lists sorted: an entry of ours that stays keeps its place."""
    if isinstance(value, dict):
        return {key: unordered(part) for key, part in value.items()}
    return sorted(value, key=str) if isinstance(value, list) else value


@on_both
@PROPERTY
@given(first=schools(), second=schools())
def test_pruning_leads_where_an_empty_catalog_leads(target: str, first: Any, second: Any) -> None:
    """What was declared in between leaves no trace but soft-deleted entities."""
    with new_home() as home:
        write(home, first)
        bring(home, target)
        write(home, second)
        bring(home, target, prune=True)
        other = target.replace(":c.", ":fresh.")
        bring(home, other)
        pruned, fresh = catalog(home, target), catalog(home, other)
        left = {urn: aspects for urn, aspects in pruned.items() if not (aspects.get("status") or {}).get("removed")}
        # structure stays with a dataset whose system was connected in between
        for urn in fresh.keys() & left.keys():
            if urn != URN:
                assert {name: unordered(left[urn].get(name)) for name in fresh[urn]} == unordered(fresh[urn])
        assert left.keys() >= fresh.keys()
        assert (
            Manifest.from_json(left[URN][ASPECT]).records.keys()
            == Manifest.from_json(fresh[URN][ASPECT]).records.keys()
        )


@st.composite
def foreign_entities(draw: st.DrawFn) -> list[tuple[str, str, Any]]:
    """Entities other people and tools made, some named much like ours."""
    found: list[tuple[str, str, Any]] = []
    for name in draw(st.lists(st.sampled_from(["t1", "t2", "x", "gifts2"]), unique=True, max_size=3)):
        urn = f"urn:li:dataset:(urn:li:dataPlatform:mysql,{name},PROD)"
        owners = [{"owner": "urn:li:corpGroup:undergraduate-school", "type": "TECHNICAL_OWNER"}]
        found += [
            (urn, "status", {"removed": draw(st.booleans())}),
            (urn, "ownership", {"owners": owners, "lastModified": STAMP}),
            (urn, "domains", {"domains": ["urn:li:domain:learning"]}),
        ]
    for kind, aspect, value in draw(
        st.lists(
            st.sampled_from(
                [
                    ("tag", "tagProperties", {"name": "theirs"}),
                    ("domain", "domainProperties", {"name": "theirs"}),
                    ("corpGroup", "status", {"removed": False}),
                    ("corpuser", "groupMembership", {"groups": ["urn:li:corpGroup:undergraduate-school"]}),
                    ("glossaryTerm", "glossaryTermInfo", {"definition": "theirs", "termSource": "EXTERNAL"}),
                ]
            ),
            unique_by=lambda item: item[0],
        )
    ):
        found.append((f"urn:li:{kind}:theirs", aspect, value))
    return found


@on_both
@PROPERTY
@given(first=schools(), second=schools(), foreign=foreign_entities())
def test_prune_never_touches_a_foreign_entity(target: str, first: Any, second: Any, foreign: Any) -> None:
    with new_home() as home:
        write(home, first)
        bring(home, target)
        put(home, target, *foreign)
        before = catalog(home, target)
        write(home, second)
        known = set(Manifest.from_json(before[URN][ASPECT]).records)
        plan = bring(home, target, prune=True)
        after = catalog(home, target)

        assert {change.urn for change in plan.changes if change.phase == "prune"} <= known
        assert not {change.urn for change in plan.changes} & {urn for urn, _, _ in foreign}
        assert {urn: after[urn] for urn, _, _ in foreign} == {urn: before[urn] for urn, _, _ in foreign}
        assert _removed(after) - _removed(before) <= known


def _removed(there: Catalog) -> set[str]:
    return {urn for urn, aspects in there.items() if (aspects.get("status") or {}).get("removed")}
