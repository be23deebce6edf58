"""Content files: read fast, and point at the line when something is wrong.

PyYAML's own composer resolves every scalar in Python and takes most of the time of reading a large register, so the
tree is built here straight from libyaml's events. Line numbers cost as much again, so they are looked up only once a
fault has been found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from campus_catalog.content.problems import ContentError, Problem, relative
from campus_catalog.errors import one_line

try:
    _Loader: Any = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: slower, same result
    _Loader = yaml.SafeLoader

#: Largest content file accepted, in bytes. A register this large has left the hands of people.
MAX_BYTES = 20 * 1024 * 1024

_TYPED_FIRST = frozenset(first for first in yaml.SafeLoader.yaml_implicit_resolvers if first)
_STANDARD_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_MERGE = "<<"


def _typed(value: str) -> Any:
    """A plain scalar as YAML 1.1 types it; what only looks like a date or number stays text."""
    loader: Any = yaml.SafeLoader("")  # PyYAML's stubs leave `resolve` without types
    tag = loader.resolve(yaml.ScalarNode, value, (True, False))
    try:
        return loader.construct_object(yaml.ScalarNode(tag, value))
    except (yaml.YAMLError, ValueError):
        return value


class _Tree:
    """Builds plain Python objects from YAML events; one instance reads one document."""

    def __init__(self, text: str, file: str, lines: bool = False):
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._file = file
        self._anchors: dict[str, Any] = {}
        self._scalars: dict[str, Any] = {}
        self.problems: list[Problem] = []
        #: line (from 1) of every path, only kept when asked for
        self.lines: dict[tuple[Any, ...], int] | None = {} if lines else None

    def read(self) -> Any:
        """The document's value, or None for an empty file."""
        events = self._events
        next(events)  # stream start
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._node(next(events), ())
        next(events)  # document end
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            self._fault(extra, "yaml", "一个文件只能有一份 YAML 文档，请拆成多个文件")
        return value

    def _fault(self, event: Any, code: str, message: str) -> None:
        self.problems.append(Problem(self._file, event.start_mark.line + 1, code, message))

    def _scalar(self, event: Any) -> Any:
        value = event.value
        if event.tag not in _STANDARD_TAGS:
            self._tagged(event)
        if event.style or not event.implicit[0] or (value and value[0] not in _TYPED_FIRST):
            return value
        if value not in self._scalars:
            self._scalars[value] = _typed(value)
        return self._scalars[value]

    def _key(self, event: Any) -> Any:
        key = self._scalar(event)
        # YAML 1.1 takes on, off, yes and no for booleans; as a key each is a word
        return event.value if isinstance(key, bool) and event.value.lower() not in ("true", "false") else key

    def _tagged(self, event: Any) -> None:
        self._fault(event, "yaml", f"不支持 YAML 标签 {event.tag}，请直接写值")

    def _node(self, event: Any, path: tuple[Any, ...]) -> Any:
        kind = type(event)
        if self.lines is not None:
            self.lines[path] = event.start_mark.line + 1
        if kind is yaml.ScalarEvent:
            value: Any = self._scalar(event)
        elif kind is yaml.AliasEvent:
            if event.anchor not in self._anchors:
                self._fault(event, "yaml", f"引用了没有定义的 *{event.anchor}")
            return self._anchors.get(event.anchor)
        else:
            if event.tag is not None:
                self._tagged(event)
            value = self._mapping(path) if kind is yaml.MappingStartEvent else self._sequence(path)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _sequence(self, path: tuple[Any, ...]) -> list[Any]:
        out: list[Any] = []
        events, lines = self._events, self.lines
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                return out
            out.append(self._node(event, (*path, len(out)) if lines is not None else path))
        return out

    def _mapping(self, path: tuple[Any, ...]) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        merged: list[dict[Any, Any]] = []
        events, lines = self._events, self.lines
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._key(event) if type(event) is yaml.ScalarEvent else self._node(event, path)
            merging = key == _MERGE and not getattr(event, "style", "")
            below = path
            if lines is not None:
                below = (*path, key if isinstance(key, str) else str(key))
                key_line = event.start_mark.line + 1
            value = self._node(next(events), below)
            if lines is not None:
                lines[below] = key_line
            if not isinstance(key, str):
                self._fault(event, "yaml", f"键应为文本：{key!r}，请加引号")
            elif merging:
                merged += value if isinstance(value, list) else [value]
            elif key in out:
                self._fault(event, "duplicate-key", f"键「{key}」重复，只能写一次")
            else:
                out[key] = value
        for mapping in merged:  # what stands in the mapping itself wins, then the first one merged
            if isinstance(mapping, dict):
                out = {**mapping, **out}
        return out


def _text(path: Path, file: str) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = MAX_BYTES // (1024 * 1024)
            raise ContentError(
                [Problem(file, 0, "too-large", f"文件有 {size / 1024 / 1024:.1f} MB，超过 {limit} MB，请拆成多个文件")]
            )
        raw = path.read_bytes()
    except OSError as error:
        raise ContentError([Problem(file, 0, "unreadable", f"文件无法读取：{error.strerror}")]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContentError(
            [Problem(file, line, "encoding", "文件不是 UTF-8 编码（常见于 Windows 记事本的 GBK），请另存为 UTF-8")]
        ) from error


def _read(path: Path, home: Path, lines: bool) -> tuple[Any, _Tree]:
    file = relative(path, home)
    text = _text(path, file)
    try:
        tree = _Tree(text, file, lines)
        return tree.read(), tree
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        message = f"YAML 写法有误：{error.problem or error}，请检查缩进、冒号与引号"
        raise ContentError([Problem(file, line, "yaml", message)]) from error
    except yaml.YAMLError as error:
        raise ContentError([Problem(file, 0, "yaml", f"YAML 写法有误：{one_line(str(error))}")]) from error
    except RecursionError as error:
        raise ContentError([Problem(file, 0, "yaml", "YAML 嵌套过深")]) from error


def load(path: Path, home: Path) -> Any:
    """Read one content file.

    Args:
        path: the file.
        home: folder that paths in messages are relative to.

    Returns:
        Plain Python objects: dict, list, str, int, float, bool, date, None.

    Raises:
        ContentError: unreadable, larger than ``MAX_BYTES``, not UTF-8, malformed, or with duplicate keys.
    """
    data, tree = _read(path, home, lines=False)
    if tree.problems:
        raise ContentError(tree.problems)
    return data


class Lines:
    """Finds the line of a value in a content file; reads the file on first use.

    Args:
        path: the content file.
        home: content folder; messages name files relative to it.
    """

    def __init__(self, path: Path, home: Path):
        self._path, self._home = path, home
        self._lines: dict[tuple[Any, ...], int] | None = None

    def of(self, location: Sequence[Any]) -> int:
        """The line of a value.

        Args:
            location: keys and indexes that lead to it.

        Returns:
            The line, counted from 1; that of the nearest thing around it where it does not stand there itself.

        Raises:
            ContentError: the file cannot be read.
        """
        if self._lines is None:
            self._lines = _read(self._path, self._home, lines=True)[1].lines or {}
        path = tuple(location)
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)
