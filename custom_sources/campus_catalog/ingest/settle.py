"""Bringing what a recipe said into a local catalog: all of it or nothing, and nothing that was not settled."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import StatusClass

from campus_catalog.catalog.store import Store
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.errors import first_line

logger = logging.getLogger(__name__)


def settle(store: Store, target: Target, said: Iterable[MetadataChangeProposalWrapper], refused: Iterable[str]) -> int:
    """Write what a recipe said, in one transaction.

    Args:
        store: the open catalog.
        target: which one it is.
        said: in the order it was said.
        refused: urns of what is refused now, and taken out where earlier runs wrote it.

    Returns:
        How many aspects changed.

    Raises:
        TargetError: the catalog could not be written; it is as it was before.
        Exception: so is it where a record is at fault.
    """
    before = store.changed
    try:
        store.begin()
        for proposal in said:
            _put(store, proposal)
        _withdraw(store, refused)
        store.commit()
    except (sqlite3.Error, OSError) as error:
        _forget(store)
        raise TargetError(f"{target} could not be written: {first_line(error)}") from error
    except BaseException:
        _forget(store)
        raise
    return store.changed - before


def bring_index(store: Store) -> str:
    """Bring what is derived from the aspects up to date, once all recipes have been settled.

    Args:
        store: the open catalog.

    Returns:
        Why that was not possible, or nothing; the aspects are kept in any case.
    """
    try:
        store.index()
        store.commit()
    except Exception as error:
        logger.debug("", exc_info=True)
        _forget(store)
        return f"everything is kept, but the browse index of 'datahub lite' is behind until the next run: {error}"
    return ""


def _forget(store: Store) -> None:
    """Forget what was not settled, whatever state the catalog is in."""
    with contextlib.suppress(Exception):  # what is not committed is forgotten at the latest when the process ends
        store.rollback()


def _put(store: Store, proposal: MetadataChangeProposalWrapper) -> None:
    """Put one aspect; that an entity is gone says nothing where it never was."""
    assert proposal.entityUrn
    gone = isinstance(proposal.aspect, StatusClass) and proposal.aspect.removed
    if gone and store.get(proposal.entityUrn) is None:
        return
    try:
        store.put(proposal)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        raise RuntimeError(f"{proposal.entityUrn} {proposal.aspectName}: {first_line(error)}") from error


def _withdraw(store: Store, refused: Iterable[str]) -> None:
    """Take out what earlier runs wrote of what is refused now; that it is gone stays."""
    for urn in refused:
        for aspect in set(store.get(urn) or ()) - {StatusClass.ASPECT_NAME}:
            store.put(MetadataChangeProposalWrapper(entityUrn=urn, aspect=StatusClass(removed=True)))
            store.delete(urn, aspect)
