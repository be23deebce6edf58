"""Texts as people read them: every matching of words looks at these, so that an invisible character hides nothing."""

from __future__ import annotations

import re
import unicodedata

#: Chinese characters, the rare ones beyond the first plane included
HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
#: format characters, variation selectors, combining marks, blanks that are letters, and what is no character at all
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2800\u302a-\u302f\u3099\u309a\u3164"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_BLANK_BETWEEN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")


def visible(text: str) -> str:
    """A text without what cannot be seen, and with compatibility forms made plain (NFKC).

    Args:
        text: as people wrote it.

    Returns:
        What to look for words in; not for showing.
    """
    if text.isascii():
        return _CONTROL.sub("", text)
    return _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


def folded(text: str) -> str:
    """A visible text without accents, and without blanks and line breaks between Chinese characters.

    Chinese has none between words. Letters keep their case, which tells where a word of a name begins.

    Args:
        text: as people wrote it.

    Returns:
        What to look for words in, where none of its parts means anything by itself.
    """
    if _ACCENTED.search(text):
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))  # takes the accents off
    return _BLANK_BETWEEN.sub("", visible(text))
