"""The content as it was at a Git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campus_catalog.content.layout import SCHOOL, TOPS
from campus_catalog.errors import USAGE, CampusError
from campus_catalog.migration.run import plan_migration, write
from campus_catalog.temporary import temporary_folder


class RevisionError(CampusError):
    """The revision cannot be read; the message says why."""

    exit_code = USAGE


@contextmanager
def exported(home: Path, revision: str) -> Iterator[Path]:
    """The content as it was at a Git revision, migrated to the current version.

    Args:
        home: content folder, in a Git repository.
        revision: a commit, branch or tag, as Git takes it.

    Yields:
        A temporary folder with that content; it goes when the block ends.

    Raises:
        RevisionError: no Git, no repository, or no such revision.
        ContentError: the content of that time cannot be migrated.
    """
    if revision.startswith("-"):
        raise RevisionError(f"'{revision}' is no Git revision")
    present = _git(home, "ls-tree", "--name-only", revision, *TOPS).decode().split()
    if not present:
        raise RevisionError(f"revision '{revision}' holds no content ({', '.join(TOPS)})")
    archive = _git(home, "archive", "--format=tar", revision, *present)
    with temporary_folder() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            if hasattr(tarfile, "data_filter"):  # not in every Python 3.10 and 3.11, Debian 12's among them
                tar.extractall(folder, filter="data")
            else:
                tar.extractall(folder)
        if (folder / SCHOOL.path).exists():
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
