"""Opens the store behind a target."""

from __future__ import annotations

from campus_catalog.catalog.store import Store
from campus_catalog.catalog.target import Target


def open_store(target: Target, read_only: bool = False) -> Store:
    """Open a local catalog.

    Args:
        target: a ``lite`` or ``file`` target.
        read_only: do not make it where there is none, and take no write lock.

    Returns:
        The store; close it when done.

    Raises:
        TargetError: it cannot be opened.
    """
    if target.kind == "lite":
        from campus_catalog.catalog.lite import LiteStore

        return LiteStore(target.path, read_only)
    from campus_catalog.catalog.metadata_file import FileStore

    return FileStore(target.path, read_only)
