"""The command against a DataHub server: what it stores there, finds there, and says when the server does not play."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.rest_emitter import DatahubRestEmitter
from datahub.emitter.serialization_helper import post_json_transform
from datahub.metadata.schema_classes import ASPECT_NAME_MAP, OwnerClass, OwnershipTypeClass, TagAssociationClass
from datahub.specific.dataset import DatasetPatchBuilder

from tests.contract.standin import Standin
from tests.integration.test_scale_rest import tagged_tables, tags
from tests.integration.test_system_source import SYSTEM, TABLES
from tests.support.live import Catalog, Result, School, make_database

TOKEN = "t0ken-of-the-test"
COURSE = "urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.jw_kc,PROD)"


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A school with one declared system."""
    school = School(tmp_path)
    school.declare({**SYSTEM, "platform": "postgres", "database": "jwxt", "schema": "public", "connected": False})
    return school


def ingest(school: School, url: str, **env: str) -> None:
    result = school.campus("ingest", "taxonomy", "register", target=url, **env)
    assert result.code == 0, result.output
    assert "records sent to" in result.output


def complete(name: str, value: Any) -> Any:
    """An aspect as DataHub's models write it, so that left-out defaults make no difference; without audit stamps.

    Ownership, terms and the like go to a server as patches, which carry no stamp.
    """
    aspect = ASPECT_NAME_MAP[name].from_obj(post_json_transform(value)).to_obj()
    return {key: part for key, part in aspect.items() if key not in ("lastModified", "auditStamp")}


def stored(gms: Standin) -> Catalog:
    """What the stand-in holds; keys aside, which a server adds itself."""
    catalog: Catalog = {}
    for urn in gms.store.urns():
        for name, aspect in gms.store.entity(urn).items():
            if not name.endswith("Key"):
                catalog.setdefault(urn, {})[name] = complete(name, aspect.value)
    return catalog


def test_a_server_gets_what_a_file_gets(school: School, gms: Standin) -> None:
    ingest(school, gms.url)
    assert school.campus("ingest", "taxonomy", "register").code == 0

    assert gms.rejected == []
    assert gms.unknown_requests == []
    ours, theirs = school.catalog(), stored(gms)
    for urn, aspects in ours.items():
        for name, value in aspects.items():
            assert theirs[urn][name] == complete(name, value), f"{urn} {name}"
    extra = {(urn, name) for urn, aspects in theirs.items() for name in aspects if name not in ours.get(urn, {})}
    # DataHub's sink reports the run itself; nothing else may come that the file does not have
    assert {urn.split(":")[2] for urn, _ in extra} <= {"dataHubIngestionSource", "dataHubExecutionRequest"}, extra


def test_records_go_in_batches_which_keep_chinese_urns_and_their_order(school: School, gms: Standin) -> None:
    ingest(school, gms.url)
    writing = [request.path for request in gms.requests if request.method in ("POST", "PATCH") and request.path[1:]]
    assert any("action=ingestProposalBatch" in path for path in writing)
    assert not any("/openapi/v3/entity/dataset" in path for path in writing)


def test_our_tags_survive_those_the_live_source_writes_itself(gms: Standin, tmp_path: Path) -> None:
    source = tagged_tables(tmp_path)
    school = School(Path(source["config"].pop("home")))
    school.recipe("tagged", source)
    result = school.campus("ingest", "tagged", target=gms.url)
    assert result.code == 0, result.output
    assert tags(gms) == [{"live", "sharing-shared"}] * 60


def test_a_table_with_a_chinese_name_keeps_it_on_a_server(
    school: School, gms: Standin, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = 'CREATE TABLE "学生表" (id integer PRIMARY KEY, "姓名" text);'
    database = make_database("sqlite", "chinese", tables, tmp_path, request.getfixturevalue)
    system = {key: SYSTEM[key] for key in ("subset", "unit", "persons", "sharing")}
    school.declare({"id": "zw", "name": "中文库", "platform": "sqlite", "connected": True, **database.place, **system})
    school.connect("zw", database.source)
    result = school.campus("ingest", "zw", target=gms.url)
    assert result.code == 0, result.output
    assert gms.rejected == []
    assert database.dataset("学生表") in gms.store.urns("dataset")
    assert gms.store.get(database.dataset("学生表"), "ownership") is not None
    assert [urn for urn in gms.store.urns() if "\\u" in urn] == []


def test_a_system_with_a_view_reaches_a_server(
    school: School, gms: Standin, postgres: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = make_database("postgres", "view", TABLES, tmp_path, request.getfixturevalue)
    school.declare({**SYSTEM, "platform": "postgres", **database.place})
    school.connect("jwxt", database.source)
    result = school.campus("ingest", "jwxt", target=gms.url, DB_PASSWORD=postgres.password)
    assert result.code == 0, result.output
    assert gms.rejected == []
    lineage = gms.store.get(database.dataset("v_jw_cj"), "upstreamLineage")
    assert lineage and {upstream["dataset"] for upstream in lineage["upstreams"]} == {
        database.dataset("jw_kc"), database.dataset("jw_cj"),
    }  # fmt: skip
    (query,) = gms.store.urns("query")
    assert gms.store.get(query, "status") == {"removed": False}


def find_and_show(school: School, url: str, **env: str) -> None:
    """What a user does after the first run."""
    found = school.campus("search", "课程信息", "--format", "json", target=url, **env)
    assert found.code == 0, found.output
    assert COURSE in [hit["urn"] for hit in json.loads(found.output)]
    shown = school.campus("show", COURSE, target=url, **env)
    assert shown.code == 0, shown.output
    for word in ("课程信息", "教务处", "教育资源管理子集", "教务管理系统"):
        assert word in shown.output
    checked = school.campus("doctor", target=url, **env)
    assert checked.code == 0, checked.output
    assert "answers" in checked.output


def test_search_show_and_doctor_read_the_server(school: School, gms: Standin) -> None:
    ingest(school, gms.url)

    find_and_show(school, gms.url)

    assert gms.unknown_requests == []


@pytest.mark.live
def test_a_real_server_takes_it_and_finds_it_again(school: School, gms: Any) -> None:
    token = {"DATAHUB_GMS_TOKEN": gms.token} if getattr(gms, "token", None) else {}
    ingest(school, gms.url, **token)
    deadline = time.monotonic() + 60  # a real server's index is late
    while school.campus("search", "课程信息", target=gms.url, **token).code and time.monotonic() < deadline:
        time.sleep(2)
    find_and_show(school, gms.url, **token)


def test_running_twice_stores_the_same(school: School, gms: Standin) -> None:
    ingest(school, gms.url)
    before = stored(gms)
    ingest(school, gms.url)

    ours = {urn for urn in before if not urn.startswith("urn:li:dataHub")}  # not DataHub's record of the run
    after = stored(gms)
    assert {urn: after[urn] for urn in ours} == {urn: before[urn] for urn in ours}


def test_what_people_added_on_the_server_stays(school: School, gms: Standin) -> None:
    ingest(school, gms.url)
    guest = OwnerClass("urn:li:corpuser:guest", OwnershipTypeClass.TECHNICAL_OWNER)
    patch = DatasetPatchBuilder(COURSE).add_owner(guest).add_tag(TagAssociationClass("urn:li:tag:hot"))
    emitter = DatahubRestEmitter(gms.url)
    for proposal in patch.build():
        emitter.emit(proposal)

    ingest(school, gms.url)

    ownership, global_tags = gms.store.get(COURSE, "ownership"), gms.store.get(COURSE, "globalTags")
    assert ownership and global_tags
    owners = {owner["owner"] for owner in ownership["owners"]}
    assert {"urn:li:corpuser:guest", "urn:li:corpGroup:academic-affairs-office"} <= owners
    tags = {tag["tag"] for tag in global_tags["tags"]}
    assert tags == {"urn:li:tag:hot", "urn:li:tag:sharing-shared"}


def test_the_token_is_sent_and_never_printed(school: School, gms: Standin) -> None:
    gms.require_token(TOKEN)

    ingest(school, gms.url, DATAHUB_GMS_TOKEN=TOKEN)
    find_and_show(school, gms.url, DATAHUB_GMS_TOKEN=TOKEN)

    assert TOKEN not in school.log
    assert gms.store.get(COURSE, "ownership")


COMMANDS = [["ingest", "taxonomy"], ["search", "课程"], ["show", "课程信息"], ["doctor"]]
by_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])


@by_command
def test_a_refused_token_is_said_and_not_printed(command: list[str], school: School, gms: Standin) -> None:
    gms.require_token("another")

    result = school.campus(*command, target=gms.url, DATAHUB_GMS_TOKEN=TOKEN)

    assert result.code == 3, result.output
    assert "401" in result.output and "DATAHUB_GMS_TOKEN" in result.output
    assert "Traceback" not in result.output
    assert TOKEN not in result.output
    assert gms.store.urns("domain") == []
    if command[0] == "ingest":
        assert TOKEN not in school.log


@pytest.fixture(scope="module")
def unanswered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What each command says when nobody listens; at once, because DataHub's client is patient."""
    school = School(tmp_path_factory.mktemp("unanswered"))

    def call(command: list[str]) -> Result:
        return school.campus(*command, target="http://127.0.0.1:1", DATAHUB_GMS_TOKEN=TOKEN)

    with ThreadPoolExecutor() as pool:
        return dict(zip((command[0] for command in COMMANDS), pool.map(call, COMMANDS), strict=True))


@by_command
def test_a_server_that_is_not_there_is_said(command: list[str], unanswered: dict[str, Result]) -> None:
    result = unanswered[command[0]]

    assert result.code == 3, result.output
    assert "http://127.0.0.1:1 could not be reached" in result.output
    assert "Traceback" not in result.output
    assert TOKEN[:4] not in result.output, "not even the start of the token"


def test_nothing_there_yet_is_said(school: School, gms: Standin) -> None:
    result = school.campus("show", "课程信息", target=gms.url)

    assert result.code == 1
    assert "nothing named '课程信息'" in result.output
