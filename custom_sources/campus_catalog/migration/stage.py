"""A copy of the content on which a step works; the content itself is written only once every step has succeeded."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_catalog.content.layout import content_files
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError, Problem, relative
from campus_catalog.content.yamlfile import load

#: what is said of a file whose new text would not say what it should
NOT_REWRITABLE = "这个文件的写法无法自动改写：请先改成分行写法，不用花括号包住整份文件，不用 & 和 * 引用"


@dataclass(frozen=True)
class FileChange:
    """One file changed.

    Attributes:
        path: relative to the home.
        before: its text; None when the file is new.
    """

    path: Path
    before: str | None
    after: str


class Stage:
    """What one step sees and does.

    Args:
        home: the copy of the content to work on.

    Attributes:
        problems: why the step cannot be done; with any, nothing is written.
        notes: what the reader of the result should know.
        changes: what the step changed, in the order in which it is to be written: a step that is interrupted between
            two of them and run again must come to the same end.
    """

    def __init__(self, home: Path):
        self.home = home
        self.problems = Problems(home)
        self.notes: list[str] = []
        self.changes: list[FileChange] = []

    def text(self, path: Path) -> str:
        """A file as it is written, line ends and byte order mark included.

        Args:
            path: a file of the copy.

        Returns:
            Its text.
        """
        return path.read_bytes().decode("utf-8")

    def write(self, path: Path, text: str, means: Any) -> None:
        """Change a file.

        Args:
            path: a file of the copy; it need not exist yet.
            text: its new text.
            means: what the file then says; a text that says anything else is a fault of the step's editing.
        """
        before = self.text(path) if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        self.changes.append(FileChange(path.relative_to(self.home), before, text))
        try:
            sound = load(path, self.home) == means
        except ContentError:
            sound = False
        if not sound:
            self.problems.found.append(Problem(relative(path, self.home), 0, "invalid", NOT_REWRITABLE))


def copy_content(home: Path, to: Path) -> None:
    """Copy every YAML file of the content.

    Args:
        home: content folder.
        to: empty folder.

    Raises:
        ContentError: with every fault for which a file cannot be read; or a folder cannot be looked into.
    """
    problems = Problems(home)
    for path in content_files(home):
        try:
            load(path, home)
        except ContentError as error:
            problems.extend(error)
            continue
        copy = to / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    problems.raise_any()
