"""Which version of the content formats a content folder is written in.

It is looked at before anything else: content of another version is called that, once, instead of by the faults that
follow from it.
"""

from __future__ import annotations

from pathlib import Path

from campus_catalog.content import layout
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError
from campus_catalog.content.yamlfile import load

#: the one version of the content formats this package reads; ``campus-catalog migrate`` brings older content to it
CONTENT_VERSION = 2
SCHOOL = layout.SCHOOL.path
KEY = "content_version"


class VersionError(ContentError):
    """The content is of another version than this package reads; its one problem says which, and what to do."""


def content_version(home: Path) -> int | None:
    """The version a content is written in.

    Args:
        home: content folder.

    Returns:
        The version school.yml states; 1 where it states none, as content did before there were versions. None when the
        file cannot be read or the value is no version: reading the content says what is wrong with it.
    """
    try:
        data = load(home / SCHOOL, home)
    except ContentError:
        return None
    version = data.get(KEY, 1) if isinstance(data, dict) else None
    return version if type(version) is int and version > 0 else None


def check_version(home: Path) -> None:
    """Refuse content of another version.

    Args:
        home: content folder.

    Raises:
        VersionError: older content, which ``campus-catalog migrate`` brings up, or newer than this package.
    """
    version = content_version(home)
    if version is None or version == CONTENT_VERSION:
        return
    problems, path = Problems(home), home / SCHOOL
    if version < CONTENT_VERSION:
        message = f"内容是第 {version} 版，现在需要第 {CONTENT_VERSION} 版，请运行 campus-catalog migrate"
        problems.add(path, [KEY], "old-content", message)
    else:
        message = f"内容是第 {version} 版，本程序只能读到第 {CONTENT_VERSION} 版，请升级 campus-catalog"
        problems.add(path, [KEY], "newer-content", message)
    raise VersionError(problems.found)
