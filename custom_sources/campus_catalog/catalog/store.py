"""A local catalog: what DataHub Lite and a metadata file have in common."""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datahub.emitter.aspect import ASPECT_MAP
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import post_json_transform, pre_json_transform

from campus_catalog.aspects.lists import LISTS
from campus_catalog.aspects.merge import merge
from campus_catalog.catalog.target import TargetError

#: aspect name -> the aspect as JSON
Aspects = dict[str, Any]

#: seconds a busy catalog is waited for
PATIENCE = 60
_AUDIT_KEYS = {"time", "actor", "impersonator", "message"}


class Store(ABC):
    """A local catalog. Only ``commit`` keeps what was put; every other way out forgets it.

    Attributes:
        changed: aspects that differ from what was there, since the store was opened.
        unchanged: aspects that were put but were there already.
    """

    def __init__(self) -> None:
        self.changed = 0
        self.unchanged = 0

    @abstractmethod
    def get(self, urn: str) -> Aspects | None:
        """The aspects of an entity.

        Args:
            urn: the entity.

        Returns:
            Aspect name -> JSON, or None when there is no such entity.
        """

    @abstractmethod
    def entities(self) -> Iterator[tuple[str, Aspects]]:
        """Every entity, in no particular order.

        Yields:
            urn and aspects of each.
        """

    @abstractmethod
    def put(self, proposal: MetadataChangeProposalWrapper, merging: bool = True) -> bool:
        """Write one aspect.

        Args:
            proposal: an upsert.
            merging: keep what people and other sources added to lists (see ``aspects.merge``).

        Returns:
            Whether that changed anything.
        """

    @abstractmethod
    def delete(self, urn: str, aspect: str) -> None:
        """Delete one aspect; an entity without aspects is gone.

        Args:
            urn: the entity.
            aspect: name of the aspect.
        """

    def begin(self) -> None:  # noqa: B027  (a store may have nothing to do here)
        """Keep other writers out until the next commit or rollback.

        Raises:
            TargetError: another one is at work, or the catalog cannot be written.
        """

    def index(self) -> None:  # noqa: B027
        """Bring what is derived from the aspects up to date, within the same transaction."""

    @abstractmethod
    def commit(self) -> None:
        """Keep what was put.

        Raises:
            Exception: it could not be kept (a full disk, say); the catalog is as it was once ``rollback`` is called.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Forget what was put since the last commit."""

    @abstractmethod
    def close(self, at_once: bool = False) -> None:
        """Release the store; what was put since the last commit is forgotten.

        Args:
            at_once: leave what is derived from the aspects to the next one to write.
        """


def is_there(path: Path) -> bool:
    """Whether there is a catalog's file; what cannot be looked at does not count as not being there.

    Args:
        path: of a local catalog.

    Returns:
        False where there is nothing.

    Raises:
        TargetError: it cannot be looked at, or is no regular file.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:  # not to be looked into, links in a circle, a name too long
        raise TargetError(f"{path} cannot be looked at: {_why(error)}", retry=False) from error
    if not stat.S_ISREG(mode):
        raise TargetError(f"{path} is no file; name a file with the target", retry=False)
    return True


def make_folder(path: Path) -> None:
    """Make the folder of a catalog that is to be written.

    Args:
        path: of the catalog.

    Raises:
        TargetError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetError(f"{path} cannot be written: {_why(error)}") from error


def damaged(path: Path, what: str) -> TargetError:
    """What to say of a catalog that holds what nobody wrote there.

    Args:
        path: of the catalog.
        what: what is wrong, and where in it.

    Returns:
        The error to raise.
    """
    advice = "put back a copy of it, or move it away and run 'campus-catalog ingest' and 'apply' again"
    return TargetError(f"{path} is damaged: {what}; {advice}", retry=False)


def check_row(path: Path, urn: Any, aspect: Any, value: Any) -> None:
    """Refuse an aspect nobody can have written: whoever reads the catalog relies on this much.

    Args:
        path: of the catalog.
        urn: the entity.
        aspect: name of the aspect.
        value: the aspect as JSON.

    Raises:
        TargetError: it is none.
    """
    if not isinstance(urn, str) or not urn.startswith("urn:li:") or urn.count(":") < 3:
        raise damaged(path, f"an entity in it is called {urn!r}, which is no urn")
    if not isinstance(aspect, str) or not isinstance(value, dict):
        raise damaged(path, f"what {urn} has as {aspect!r} is no aspect")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def merged(proposal: MetadataChangeProposalWrapper, before: Any) -> tuple[MetadataChangeProposalWrapper, Any]:
    """A proposal and its JSON, with the entries others added to the list it replaces.

    Args:
        proposal: an upsert.
        before: the aspect that is stored, as JSON, or None.

    Returns:
        The proposal to write in its place, and the JSON of its aspect.
    """
    value = pre_json_transform(proposal.aspect.to_obj())  # type: ignore[union-attr]
    name = str(proposal.aspectName)
    row = LISTS.get(name)
    if before is None or row is None or row.ours == "declared":  # whose those entries are, only a plan knows
        return proposal, value
    stated, said = value, value[row.field]
    if not any(map(row.is_ours, said)):
        # another source speaks: it takes nothing of ours away
        stated = {**value, row.field: [*said, *filter(row.is_ours, before.get(row.field, []))]}
    result = merge(name, before, stated)
    if result == value:
        return proposal, value
    aspect = ASPECT_MAP[name].from_obj(post_json_transform(result))
    return MetadataChangeProposalWrapper(entityUrn=proposal.entityUrn, aspect=aspect), result


def same(one: Any, other: Any) -> bool:
    """Whether two aspects say the same, apart from the clock in their audit stamps.

    DataHub's SQL sources stamp lineage and queries with the time of the run; without this every run would be a change.

    Args:
        one: an aspect as JSON.
        other: the same aspect of another time.

    Returns:
        Whether writing one over the other would change nothing.
    """
    return bool(one == other or _without_times(one) == _without_times(other))


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        if "actor" in value and "time" in value and value.keys() <= _AUDIT_KEYS:
            return {key: part for key, part in value.items() if key != "time"}
        return {key: _without_times(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_times(part) for part in value]
    return value
