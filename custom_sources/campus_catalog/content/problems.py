"""What is wrong with content, said to the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
        return f"{place}: [{self.code}] {self.message}"


class ContentError(CampusError):
    """The content is at fault; carries every problem found, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def shown(self) -> str:
        """See CampusError."""
        return "\n".join([*map(str, self.problems), f"{len(self.problems)} problem(s)"])


def relative(path: Path, home: Path) -> str:
    """``path`` as it is shown to people: relative to the home when it lies below it."""
    try:
        return path.resolve().relative_to(home.resolve()).as_posix()
    except ValueError:
        return str(path)


def nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str | None:
    """The known word most like ``word``, or None when none is near.

    Args:
        word: what was written.
        known: what could have been meant.
        likeness: how like it must be, from 0 to 1 (``difflib``'s ratio).
    """
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a hint that ends a message, in the school's language; empty when none is near."""
    near = nearest(word, known)
    return f"，是否应为「{near}」？" if near else ""
