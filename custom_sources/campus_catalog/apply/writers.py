"""Where a plan reads and writes: a local store, or a DataHub server."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from datahub.emitter.aspect import ASPECT_MAP
from datahub.emitter.emit_mode import EmitMode
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import post_json_transform
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.entity_aspect_specs import EntityAspectSpecs
from datahub.metadata.schema_classes import MetadataChangeProposalClass

from campus_catalog.apply.plan import Change
from campus_catalog.aspects.common import aspect_json
from campus_catalog.aspects.lists import LISTS
from campus_catalog.aspects.patch import is_patched, replace_ours
from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.server import connect, status_of, unreached
from campus_catalog.catalog.store import Aspects, Store
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.errors import AT_FAULT, UNREACHABLE, CampusError, first_line

#: proposals per request
BATCH = 100
#: attempts at a request that may succeed later, and seconds before the second one; doubled each time
ATTEMPTS, PAUSE = 8, 0.5
#: attempts to reach a server in the first place: one that is not there should be said soon
FIRST_ATTEMPTS = 4
#: a refused token is asked about again only this often: it rarely becomes valid
TOKEN_ATTEMPTS = 4
_SPECIFICATIONS = "/openapi/v1/registry/models/entity/specifications"

Result = TypeVar("Result")


class WriteError(CampusError):
    """A change could not be written; the message says which and why.

    Args:
        message: which change, and why.
        refused: whether the catalog refused it, rather than not being reached.
    """

    def __init__(self, message: str, refused: bool = False):
        super().__init__(message)
        self.exit_code, self.retry = (AT_FAULT, False) if refused else (UNREACHABLE, True)


class Writer(Protocol):
    """A catalog a plan can be made against and applied to."""

    def begin(self) -> None:
        """Keep other writers out until ``finish``, where the catalog can.

        Raises:
            TargetError: another one is at work.
        """

    def current(self, urns: Collection[str]) -> dict[str, Aspects]:
        """What the catalog says of some entities.

        Args:
            urns: the entities.

        Returns:
            urn -> aspect name -> JSON, of those that exist.

        Raises:
            TargetError: the catalog cannot be reached.
        """

    def write(self, changes: list[Change]) -> Iterator[Change]:
        """Write changes.

        Args:
            changes: in the order to write them.

        Yields:
            Each change once it is known to be written.

        Raises:
            WriteError: a change was refused, or the catalog could not be reached.
            TargetError: it cannot be opened or reached.
        """

    def knows(self, urn: str, aspect: str) -> bool:
        """Whether the catalog has such an entity type and aspect; an older server may not.

        Args:
            urn: an entity of the type.
            aspect: name of the aspect.

        Returns:
            False only where it is known to have none.
        """

    def finish(self, keep: bool) -> None:
        """End the apply.

        Args:
            keep: whether a local catalog keeps what was written; a server has it already.

        Raises:
            WriteError: a local catalog could not be written.
        """


def open_writer(target: Target, read_only: bool = False) -> Writer:
    """Open a catalog to compare with, and to write to.

    Args:
        target: the catalog.
        read_only: only compare; a local catalog that is not there yet counts as empty.

    Returns:
        The writer; ``finish`` ends its work.

    Raises:
        TargetError: it cannot be opened or reached.
    """
    if target.kind == "server":
        return ServerWriter(target)
    return StoreWriter(open_store(target, read_only) if target.path.exists() or not read_only else None)


def _proposal(change: Change) -> MetadataChangeProposalWrapper:
    aspect = ASPECT_MAP[change.aspect].from_obj(post_json_transform(change.after))
    return MetadataChangeProposalWrapper(entityUrn=change.urn, aspect=aspect)


def _server_proposal(change: Change) -> MetadataChangeProposalWrapper | MetadataChangeProposalClass:
    """A list is patched with our entries alone, everything else is upserted."""
    if not is_patched(change.aspect) or change.after is None:
        return _proposal(change)
    row = LISTS[change.aspect]
    entries = [entry for entry in change.after[row.field] if row.is_ours(entry)]
    return replace_ours(change.urn, change.aspect, entries)


def _requests(changes: list[Change]) -> Iterable[list[Change]]:
    """Changes the client sends in one request, so that a failed request is repeated alone."""
    groups: dict[tuple[str, bool], list[Change]] = {}
    for change in changes:
        if change.after is not None:
            groups.setdefault((change.urn.split(":", 3)[2], is_patched(change.aspect)), []).append(change)
    return groups.values()


class StoreWriter:
    """A local catalog: all of an apply is kept, or nothing of it.

    Args:
        store: the open catalog; None for one that is not there yet and is only compared with.
    """

    def __init__(self, store: Store | None):
        self._store = store

    def begin(self) -> None:
        """See Writer."""
        if self._store is not None:
            self._store.begin()

    def current(self, urns: Collection[str]) -> dict[str, Aspects]:
        """See Writer."""
        if self._store is None:
            return {}
        wanted = set(urns)
        if len(wanted) < 10:
            found = ((urn, self._store.get(urn)) for urn in wanted)
            return {urn: aspects for urn, aspects in found if aspects}
        return {urn: aspects for urn, aspects in self._store.entities() if urn in wanted}

    def write(self, changes: list[Change]) -> Iterator[Change]:
        """See Writer."""
        assert self._store is not None
        for change in changes:
            try:
                if change.after is None:
                    self._store.delete(change.urn, change.aspect)
                else:
                    self._store.put(_proposal(change), merging=False)
            except Exception as error:  # SQLite's and the file system's alike
                raise WriteError(f"{change.urn} {change.aspect}: {first_line(error)}") from error
            yield change

    def knows(self, urn: str, aspect: str) -> bool:
        """See Writer."""
        return True

    def finish(self, keep: bool) -> None:
        """See Writer."""
        if self._store is None:
            return
        try:
            if keep:
                self._store.index()
                self._store.commit()
        except Exception as error:  # a full disk shows only now
            raise WriteError(f"the catalog could not be written: {first_line(error)}") from error
        finally:
            with suppress(Exception):  # what is kept is kept, and what is not is forgotten
                self._store.close(at_once=True)


class ServerWriter:
    """A DataHub server. Lists people also write to are patched, everything else is upserted.

    Args:
        target: the server; it is asked at once what it knows.

    Raises:
        TargetError: it cannot be reached, or refuses the token.
    """

    def __init__(self, target: Target):
        self._target = target
        options: dict[str, Any] = {
            "timeout_sec": 30,
            "retry_max_times": 1,  # we retry ourselves: the client does not retry a dropped write
            "openapi_ingestion": True,  # Rest.li garbles urns with Chinese characters
            "default_emit_mode": EmitMode.SYNC_PRIMARY,  # an answer means that it is stored
        }
        self._graph: DataHubGraph = self._attempt(partial(connect, target, **options), FIRST_ATTEMPTS)
        self._specs = self._attempt(self._read_specs)

    def begin(self) -> None:
        """See Writer: a server cannot; what two writers both declare they write alike."""

    def _read_specs(self) -> EntityAspectSpecs | None:
        """What the server knows; None when it is too old to say."""
        specs = self._graph.get_entity_aspect_specs()
        if specs is None:  # the client swallows the error: ask again for the reason
            answer = self._graph._session.get(f"{self._target.address}{_SPECIFICATIONS}", params={"count": 1})
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            raise ConnectionError("the server does not say which entities and aspects it knows")
        return specs

    def _attempt(self, call: Callable[[], Result], attempts: int = ATTEMPTS) -> Result:
        """Call, again after a pause where that may help. Every request of ours may be repeated without harm."""
        refused = 0
        for attempt in range(attempts):
            try:
                return call()
            except Exception as error:  # requests', urllib3's and the client's own
                status = status_of(error)
                refused += status == 401
                lasting = status is not None and status < 500 and status not in (401, 408, 429)
                if lasting or refused == TOKEN_ATTEMPTS or attempt == attempts - 1:
                    raise unreached(self._target, error) from error
                time.sleep(min(PAUSE * 2**attempt, 10))
        raise AssertionError("unreachable")

    def current(self, urns: Collection[str]) -> dict[str, Aspects]:
        """See Writer."""
        by_type: dict[str, list[str]] = {}
        for urn in urns:
            by_type.setdefault(urn.split(":", 3)[2], []).append(urn)
        found: dict[str, Aspects] = {}
        for type_, several in by_type.items():
            for start in range(0, len(several), BATCH):
                chunk = several[start : start + BATCH]
                answer = self._attempt(partial(self._graph.get_entities, type_, chunk))
                for urn, aspects in answer.items():
                    named = {name: aspect_json(value) for name, (value, _) in aspects.items()}
                    if named:
                        found[urn] = named
        return found

    def write(self, changes: list[Change]) -> Iterator[Change]:
        """See Writer. What the server refuses is left out, and named when the rest is written."""
        refused: list[str] = []
        for start in range(0, len(changes), BATCH):
            chunk = changes[start : start + BATCH]
            # deletions first: the manifest, which comes last, must not forget what could not be deleted
            for change in chunk:
                if change.after is None:
                    self._delete(change)
                    yield change
            for group in _requests(chunk):
                try:
                    self._emit(group)
                except TargetError as error:
                    # one proposal the server refuses takes its whole request with it: find out which
                    yield from self._write_one_by_one(group, error, refused)
                else:
                    yield from group
        if refused:
            raise WriteError("the server refused:\n" + "\n".join(refused), refused=True)

    def _emit(self, changes: list[Change]) -> None:
        proposals = [_server_proposal(change) for change in changes]
        self._attempt(lambda: self._graph.emit_mcps(proposals))

    def _write_one_by_one(self, changes: list[Change], error: TargetError, refused: list[str]) -> Iterator[Change]:
        if error.status not in (400, 422):
            raise WriteError(str(error)) from error
        for change in changes:
            try:
                self._emit([change])
            except TargetError as reason:
                if reason.status not in (400, 422):
                    raise WriteError(str(reason)) from reason
                # the client's own words: the server was reached, so what ``explain`` says does not fit
                refused.append(f"{change.urn} {change.aspect}: {first_line(reason.__cause__ or reason)}")
            else:
                yield change

    def _delete(self, change: Change) -> None:
        """Entities that cannot be soft-deleted are deleted; a single aspect goes by its own address.

        The client's own way to delete one aspect over OpenAPI deletes the whole entity.
        """
        type_ = change.urn.split(":", 3)[2]
        try:
            if change.removes:
                self._attempt(lambda: self._graph.hard_delete_entity(change.urn))
            else:
                entity = f"{type_.lower()}/{quote(change.urn, safe='')}"
                url = f"{self._target.address}/openapi/v3/entity/{entity}/{change.aspect}"
                self._attempt(lambda: self._graph._session.delete(url).raise_for_status())
        except TargetError as error:
            raise WriteError(f"{change.urn} {change.aspect}: {error}") from error

    def knows(self, urn: str, aspect: str) -> bool:
        """See Writer. Of a server too old to say, everything is expected; it refuses by name what it does not know."""
        return self._specs is None or aspect in self._specs.entity_aspects.get(urn.split(":", 3)[2], ())

    def finish(self, keep: bool) -> None:
        """See Writer."""
        self._graph.close()
