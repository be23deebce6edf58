"""What is wrong with content, said to the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from campus_catalog.content.printable import printable
from campus_catalog.errors import CampusError


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one place.

    Args:
        file: path of the content file, relative to the home where possible.
        line: line number, counted from 1; 0 when the whole file is meant.
        code: short stable identifier, e.g. ``unknown-unit``; documented in ``docs/problems.md``.
        message: what is wrong and what to do, in Chinese: stewards read it.
    """

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return printable(f"{place}: [{self.code}] {self.message}")


class ContentError(CampusError):
    """The content is at fault; carries every problem found, sorted by file and line.

    Args:
        problems: at least one; what is in it twice is said once.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def shown(self) -> str:
        """See CampusError."""
        return "\n".join([*map(str, self.problems), f"{len(self.problems)} problem(s)"])


def relative(path: Path, home: Path) -> str:
    """A path as it is shown to people.

    Args:
        path: any path.
        home: content folder.

    Returns:
        The path relative to the home when it lies below it, otherwise as it is.
    """
    try:
        return path.resolve().relative_to(home.resolve()).as_posix()
    except ValueError:
        return str(path)


def unreadable(error: OSError, home: Path) -> Problem:
    """The fault of a file or folder that cannot be looked at.

    Args:
        error: what the operating system says.
        home: content folder.

    Returns:
        The fault, at the file the error names, or else at the home.
    """
    path = Path(error.filename or home)
    return Problem(relative(path, home), 0, "unreadable", f"文件无法读取：{error.strerror or error}")


def nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str | None:
    """The known word most like a written one.

    Args:
        word: what was written.
        known: what could have been meant.
        likeness: how like it must be, from 0 to 1 (``difflib``'s ratio).

    Returns:
        The word, or None when none is near enough.
    """
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that ends a message, in the school's language.

    Args:
        word: what was written.
        known: what could have been meant.

    Returns:
        The hint with the nearest known word; empty when none is near.
    """
    near = nearest(word, known)
    return f"，是否应为「{near}」？" if near else ""
