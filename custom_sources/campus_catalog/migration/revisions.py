"""The content as it was at a Git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campus_catalog.migration.run import plan_migration, write
from campus_catalog.regulation.version import SCHOOL
from campus_catalog.temporary import temporary_folder

_CONTENT = ("glossary", "policies", "ingestion_recipes")


class RevisionError(Exception):
    """The revision cannot be read; the message says why."""


@contextmanager
def exported(home: Path, revision: str) -> Iterator[Path]:
    """A temporary folder with the content of ``home`` as it was at ``revision``, migrated to the current version.

    Raises:
        RevisionError: no Git, no repository, or no such revision.
        ContentError: the content of that time cannot be migrated.
    """
    if revision.startswith("-"):
        raise RevisionError(f"'{revision}' is no Git revision")
    present = _git(home, "ls-tree", "--name-only", revision, *_CONTENT).decode().split()
    if not present:
        raise RevisionError(f"revision '{revision}' holds no content ({', '.join(_CONTENT)})")
    archive = _git(home, "archive", "--format=tar", revision, *present)
    with temporary_folder() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            if hasattr(tarfile, "data_filter"):  # not in every Python 3.10 and 3.11, Debian 12's among them
                tar.extractall(folder, filter="data")
            else:
                tar.extractall(folder)
        if (folder / SCHOOL).exists():
            write(folder, plan_migration(folder))
        yield folder


def _git(home: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(home), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise RevisionError("git is not installed") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise RevisionError(f"revision cannot be read: {lines[0]}")
    return done.stdout
