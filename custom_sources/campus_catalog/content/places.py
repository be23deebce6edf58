"""Where something stands in a content file, and the faults found there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_catalog.content.problems import ContentError, Problem, relative
from campus_catalog.content.yamlfile import Lines


class Problems:
    """Collects faults while content is read; knows the line of everything.

    Args:
        home: content folder; messages name files relative to it.
    """

    def __init__(self, home: Path):
        self.home = home
        self.found: list[Problem] = []
        self._lines: dict[Path, Lines] = {}

    def add(self, path: Path, location: Sequence[Any], code: str, message: str) -> None:
        """Record a fault.

        Args:
            path: the file at fault.
            location: keys and indexes that lead to the place in it; empty for the whole file.
            code: stable identifier, explained in ``docs/problems.md``.
            message: what is wrong and what to do, in the school's language.
        """
        if path not in self._lines:
            self._lines[path] = Lines(path, self.home)
        self.found.append(Problem(relative(path, self.home), self._lines[path].of(location), code, message))

    def extend(self, error: ContentError) -> None:
        """Take over the faults of another reader.

        Args:
            error: what the other reader raised.
        """
        self.found.extend(error.problems)

    def raise_any(self) -> None:
        """Stop here if anything is wrong.

        Raises:
            ContentError: with everything found so far.
        """
        if self.found:
            raise ContentError(self.found)


@dataclass(frozen=True)
class Place:
    """Where something stands in a content file.

    Attributes:
        location: keys and indexes that lead to it.
    """

    path: Path
    location: tuple[Any, ...]

    def at(self, *keys: Any) -> Place:
        """The place of something inside.

        Args:
            keys: keys and indexes that lead on from here.

        Returns:
            Its place, in the same file.
        """
        return Place(self.path, (*self.location, *keys))
