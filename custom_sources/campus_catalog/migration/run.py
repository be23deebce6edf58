"""Planning a migration and writing it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from campus_catalog.content import edit
from campus_catalog.content.layout import SCHOOL, require_content
from campus_catalog.content.places import Problems
from campus_catalog.content.read import read
from campus_catalog.content.write import write_whole
from campus_catalog.content.yamlfile import load
from campus_catalog.errors import CampusError
from campus_catalog.migration import v2
from campus_catalog.migration.deployments import move_deployments
from campus_catalog.migration.stage import FileChange, Stage, copy_content
from campus_catalog.regulation.version import CONTENT_VERSION, KEY, check_version, content_version
from campus_catalog.temporary import temporary_folder

#: a login in a URL, with its password or token, in a line that is printed
_LOGIN = re.compile(r"(?<=://)[^\s/]+(?=@)")


@dataclass(frozen=True)
class Step:
    """Brings content of one version to the next.

    Attributes:
        does: what it does, in one line.
        again: it also runs over content that is past it, for what was written in the old form since.
    """

    from_version: int
    does: str
    change: Callable[[Stage], None]
    again: bool = False


STEPS = (
    Step(
        1,
        f"the schedule moves from the recipes' deployment: blocks to {v2.SCHEDULE.place}",
        move_deployments,
        again=True,
    ),
)


@dataclass(frozen=True)
class Part:
    """What one step does to this content: its changes in the order of writing, and what to know about them."""

    step: Step
    changes: list[FileChange]
    notes: list[str]


def _whole(value: Any) -> Any:
    if type(value) is not int:
        raise ValueError("应为整数，不加引号和小数点")
    return value


class _Stated(BaseModel):
    """What school.yml says in every version."""

    content_version: Annotated[int, BeforeValidator(_whole), Field(ge=1)]


class MigrationError(CampusError):
    """A file could not be written; the message says what was written before it."""


def plan_migration(home: Path) -> list[Part]:
    """Compute what brings the content to the current version; nothing is written.

    Args:
        home: content folder.

    Returns:
        The steps that change anything; none when there is nothing to do.

    Raises:
        ContentError: the content is newer, cannot be read, or cannot be migrated; with every fault.
    """
    require_content(home)
    problems = Problems(home)
    version = content_version(home)
    if version is None:
        read(home / SCHOOL.path, _Stated, problems)
        problems.raise_any()
    assert version is not None
    if version > CONTENT_VERSION:
        check_version(home)
    parts = []
    with temporary_folder() as folder:
        copy = folder.resolve()
        copy_content(home, copy)
        for step in STEPS:
            if step.from_version < version and not step.again:
                continue
            stage = Stage(copy)
            step.change(stage)
            if step.from_version >= version:
                _state_version(stage, step.from_version + 1)
            stage.problems.raise_any()
            if stage.changes:
                parts.append(Part(step, stage.changes, [_hidden(note) for note in stage.notes]))
    return parts


def _state_version(stage: Stage, version: int) -> None:
    """Last of a step, so that content of which only a part was written still counts as the older version."""
    path = stage.home / SCHOOL.path
    means = {**load(path, stage.home), KEY: version}
    stage.write(path, edit.with_value(stage.text(path), KEY, str(version)), means)


def difference(change: FileChange) -> Iterator[str]:
    """What a change does to a file's text.

    Args:
        change: one changed file.

    Yields:
        The changed lines with + and -, without those around them; a login in a URL is left out.
    """
    old = "/dev/null" if change.before is None else change.path.as_posix()
    before, after = (change.before or "").splitlines(), change.after.splitlines()
    for line in difflib.unified_diff(before, after, old, change.path.as_posix(), n=0, lineterm=""):
        yield _hidden(line)


def _hidden(line: str) -> str:
    return _LOGIN.sub("******", line)


def write(home: Path, parts: list[Part]) -> list[Path]:
    """Write the changes, each file replaced whole.

    Args:
        home: content folder.
        parts: what ``plan_migration`` found.

    Returns:
        The files written.

    Raises:
        MigrationError: at the first file that cannot be written. Planning and writing again completes the migration.
    """
    written: list[Path] = []
    for change in (change for part in parts for change in part.changes):
        try:
            write_whole(home / change.path, change.after)
        except OSError as error:
            done = ", ".join(path.as_posix() for path in dict.fromkeys(written)) or "nothing"
            raise MigrationError(
                f"{change.path.as_posix()} cannot be written: {error.strerror}. Written before it: {done}; all else is "
                "as it was. Running the migration again completes it."
            ) from error
        written.append(change.path)
    return list(dict.fromkeys(written))
