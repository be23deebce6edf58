"""Names and comments as text: what is printed, logged or sent is shown to people and obeyed by no terminal."""

from __future__ import annotations

import unicodedata

#: control and format characters (bidi overrides among them), halves of a pair, and what ends a line
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str, keep: str = "") -> str:
    r"""A text in which everything can be seen: what cannot is written as Python writes it, e.g. ``\x1b``.

    Args:
        text: a name, a comment, a message with either in it.
        keep: characters that stay as they are, e.g. the ends of its lines.

    Returns:
        The text to print; one line, unless ``keep`` has their ends.
    """
    if text.isprintable():
        return text
    return "".join(char if char in keep or unicodedata.category(char) not in _UNSEEN else _spelt(char) for char in text)


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
