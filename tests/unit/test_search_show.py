"""Finding and reading entities by the names people use."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.aspects.personal import FOUND_SOURCE
from campus_catalog.catalog.describe import describe
from campus_catalog.catalog.snapshot import Snapshot
from campus_catalog.catalog.store import Aspects
from tests.support.content import OTHER_SCHOOL, campus


def dataset(name: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,{name},PROD)"


COURSE, SCORE, ROOM = dataset("jwxt.public.jw_kc"), dataset("jwxt.public.jw_cj"), dataset("zcxt.public.jw_kc")
OFFICE, HEAD = "urn:li:corpGroup:academic", "urn:li:corpuser:head"
DOMAIN, TERM, TAG = "urn:li:domain:teaching", "urn:li:glossaryTerm:items.quality", "urn:li:tag:open"
SYSTEM, TYPE = "urn:li:application:jwxt", "urn:li:ownershipType:unit"

ENTITIES: dict[str, Aspects] = {
    OFFICE: {"corpGroupInfo": {"displayName": "教务处", "description": "管教学的单位"}},
    HEAD: {"corpUserInfo": {"displayName": "教务处处长", "title": "处长"}},
    DOMAIN: {"domainProperties": {"name": "教育资源", "description": "课程一类"}},
    TERM: {"glossaryTermInfo": {"name": "质量评价", "definition": "评价"}},
    TAG: {"tagProperties": {"name": "共享方式：公开"}},
    SYSTEM: {"applicationProperties": {"name": "教务系统"}},
    TYPE: {"ownershipTypeInfo": {"name": "责任单位"}},
    COURSE: {
        "datasetProperties": {"name": "课程", "description": "全校开设的课"},
        "schemaMetadata": {"fields": [
            {"fieldPath": "kch", "nativeDataType": "text", "description": "课程号", "isPartOfKey": True},
            {"fieldPath": "xf", "nativeDataType": "number", "description": "学分"},
        ]},
        "domains": {"domains": [DOMAIN]},
        "ownership": {"owners": [{"owner": OFFICE, "typeUrn": TYPE}, {"owner": HEAD, "type": "TECHNICAL_OWNER"}]},
        "globalTags": {"tags": [{"tag": TAG}]},
        "applications": {"applications": [SYSTEM]},
    },
    SCORE: {
        "datasetProperties": {"name": "课程成绩", "description": "学生的课程考核"},
        "glossaryTerms": {"terms": [{"urn": TERM}]},
    },
    ROOM: {"datasetProperties": {"name": "场地课次"}},
    dataset("old.gone"): {"datasetProperties": {"name": "旧课程"}, "status": {"removed": True}},
}  # fmt: skip


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(ENTITIES.items())


def found(snapshot: Snapshot, text: str) -> list[tuple[str, str]]:
    return [(hit.urn, hit.matched) for hit in snapshot.search(text)]


@pytest.mark.parametrize(
    ("text", "urn", "matched"),
    [
        ("课程", COURSE, "name"),
        ("jw_cj", SCORE, "name"),
        ("JWXT.PUBLIC.JW_CJ", SCORE, "name"),
        (SCORE, SCORE, "name"),
        ("全校开设", COURSE, "description"),
        ("kch", COURSE, "field kch"),
        ("学分", COURSE, "field xf"),
        ("质量", SCORE, "term 质量评价"),
        ("教育资源", COURSE, "domain 教育资源"),
        ("教务处", COURSE, "owner 教务处"),
        (OFFICE, COURSE, "owner 教务处"),
        ("处长", COURSE, "owner 教务处处长"),
        ("公开", COURSE, "tag 共享方式：公开"),
        ("教务系统", COURSE, "system 教务系统"),
    ],
)
def test_search_finds_by_and_says_where(snapshot: Snapshot, text: str, urn: str, matched: str) -> None:
    assert (urn, matched) in found(snapshot, text)


def test_better_matches_come_first_and_datasets_before_other_kinds(snapshot: Snapshot) -> None:
    hits = snapshot.search("课程")
    assert [hit.urn for hit in hits] == [COURSE, SCORE, DOMAIN]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.type for hit in snapshot.search("教务处")][:2] == ["corpGroup", "corpuser"]


def test_every_word_must_be_found_wherever_it_stands(snapshot: Snapshot) -> None:
    assert found(snapshot, "学生 质量评价") == [(SCORE, "description; term 质量评价")]
    assert found(snapshot, "学生 学分") == []


@pytest.mark.parametrize("text", ["没有的东西", "", "   ", "旧课程", "old.gone"])
def test_nothing_is_found_for_unknown_empty_and_removed(snapshot: Snapshot, text: str) -> None:
    assert snapshot.search(text) == []


def test_a_hit_says_whose_it_is(snapshot: Snapshot) -> None:
    hit = snapshot.search("课程")[0]
    assert (hit.name, hit.type, hit.subset, hit.unit) == ("课程", "dataset", "教育资源", "教务处")
    assert hit.sharing == ["共享方式：公开"]


@pytest.mark.parametrize(
    ("name", "urns"),
    [
        ("课程", [COURSE]),
        (SCORE, [SCORE]),
        ("jwxt.public.jw_kc", [COURSE]),
        ("jw_cj", [SCORE]),
        ("JW_CJ", [SCORE]),
        ("public.jw_cj", [SCORE]),
        ("jw_kc", [COURSE, ROOM]),
        ("w_cj", []),
        ("academic", [OFFICE]),
        ("教务处", [OFFICE]),
        ("jwxt", [SYSTEM]),
        ("旧课程", []),
        (dataset("old.gone"), []),
    ],
)
def test_find_takes_name_end_of_name_or_urn(snapshot: Snapshot, name: str, urns: list[str]) -> None:
    assert snapshot.find(name) == urns


def test_a_name_people_gave_in_the_catalog_is_the_name() -> None:
    aspects = {**ENTITIES[COURSE], "editableDatasetProperties": {"name": "课程表", "description": "改过的说明"}}
    snapshot = Snapshot([(COURSE, aspects)])
    assert snapshot.find("课程表") == [COURSE]
    assert describe(snapshot, COURSE).description == "改过的说明"


def test_a_description_added_in_the_catalog_does_not_hide_the_name() -> None:
    aspects = {**ENTITIES[COURSE], "editableDatasetProperties": {"description": "改过的说明"}}
    assert Snapshot([(COURSE, aspects)]).find("课程") == [COURSE]


def test_the_card_of_a_dataset_names_everything_it_is_connected_with(snapshot: Snapshot) -> None:
    card = describe(snapshot, COURSE)
    assert (card.name, card.physical, card.subset, card.system) == (
        "课程",
        "jwxt.public.jw_kc",
        ["教育资源"],
        ["教务系统"],
    )
    owners = {type_: [owner.text for owner in owners] for type_, owners in card.owners.items()}
    assert owners == {"责任单位": ["教务处"], "TECHNICAL_OWNER": ["教务处处长"]}
    assert [tag.text for tag in card.tags] == ["共享方式：公开"]
    assert card.fields[0] == {"name": "kch", "type": "text", "key": True, "description": "课程号"}


@pytest.mark.parametrize("urn", [OFFICE, HEAD, DOMAIN, TAG, SYSTEM])
def test_the_card_of_anything_else_names_the_datasets_it_has(snapshot: Snapshot, urn: str) -> None:
    assert describe(snapshot, urn).holds == ["课程"]


def run(catalog: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = campus(*arguments, home=OTHER_SCHOOL, target=f"file:{catalog}")
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_the_command_searches_for_people_and_for_programs(other_catalog: Path) -> None:
    table = run(other_catalog, "search", "受赠物品")
    assert table.returncode == 0
    assert all(word in table.stdout for word in ("受赠物品清册", "其余数据", "综合事务部", "不提供", "gifts"))
    done = run(other_catalog, "search", "规章", "--format", "json", "--type", "dataset")
    hits = json.loads(done.stdout)
    assert [(hit["name"], hit["unit"], hit["sharing"]) for hit in hits] == [
        ("现行规章", "综合事务部", ["无条件"]),
        ("受赠物品清册", "综合事务部", ["不提供"]),
    ]


def test_search_is_limited_and_says_so(other_catalog: Path) -> None:
    hits = json.loads(run(other_catalog, "search", "数据", "--format", "json", "--limit", "2").stdout)
    assert len(hits) == 2
    assert "2 of " in run(other_catalog, "search", "数据", "--limit", "2").stdout


def test_finding_nothing_exits_with_1(other_catalog: Path) -> None:
    done = run(other_catalog, "search", "没有的东西")
    assert (done.returncode, done.stdout) == (1, "") and "nothing found" in done.stderr
    done = run(other_catalog, "search", "没有的东西", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])


def _show(catalog: Path, name: str) -> dict[str, Any]:
    done = run(catalog, "show", name, "--format", "json")
    assert done.returncode == 0, done.stderr
    card: dict[str, Any] = json.loads(done.stdout)
    return card


GIFTS = "urn:li:dataset:(urn:li:dataPlatform:filing-cabinet,gifts,PROD)"


def test_a_card_says_which_columns_a_tag_of_ours_is_there_for() -> None:
    detail = {"origin": "rule:个人信息", "columns": "sjh（手机号，见「联系电话」）"}
    ours = {"tag": TAG, "attribution": {"source": FOUND_SOURCE, "sourceDetail": detail}}
    theirs = {"tag": TAG, "attribution": {"source": "urn:li:platformResource:other", "sourceDetail": detail}}
    cards = [describe(Snapshot({SCORE: {"globalTags": {"tags": [tag]}}}.items()), SCORE) for tag in (ours, theirs)]
    assert [card.personal for card in cards] == ["sjh（手机号，见「联系电话」）", None]


@pytest.mark.parametrize("name", ["受赠物品清册", "gifts", "GIFTS", GIFTS])
def test_the_command_shows_one_entity_with_the_origin_of_each_value(other_catalog: Path, name: str) -> None:
    card = _show(other_catalog, name)
    assert card["urn"] == GIFTS
    assert card["owners"]["归口单位"] == [{"text": "综合事务部", "origin": "stated"}]
    assert card["terms"] == [{"text": "不予共享", "origin": "rule:gift*"}, {"text": "文件资料", "origin": "system"}]
    assert card["properties"]["条件与依据"]["text"] == "捐赠人要求"
    table = run(other_catalog, "show", name).stdout
    words = (
        "受赠物品清册",
        "综合事务部（数据集自述）",
        "不予共享（按规则 gift*）",
        "文件资料（继承自系统）",
        "规章文件柜",
    )
    assert all(word in table for word in words)


def test_show_of_an_unknown_name_exits_with_1_and_suggests(other_catalog: Path) -> None:
    done = run(other_catalog, "show", "清册")
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean" in done.stderr and "受赠物品清册" in done.stderr


def test_show_of_an_ambiguous_name_lists_the_urns(other_catalog: Path) -> None:
    records = json.loads(other_catalog.read_text(encoding="utf-8"))
    twin = dataset("elsewhere.gifts")
    copies = [{**record, "entityUrn": twin} for record in records if record["entityUrn"] == GIFTS]
    path = other_catalog.with_name("twins.json")
    path.write_text(json.dumps(records + copies), encoding="utf-8")
    done = run(path, "show", "受赠物品清册")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is the name of 2 entities" in done.stderr and twin in done.stderr


@pytest.mark.parametrize("command", ["search", "show"])
def test_a_catalog_that_is_not_there_yet_is_unreachable(tmp_path: Path, command: str) -> None:
    for target in ("gone.json", "gone.db"):
        kind = "file" if target.endswith("json") else "lite"
        done = campus(command, "x", home=OTHER_SCHOOL, target=f"{kind}:{tmp_path / target}")
        assert done.returncode == 3
        assert "run 'campus-catalog ingest' first" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
