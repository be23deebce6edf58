"""``apply`` to a DataHub server: everything arrives once, people's additions stay, and what goes wrong is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.rest_emitter import DatahubRestEmitter
from datahub.emitter.serialization_helper import post_json_transform
from datahub.metadata.schema_classes import ASPECT_NAME_MAP

from campus_catalog.apply import manifest, writers
from campus_catalog.aspects.lists import LISTS
from campus_catalog.catalog.target import Target, TargetError
from tests.contract.failures import Failures
from tests.contract.proposals import Proposal, Rejected
from tests.contract.standin import Standin
from tests.support.compare import local, stored, unordered
from tests.support.content import campus, replace
from tests.support.planning import COURSE, GIFTS, STAMP, attempt, bring, make, new_school, summary

#: lists whose entries say whose they are
MARKED = {name: row for name, row in LISTS.items() if row.ours != "declared"}
TOKEN = "t0ken-of-the-test"
TERM = "urn:li:glossaryTerm:catalogue.people.staff-file"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(writers, "PAUSE", 0.01)


def write(gms: Any, urn: str, name: str, value: Any) -> None:
    """Write an aspect as it is."""
    aspect = ASPECT_NAME_MAP[name].from_obj(post_json_transform(value))
    DatahubRestEmitter(gms.url).emit(MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect))


def less(home: Path) -> None:
    """Undeclare a dataset, a subset and a term."""
    path = home / "ingestion_recipes" / "systems" / "rulebook.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("  - table: gifts")[0], encoding="utf-8")
    path = home / "glossary" / "domains.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("  - id: remainder")[0], encoding="utf-8")
    path = home / "glossary" / "terms" / "all.yml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "catalogue.people.staff-file" not in line), encoding="utf-8")


# -- what arrives -------------------------------------------------------------------------------------------------


def test_everything_arrives_as_in_a_file_and_once(school: Path, gms: Standin) -> None:
    done = campus("apply", home=school, target=gms.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert gms.rejected == [] and gms.unknown_requests == []
    assert unordered(stored(gms)) == unordered(local(school))

    writes = len(gms.writes())
    done = campus("apply", home=school, target=gms.url)
    assert (done.returncode, done.stdout) == (0, f"nothing to change in {gms.url}\n")
    assert len(gms.writes()) == writes


def test_one_changed_definition_is_one_proposal(school: Path, gms: Standin) -> None:
    bring(school, gms.url)
    writes = len(gms.writes())
    replace(school / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的经历。")
    bring(school, gms.url)
    assert [(proposal.urn, proposal.aspect) for proposal in gms.writes()[writes:]] == [(TERM, "glossaryTermInfo")]


def test_lists_are_patched_and_the_rest_is_upserted(school: Path, gms: Standin) -> None:
    bring(school, gms.url)
    patched = {proposal.aspect for proposal in gms.writes() if proposal.change == "PATCH"}
    assert patched == {"ownership", "glossaryTerms", "globalTags", "structuredProperties"}
    assert {proposal.aspect for proposal in gms.writes() if proposal.change == "UPSERT"}.isdisjoint(patched)


def additions(gms: Any, source: str | None) -> dict[str, dict[str, Any]]:
    """What people (no source) or another tool may have put on a dataset: aspect -> entry."""
    mark = {"attribution": {"source": source, "time": 1, "actor": "urn:li:corpuser:guest"}} if source else {}
    own = {"owner": "urn:li:corpuser:guest", "type": "CUSTOM", "typeUrn": "urn:li:ownershipType:desk", **mark}
    found: dict[str, dict[str, Any]] = {
        "ownership": own,
        "glossaryTerms": {"urn": "urn:li:glossaryTerm:theirs", **mark},
        "globalTags": {"tag": "urn:li:tag:theirs", **mark},
        "structuredProperties": {
            "propertyUrn": "urn:li:structuredProperty:theirs", "values": [{"string": "x"}], **mark
        },
    }  # fmt: skip
    for aspect, entry in found.items():
        field = LISTS[aspect].field
        there = gms.store.get(COURSE, aspect) or {}
        write(gms, COURSE, aspect, {"lastModified": STAMP, "auditStamp": STAMP, **there,
                                    field: [*there.get(field, []), entry]})  # fmt: skip
    write(gms, COURSE, "institutionalMemory", {"elements": [
        {"url": "https://example.edu", "description": "说明", "createStamp": STAMP}]})  # fmt: skip
    write(gms, COURSE, "editableDatasetProperties", {"description": "大家的话"})
    return found


def foreign(gms: Standin) -> dict[str, list[Any]]:
    """What stands in each list of the dataset besides our entries."""
    found = {name: gms.store.get(COURSE, name) or {} for name in MARKED}
    return {
        name: [entry for entry in found[name].get(row.field, []) if not row.is_ours(entry)]
        for name, row in MARKED.items()
    }


@pytest.mark.parametrize("source", [None, "urn:li:platformResource:another"])
@pytest.mark.parametrize("first", [True, False], ids=["before the first apply", "after it"])
def test_what_people_added_survives_apply_and_ingest(
    source: str | None, first: bool, school: Path, gms: Standin
) -> None:
    if not first:
        bring(school, gms.url)
    additions(gms, source)
    theirs = foreign(gms)
    assert all(len(entries) == 1 for entries in theirs.values())
    bring(school, gms.url)
    assert foreign(gms) == theirs
    assert [owner for owner in gms.store.get(COURSE, "ownership")["owners"] if LISTS["ownership"].is_ours(owner)]  # type: ignore[index]

    system = school / "ingestion_recipes" / "systems" / "teaching.yml"
    replace(system, "[本科生院责任岗]", "[本科生院院长]")
    replace(system, "{table: course, name: 课程, items: [课程大纲]}", "{table: course, name: 课程}")
    bring(school, gms.url)
    assert foreign(gms) == theirs
    done = campus("ingest", "taxonomy", "register", home=school, target=gms.url)
    assert done.returncode == 0, done.stderr
    assert foreign(gms) == theirs
    assert (gms.store.get(COURSE, "editableDatasetProperties") or {})["description"] == "大家的话"
    assert make(school, gms.url).changes == [], "ingest and apply write the same"


def test_a_removed_declared_owner_goes(school: Path, gms: Standin) -> None:
    bring(school, gms.url)
    additions(gms, None)
    replace(school / "ingestion_recipes" / "systems" / "teaching.yml", "[本科生院责任岗]", "[本科生院院长]")
    bring(school, gms.url)
    owners = {owner["owner"] for owner in (gms.store.get(COURSE, "ownership") or {})["owners"]}
    assert "urn:li:corpuser:us-post" not in owners
    assert {"urn:li:corpuser:guest", "urn:li:corpuser:us-head"} < owners


# -- pruning ------------------------------------------------------------------------------------------------------


def test_prune_removes_ours_and_nothing_else(school: Path, gms: Standin) -> None:
    bring(school, gms.url)
    write(gms, "urn:li:domain:theirs", "domainProperties", {"name": "theirs"})
    less(school)
    before = stored(gms)
    bring(school, gms.url, prune=True)
    after = stored(gms)
    assert before.keys() - after.keys() == {"urn:li:domain:remainder"}
    assert after[GIFTS]["status"] == after[TERM]["status"] == {"removed": True}
    assert after["urn:li:domain:theirs"] == before["urn:li:domain:theirs"]
    assert make(school, gms.url, prune=True).changes == []


@pytest.mark.usefixtures("impatient")
def test_what_could_not_be_deleted_is_deleted_by_the_next_apply(school: Path, gms: Standin) -> None:
    bring(school, gms.url)
    less(school)
    gms.fail_next(4 * writers.ATTEMPTS, 500, path="action=delete")  # DataHub's client repeats requests, too
    plan = make(school, gms.url, prune=True)
    applied = attempt(school, gms.url, plan)
    assert "urn:li:domain:remainder" in applied.error
    assert gms.store.entity("urn:li:domain:remainder")
    gms.failures = Failures()
    bring(school, gms.url, prune=True)
    assert not gms.store.entity("urn:li:domain:remainder")


# -- what goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("urn, aspect", [("urn:li:corpGroup:choir", "corpGroupInfo"), (GIFTS, "ownership")])
def test_a_refused_proposal_is_named_and_the_rest_written(
    urn: str, aspect: str, school: Path, gms: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = unordered(local(school))
    urn = "urn:li:corpGroup:science-institute" if "choir" in urn else urn
    take = gms.store._apply_one

    def picky(proposal: Proposal, *rest: Any) -> None:
        if (proposal.urn, proposal.aspect) == (urn, aspect):
            raise Rejected("not this one")
        take(proposal, *rest)

    monkeypatch.setattr(gms.store, "_apply_one", picky)
    done = campus("apply", home=school, target=gms.url)
    assert done.returncode == 1, done.stderr
    assert f"{urn} {aspect}: " in done.stderr and "not this one" in done.stderr
    assert "could not be reached" not in done.stderr
    pending = [line for line in done.stderr.splitlines() if line.startswith("not written: ")]
    assert pending == [f"not written: {urn} {aspect}"]

    found = unordered(stored(gms))
    del reference[urn][aspect]
    assert {key: value for key, value in found.items() if key != manifest.URN} == {
        key: value for key, value in reference.items() if key != manifest.URN
    }
    monkeypatch.setattr(gms.store, "_apply_one", take)
    assert summary(bring(school, gms.url)) == [f"+ {urn} {aspect}"]
    assert make(school, gms.url).changes == []


def test_a_token_that_is_refused_is_said_and_not_printed(school: Path, gms: Standin) -> None:
    gms.require_token("another")
    done = campus("apply", home=school, target=gms.url, DATAHUB_GMS_TOKEN=TOKEN)
    assert done.returncode == 3
    assert "refused the token (401); set DATAHUB_GMS_TOKEN" in done.stderr
    assert TOKEN not in done.stdout + done.stderr and "Traceback" not in done.stderr
    assert not gms.writes()


def test_a_token_that_is_accepted_is_not_printed(school: Path, gms: Standin) -> None:
    gms.require_token(TOKEN)
    done = campus("apply", home=school, target=gms.url, DATAHUB_GMS_TOKEN=TOKEN)
    assert done.returncode == 0 and gms.writes()
    assert TOKEN not in done.stdout + done.stderr


@contextmanager
def answering(status: int, body: str, kind: str) -> Iterator[str]:
    """A server that gives everybody the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


PAGE = '<!doctype html><html><head><title>DataHub</title></head><body><div id="root"></div></body></html>'
ANSWERS = {
    "forbidden": (403, '{"message": "Forbidden"}', "application/json", "(403)"),
    "frontend's page": (200, PAGE, "text/html", "use the metadata service (GMS)"),
    "frontend": (200, '{"application": "datahub-frontend"}', "application/json", "use the metadata service (GMS)"),
    "something else": (404, "not found", "text/plain", "use the metadata service (GMS)"),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_what_is_no_datahub_for_us_is_said(command: str, case: str, school: Path) -> None:
    status, body, kind, message = ANSWERS[case]
    with answering(status, body, kind) as url:
        done = campus(command, home=school, target=url, DATAHUB_GMS_TOKEN=TOKEN)
    assert done.returncode == 3, done.stderr
    assert message in done.stderr, done.stderr
    assert TOKEN not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_said(school: Path) -> None:
    done = campus("apply", home=school, target="http://127.0.0.1:1", DATAHUB_GMS_TOKEN=TOKEN)
    assert done.returncode == 3
    assert "http://127.0.0.1:1 could not be reached" in done.stderr
    assert TOKEN not in done.stderr


@pytest.mark.usefixtures("impatient")
def test_a_server_that_goes_away_leaves_the_rest_to_the_next_apply(school: Path, gms: Standin) -> None:
    plan = make(school, gms.url)
    writer = writers.open_writer(Target("server", gms.url))
    written = []
    with pytest.raises(writers.WriteError):
        for change in writer.write(plan.changes):
            written.append(change)
            if len(written) == writers.BATCH:
                gms.fail_rate(1.0, [500])
    writer.finish(keep=False)
    assert len(written) == writers.BATCH < len(plan.changes)
    gms.fail_rate(0, [])
    bring(school, gms.url)
    assert unordered(stored(gms)) == unordered(local(school))


# -- faults of every kind -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("seed", range(4))
def test_with_three_faults_in_ten_everything_is_written_once(seed: int, school: Path, gms: Standin) -> None:
    gms.timeout_seconds = 0.05
    gms.fail_rate(0.3, [429, 500, 401, "timeout", "drop", "lost"], seed)
    for _ in range(10):
        try:
            plan = make(school, gms.url)
            if not plan.changes or not attempt(school, gms.url, plan).error:
                break
        except TargetError:
            continue  # a token refused too often ends a run: what happened to it is said, the next one goes on
    gms.fail_rate(0, [])
    assert len(set(gms.failures.happened)) >= 4
    assert make(school, gms.url).changes == []
    assert unordered(stored(gms)) == unordered(local(school))
    assert gms.rejected == []


# -- a real server ------------------------------------------------------------------------------------------------


@pytest.mark.live
def test_a_server_takes_it_and_has_nothing_to_change_then(school: Path, gms: Any) -> None:
    token = {"DATAHUB_GMS_TOKEN": gms.token} if getattr(gms, "token", None) else {}
    done = campus("apply", home=school, target=gms.url, **token)
    assert done.returncode == 0, done.stderr
    done = campus("apply", home=school, target=gms.url, **token)
    assert (done.returncode, done.stdout) == (0, f"nothing to change in {gms.url}\n")
    less(school)
    assert campus("apply", "--prune", "--yes", home=school, target=gms.url, **token).returncode == 0
    done = campus("plan", "--prune", home=school, target=gms.url, **token)
    assert done.stdout == f"nothing to change in {gms.url}\n"
