"""Editing a content file line by line, so that whatever is not changed stays as it was written, byte for byte.

A round trip through ruamel.yaml would do less: it keeps a comment with the value before it, so taking out a block takes
along the comment of the key that follows, and it indents the whole file anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
#: tokens whose end is not that of anything written: they stand where the next thing begins
_EMPTY = (yaml.BlockEndToken, yaml.DocumentEndToken, yaml.StreamEndToken)


@dataclass
class Item:
    """A key of the file's outermost mapping. All positions are offsets into the text.

    Attributes:
        start: beginning of the key's line.
        value: beginning of the value, or the end of the colon when there is none.
        end: end of the value.
        column: how far the key is indented.
        inner: how far the keys or dashes of a value that spans lines are indented; None for other values.
    """

    key: str
    start: int
    value: int
    end: int
    column: int
    inner: int | None = None


def items(text: str) -> list[Item]:
    """The keys of the file's outermost mapping.

    Args:
        text: the file's text.

    Returns:
        The keys in their order; none when the whole file is written in braces, or is no YAML.
    """
    try:
        tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:  # libyaml, which reads content, is more lenient in places
        return []
    found: list[Item] = []
    depth = 0
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        start, end = token.start_mark, token.end_mark
        if depth == 1 and isinstance(token, yaml.KeyToken) and isinstance(following, yaml.ScalarToken):
            line = start.index - start.column
            found.append(Item(following.value, line, end.index, end.index, start.column))
        elif found and depth == 1 and isinstance(token, yaml.ValueToken):
            found[-1].value = end.index
            if isinstance(following, (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockEntryToken)):
                found[-1].inner = following.start_mark.column
            elif following is not None and not isinstance(following, (yaml.KeyToken, *_EMPTY)):
                found[-1].value = following.start_mark.index
        if isinstance(token, _OPENING):
            depth += 1
            if depth == 1 and not isinstance(token, yaml.BlockMappingStartToken):
                return []
        elif isinstance(token, _CLOSING):
            depth -= 1
        if found and not isinstance(token, (yaml.KeyToken, *_EMPTY)):
            found[-1].end = end.index
    return found


def item(text: str, key: str) -> Item | None:
    """One key of the outermost mapping.

    Args:
        text: the file's text.
        key: the key.

    Returns:
        Where it stands, or None when the mapping does not have it.
    """
    return next((one for one in items(text) if one.key == key), None)


def lines_end(text: str, one: Item) -> int:
    """Where the item's lines end: with the comment beside its value and the deeper comments right below it.

    Args:
        text: the file's text.
        one: a key of it, as ``item`` finds it.

    Returns:
        The offset of the line that follows.
    """
    end = one.end
    if text[end - 1 : end] != "\n":
        end = _line_end(text, end)
    while match := re.compile(r"( +)#").match(text, end):
        if len(match.group(1)) <= one.column:
            break
        end = _line_end(text, end)
    return end


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def without(text: str, one: Item) -> str:
    """Take out the lines of one key.

    Args:
        text: the file's text.
        one: the key, as ``item`` finds it.

    Returns:
        The text without them.
    """
    return text[: one.start] + text[lines_end(text, one) :]


def with_value(text: str, key: str, value: str) -> str:
    """Give a key a plain value: in place of the one it has, or as the file's first key.

    Args:
        text: the file's text.
        key: a key of the outermost mapping.
        value: the value as YAML, on one line.

    Returns:
        The changed text.
    """
    found = items(text)
    for one in found:
        if one.key == key:
            return f"{text[: one.value].rstrip(' ')} {value}{text[one.end :]}"
    start = found[0].start if found else len(text)
    return f"{text[:start]}{key}: {value}{newline(text)}{text[start:]}"


def value_lines(text: str, one: Item) -> Iterator[str]:
    """The lines of a value, comments included.

    Args:
        text: the file's text.
        one: the key that has the value, as ``item`` finds it.

    Yields:
        First what stands beside the key, then the rest, not indented.
    """
    end = _line_end(text, one.value)
    yield text[one.value : end].strip()
    for line in text[end : lines_end(text, one)].splitlines():
        spaces = len(line) - len(line.lstrip(" "))
        yield line[min(spaces, one.inner or 0) :].rstrip()


def newline(text: str) -> str:
    """How the file ends its lines.

    Args:
        text: the file's text.

    Returns:
        CR LF where the text has one, otherwise LF.
    """
    return "\r\n" if "\r\n" in text else "\n"
