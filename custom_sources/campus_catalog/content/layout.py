"""Where content lies: the one table of its places, and finding its files.

No other module says the path of a content file. The folders at the top are walked whole, so that a folder nobody has
listed here is packed, migrated and watched all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from campus_catalog.content.problems import ContentError, Problem, did_you_mean, unreadable


@dataclass(frozen=True)
class Kind:
    """A kind of content and where it lies.

    Attributes:
        place: its file below the home, or the folder of its files.
        what: what it is, in one line.
        suffixes: how the folder's files end; none where the place is one file. Folders in it are of another kind.
        required: content without it has a fault.
    """

    place: str
    what: str
    suffixes: tuple[str, ...] = ()
    required: bool = False

    @cached_property
    def path(self) -> Path:
        """The place, to be joined to a home."""
        return Path(self.place)

    @cached_property
    def folder(self) -> Path:
        """The folder its files lie in."""
        return self.path if self.suffixes else self.path.parent

    @property
    def top(self) -> str:
        """The folder of the home it lies in."""
        return self.path.parts[0]

    @property
    def pattern(self) -> str:
        """The place as people write it, e.g. ``policies/access/*.yml``."""
        return ", ".join(f"{self.place}/*{suffix}" for suffix in self.suffixes) or self.place

    def holds(self, path: Path) -> bool:
        """Whether a file is one of this kind.

        Args:
            path: below the home.

        Returns:
            Whether it is, by where it lies and what it is called.
        """
        return path.parent == self.folder and self._fits(path.name)

    def _fits(self, name: str) -> bool:
        if not self.suffixes:
            return name == self.path.name
        return name.endswith(self.suffixes) and not _hidden(name)

    def files(self, home: Path) -> list[Path]:
        """Its files in a home.

        Args:
            home: content folder.

        Returns:
            Their paths, sorted; none where their folder is not there.

        Raises:
            ContentError: the folder cannot be looked into.
        """
        folder = home / self.folder
        try:
            return sorted(folder / entry.name for entry in _listed(folder) if self._fits(entry.name))
        except OSError as error:
            raise ContentError([unreadable(error, home)]) from error


_YAML = (".yml",)

KINDS = (
    SCHOOL := Kind("glossary/school.yml", "The school and the words that betray classified material.", required=True),
    REGULATION := Kind("glossary/regulation.yml", "The text of every article.", required=True),
    DOMAINS := Kind("glossary/domains.yml", "The subsets of data (Art. 7), which are DataHub domains.", required=True),
    ORGANIZATION := Kind("glossary/organization.yml", "The units and groups.", required=True),
    PEOPLE := Kind("glossary/people.yml", "The posts; never names of people.", required=True),
    OWNERSHIP_TYPES := Kind("glossary/ownership_types.yml", "The ownership types and their roles.", required=True),
    SHARING := Kind("glossary/sharing.yml", "The sharing classes and what each requires.", required=True),
    TAGS := Kind("glossary/tags.yml", "The tags.", required=True),
    PROPERTIES := Kind("glossary/properties.yml", "The structured properties, as DataHub's own file.", required=True),
    PERSONAL := Kind("glossary/personal.yml", "How columns with personal information are recognised."),
    PLATFORMS := Kind("glossary/platforms.yml", "Platforms DataHub does not know."),
    TERMS := Kind("glossary/terms", "The glossary terms, as DataHub's business-glossary files.", _YAML),
    POLICIES := Kind("policies/access", "Who may do what, and which of DataHub's policies are off.", _YAML),
    INVARIANTS := Kind("policies/invariants.yml", "The rules of access that hold whatever the policies are."),
    RECIPES := Kind("ingestion_recipes", "The recipes, as DataHub runs them.", _YAML),
    SYSTEMS := Kind(
        "ingestion_recipes/systems", "One information system and its datasets (the register).", suffixes=_YAML
    ),
    SCHEDULE := Kind("ingestion_recipes/schedule/schedule.yml", "What runs when."),
)

#: the folders of a home that hold content; nothing beside them is content
TOPS = tuple(dict.fromkeys(kind.top for kind in KINDS))
#: a folder that has this one is a home
MARK = SCHOOL.top
#: notes for people, and what Windows leaves behind
_NO_CONTENT = (".md", "desktop.ini", "thumbs.db")
_SUFFIXES = {kind.path.suffix for kind in KINDS if not kind.suffixes}.union(*(kind.suffixes for kind in KINDS))


def kind_of(path: Path) -> Kind | None:
    """What a file of the content is.

    Args:
        path: below the home.

    Returns:
        The kind of content it is; None: nothing reads it.
    """
    return next((kind for kind in KINDS if kind.holds(path)), None)


def content_files(home: Path) -> list[Path]:
    """Every file of the content, in listed folders or others; hidden files and folders are none.

    Args:
        home: content folder.

    Returns:
        Their paths, sorted.

    Raises:
        ContentError: a folder cannot be looked into.
    """
    return [path for path in _all_files(home) if path.suffix in _SUFFIXES]


def require_content(home: Path) -> None:
    """Say of a folder without content that it has none, once.

    Args:
        home: what is said to be a content folder.

    Raises:
        ContentError: it has no ``glossary/``.
    """
    if not (home / MARK).is_dir():
        message = f"没有 {MARK}/，这里不是内容所在的文件夹；请到那个文件夹里运行，或用 --home 指定它"
        raise ContentError([Problem(MARK, 0, "no-content", message)])


def unread_files(home: Path) -> dict[Path, Problem]:
    """The files among the content that nobody reads; notes (``.md``) and hidden files are none.

    Args:
        home: content folder.

    Returns:
        Each with what is to be done about it.

    Raises:
        ContentError: a folder cannot be looked into.
    """
    found = {}
    for path in _all_files(home):
        below = path.relative_to(home)
        if kind_of(below) is None and not path.name.lower().endswith(_NO_CONTENT):
            message = f"没有程序读取这个文件{_meant(below)}"
            found[path] = Problem(below.as_posix(), 0, "unread-file", message)
    return found


def _meant(path: Path) -> str:
    """What a file below the home should be called, or where to look that up."""
    named = path.with_suffix(".yml")
    if path.suffix.lower() in (".yml", ".yaml") and kind_of(named):
        return f"，请改名为「{named.name}」"
    names = [kind.path.name for kind in KINDS if not kind.suffixes and kind.folder == path.parent]
    return did_you_mean(path.name, names) or "；内容文件的位置和名称见 docs/formats.md，不是内容的请移到别处"


def _all_files(home: Path) -> list[Path]:
    try:
        return sorted(path for top in TOPS for path in _below(home / top, ()))
    except OSError as error:
        raise ContentError([unreadable(error, home)]) from error


def _below(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """The files in a folder and in those below it, links followed but for those that lead back up."""
    real = Path(os.path.realpath(folder))
    if any(one.is_relative_to(real) for one in above):
        return
    for entry in _listed(folder):
        if entry.is_dir():
            yield from _below(folder / entry.name, (*above, real))
        elif entry.is_file():
            yield folder / entry.name


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not _hidden(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _hidden(name: str) -> bool:
    return name.startswith(".")
