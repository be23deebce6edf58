"""The local catalogs: DataHub Lite and the metadata file."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.source.file import GenericFileSource
from datahub.lite.lite_local import PathNotFoundException, SearchFlavor
from datahub.lite.sqlite_lite import SqliteLite
from datahub.metadata.schema_classes import (
    AuditStampClass,
    DatasetLineageTypeClass,
    DatasetPropertiesClass,
    GlobalTagsClass,
    StatusClass,
    TagAssociationClass,
    UpstreamClass,
    UpstreamLineageClass,
    _Aspect,
)

from campus_catalog.aspects.common import tag
from campus_catalog.catalog import lite as lite_store
from campus_catalog.catalog import metadata_file
from campus_catalog.catalog.lite import LiteStore
from campus_catalog.catalog.metadata_file import FileStore
from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.store import Store
from campus_catalog.catalog.target import Target, TargetError
from tests.support.planning import in_child

URN, OTHER = (f"urn:li:dataset:(urn:li:dataPlatform:postgres,live.public.{name},PROD)" for name in ("a", "b"))


@pytest.fixture(params=["lite", "file"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    return Target(request.param, str(tmp_path / "new folder" / ("catalog.db" if request.param == "lite" else "c.json")))


@pytest.fixture
def store(target: Target) -> Iterator[Store]:
    opened = open_store(target)
    yield opened
    opened.close()


def about(aspect: _Aspect, urn: str = URN) -> MetadataChangeProposalWrapper:
    return MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect)


def named(name: str, urn: str = URN) -> MetadataChangeProposalWrapper:
    return about(DatasetPropertiesClass(name=name), urn)


def content(target: Target) -> dict[str, object]:
    """What is kept, as a reader opening the target afterwards sees it."""
    reader = open_store(target, read_only=True)
    try:
        return dict(reader.entities())
    finally:
        reader.close()


def test_putting_the_same_twice_changes_once(store: Store) -> None:
    assert store.put(named("学生")) is True
    assert store.put(named("学生")) is False
    assert store.put(named("学生信息")) is True
    assert (store.changed, store.unchanged) == (2, 1)
    aspects = store.get(URN)
    assert aspects is not None and aspects["datasetProperties"]["name"] == "学生信息"
    assert store.get(OTHER) is None


def test_the_same_is_known_after_closing_and_opening_again(target: Target) -> None:
    for expected in (1, 0):
        store = open_store(target)
        store.put(named("学生"))
        store.commit()
        store.close()
        assert store.changed == expected


def test_the_clock_of_an_audit_stamp_is_no_change_but_its_actor_is(store: Store) -> None:
    def lineage(time: int, actor: str) -> MetadataChangeProposalWrapper:
        stamp = AuditStampClass(time=time, actor=f"urn:li:corpuser:{actor}")
        return about(UpstreamLineageClass([UpstreamClass(OTHER, DatasetLineageTypeClass.VIEW, auditStamp=stamp)]))

    assert [store.put(lineage(*one)) for one in ((1, "a"), (2, "a"), (2, "b"))] == [True, False, True]


def test_nothing_is_kept_before_commit(target: Target, store: Store) -> None:
    store.put(named("学生"))
    assert not target.path.exists() or content(target) == {}
    store.commit()
    assert content(target).keys() == {URN}


def test_rollback_leaves_what_the_last_commit_kept(target: Target) -> None:
    store = open_store(target)
    store.put(named("学生"))
    store.commit()
    store.close()
    before = content(target)
    bytes_before = target.path.read_bytes()

    store = open_store(target)
    store.put(named("改名"))
    store.put(named("新的", OTHER))
    store.rollback()
    assert dict(store.entities()) == before
    store.close()
    assert content(target) == before
    if target.kind == "file":
        assert target.path.read_bytes() == bytes_before


def test_closing_keeps_nothing_that_was_not_committed(target: Target) -> None:
    for at_once in (False, True):
        store = open_store(target)
        store.put(named("学生"))
        store.close(at_once)
        assert not target.path.exists() or content(target) == {}
    store = open_store(target)
    store.put(named("学生"))
    store.commit()
    store.put(named("改名"))
    store.delete(URN, "datasetProperties")
    store.close()
    aspects = content(target)[URN]
    assert isinstance(aspects, dict) and aspects["datasetProperties"]["name"] == "学生"


def test_reading_leaves_a_browse_index_that_is_behind_to_those_who_write(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    store = LiteStore(path)
    store.put(named("学生"))
    store.commit()
    store.close(at_once=True)  # as a run ends that was told to
    for _ in range(2):
        reader = LiteStore(path, read_only=True)
        assert reader.get(URN)
        reader.rollback()
        reader.close()
    lite = SqliteLite.create({"file": str(path), "read_only": True})
    with pytest.raises(PathNotFoundException):
        lite.ls("/databases")
    lite.close()
    LiteStore(path).close()
    lite = SqliteLite.create({"file": str(path), "read_only": True})
    assert lite.ls("/databases")
    lite.close()


def test_who_writes_takes_in_what_others_wrote_since_it_was_opened(target: Target) -> None:
    first, second = open_store(target), open_store(target)
    first.put(named("学生"))
    first.put(about(StatusClass(removed=False)))
    first.commit()
    second.put(named("课程", OTHER))
    assert second.put(named("学生")) is False, "the other one has written it already"
    second.commit()
    first.put(about(StatusClass(removed=True)))
    first.commit()
    for store in (first, second):
        store.close()
    found = content(target)
    assert found.keys() == {URN, OTHER}
    assert found[URN]["status"] == {"removed": True}  # type: ignore[index]


def test_one_writes_at_a_time_and_readers_do_not_wait(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_file, "PATIENCE", 0)
    monkeypatch.setitem(lite_store._OPTIONS, "busy_timeout", "0")
    open_store(target).close()
    first, second = open_store(target), open_store(target)
    first.begin()
    first.put(named("学生"))
    with pytest.raises(TargetError, match="being written by another process"):
        second.begin()
    if target.path.exists():
        assert content(target) == {}
    first.commit()
    second.begin()
    second.close()
    first.close()
    assert [path.name for path in target.path.parent.iterdir() if path.name.startswith(".")] == []


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "c.json"

    def dying() -> int:
        FileStore(path).begin()
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    assert in_child(dying) == -signal.SIGKILL
    assert (tmp_path / ".c.json.lock").exists()
    store = FileStore(path)
    store.put(named("学生"))
    store.commit()
    assert list(tmp_path.iterdir()) == [path]


def test_two_names_of_one_file_have_one_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_file, "PATIENCE", 0)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "folder" / "c.json")
    first, second = FileStore(tmp_path / "folder" / "c.json"), FileStore(tmp_path / "link.json")
    first.put(named("学生"))
    with pytest.raises(TargetError, match="being written by another process"):
        second.put(named("学生"))
    first.close()


def test_what_is_put_after_a_rollback_is_kept_by_the_next_commit(target: Target, store: Store) -> None:
    store.put(named("学生"))
    store.rollback()
    assert store.put(named("学生")) is True
    store.commit()
    assert content(target).keys() == {URN}


def test_a_metadata_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.json"
    store = FileStore(path)
    store.put(named("学生"))
    store.commit()
    before = path.read_bytes()
    store.put(named("改名"))

    def fail(*paths: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(metadata_file.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        store.commit()
    assert path.read_bytes() == before


def test_committing_no_change_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    for _ in range(2):
        store = FileStore(path)
        store.put(named("学生"))
        store.commit()
        path.chmod(0o444)
        state = path.stat()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (state.st_ino, state.st_mtime_ns)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["not json", "{}", "[1]", '[{"entityUrn": "x"}]', '"x"', "\x00"])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_holds_no_proposals_is_refused_and_left_alone(tmp_path: Path, text: str, read_only: bool) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(TargetError, match="c.json"):
        FileStore(path, read_only)
    assert path.read_text() == text


@pytest.mark.parametrize("raw", [b"this is no database, just text" * 100, b"SQLite format 3\x00" + b"\x01" * 4000])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, raw: bytes, read_only: bool) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(raw)
    with pytest.raises(TargetError, match="catalog.db cannot be opened as a DataHub Lite database"):
        LiteStore(path, read_only)
    assert path.read_bytes() == raw


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE books (title TEXT); INSERT INTO books VALUES ('红楼梦');")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(TargetError):
        LiteStore(path, read_only=True)
    with pytest.raises(TargetError):
        LiteStore(path)
    assert path.read_bytes() == before


def test_a_folder_is_refused(target: Target) -> None:
    target.path.mkdir(parents=True)
    with pytest.raises(TargetError):
        open_store(target)


@pytest.mark.parametrize("kind", ["lite", "file"])
def test_a_target_below_a_file_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError):
        store = open_store(Target(kind, str(tmp_path / "file" / "c.json")))  # type: ignore[arg-type]
        store.put(named("学生"))
        store.commit()


def test_datahub_lite_reads_finds_and_browses_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    store = LiteStore(path)
    store.put(named("学生"))
    store.put(about(StatusClass(removed=False)))
    store.commit()
    store.close()
    lite = SqliteLite.create({"file": str(path), "read_only": True})
    try:
        assert list(lite.list_ids()) == [URN]
        found: Any = lite.get(URN, aspects=["datasetProperties"])
        assert found["datasetProperties"]["name"] == "学生"
        assert [hit.id for hit in lite.search("学生", flavor=SearchFlavor.FREE_TEXT)] == [URN]
        assert [node.name for node in lite.ls("/")]
    finally:
        lite.close()


def test_the_browse_index_covers_what_every_run_wrote(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    for urn in (URN, OTHER):
        store = LiteStore(path)
        store.put(named("表", urn))
        store.commit()
        store.close()
    connection = sqlite3.connect(path)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    indexed = {
        str(row) for table in tables - {"metadata_aspect_v2"} for row in connection.execute(f"SELECT * FROM {table}")
    }
    connection.close()
    for urn in (URN, OTHER):
        assert any(urn in row for row in indexed)


def test_datahubs_file_source_reads_the_metadata_file(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    store = FileStore(path)
    written = [named("学生"), about(StatusClass(removed=False)), named("课程", OTHER)]
    for proposal in written:
        store.put(proposal)
    store.commit()
    source = GenericFileSource.create({"path": str(path)}, PipelineContext(run_id="test"))
    read = [(one.metadata.entityUrn, one.metadata.aspect) for one in source.get_workunits_internal()]
    assert read == [(proposal.entityUrn, proposal.aspect) for proposal in written]


def test_the_metadata_file_says_nothing_of_when_it_was_written(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "c.json")
    store.put(named("学生"))
    store.commit()
    (record,) = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert "systemMetadata" not in record
    assert "学生" in (tmp_path / "c.json").read_text(encoding="utf-8")


def test_what_another_source_says_of_a_list_takes_nothing_of_ours_away(store: Store) -> None:
    urn = "urn:li:dataset:(urn:li:dataPlatform:postgres,d.s.t,PROD)"
    store.put(MetadataChangeProposalWrapper(entityUrn=urn, aspect=GlobalTagsClass(tags=[tag("sharing-shared")])))
    theirs = TagAssociationClass(tag="urn:li:tag:from-elsewhere")
    store.put(MetadataChangeProposalWrapper(entityUrn=urn, aspect=GlobalTagsClass(tags=[theirs])))

    found = store.get(urn)
    assert found is not None
    tags = [association["tag"] for association in found["globalTags"]["tags"]]
    assert sorted(tags) == ["urn:li:tag:from-elsewhere", "urn:li:tag:sharing-shared"]
