"""What values of personal information must be like: which numbers pass a check, and when a whole column does.

Numbers with check characters tell themselves apart from any other digits. A mobile number has none, so a column of
them must also not look like numbers given out one after another. See docs/design/personal.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Any, Literal

CheckName = Literal["identity-number", "mobile-number", "bank-card"]

#: longer texts are no number, and need not be looked at
_LONGEST = 40
#: a run of digits in a text, as long as one of the numbers below, and no fraction: averages have many digits
_NUMBER = re.compile(r"(?<![0-9.])[0-9]{11,19}(?![0-9])[Xx]?")
_SEPARATORS = re.compile(r"[\s-]+")
#: province of issue (GB/T 2260; 81 to 83 on residence permits), date of birth, sequence, check character
_IDENTITY = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]"
)
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
#: first digits of cards issued: not 8 (SIM cards); of 15 digits only American Express (devices begin with 35 and 86)
_CARD = re.compile(r"[34569][0-9]{15,18}|3[47][0-9]{13}")


def identity_number(text: str) -> str | None:
    """``text`` if it is a 公民身份号码 of 18 characters (GB 11643), with check character ISO 7064 MOD 11-2.

    Of the region only the province is looked at: districts have come and gone, and a number keeps the region it was
    issued in.
    """
    text = text.upper()
    parts = _IDENTITY.fullmatch(text)
    if parts is None or sum((10 if c == "X" else int(c)) * 2 ** (17 - i) for i, c in enumerate(text)) % 11 != 1:
        return None
    try:
        born = date(*map(int, parts.groups()))
    except ValueError:
        return None
    return text if date(1900, 1, 1) <= born <= date.today() else None  # noqa: DTZ011 (days of birth know no zone)


def mobile_number(text: str) -> str | None:
    """The 11 digits of a number of the mainland's mobile networks, without its country code."""
    match = _MOBILE.fullmatch(text)
    return match.group(1) if match else None


def bank_card(text: str) -> str | None:
    """``text`` if it has the form of a payment card's number (15 to 19 digits) and its check digit (Luhn) is right."""
    if not _CARD.fullmatch(text):
        return None
    digits = [int(digit) * factor for digit, factor in zip(reversed(text), cycle((1, 2)))]
    return text if sum(digit // 10 + digit % 10 for digit in digits) % 10 == 0 else None


def _any(numbers: Collection[str]) -> bool:
    return True


def _scattered(numbers: Collection[str]) -> bool:
    """Whether mobile numbers are spread as those of many people are; student and serial numbers count up.

    Those have few beginnings (year, college, class) or, in their last four places, one that hardly changes.
    """
    beginnings = {number[:7] for number in numbers}
    fewest = min(len({number[place] for number in numbers}) for place in range(-4, 0))
    return len(beginnings) * 2 >= len(numbers) and fewest >= min(3, len(numbers) // 3)


@dataclass(frozen=True)
class Check:
    """How one kind of number is told.

    Attributes:
        number: the bare number of a text without separators, or None when the text is no such number.
        plausible: whether different numbers of a column, all of them found by ``number``, look like people's.
    """

    number: Callable[[str], str | None]
    plausible: Callable[[Collection[str]], bool] = _any


CHECKS: dict[CheckName, Check] = {
    "identity-number": Check(identity_number),
    "mobile-number": Check(mobile_number, _scattered),
    "bank-card": Check(bank_card),
}


def share_of(check: Check, values: Iterable[Any], distinct: int) -> float:
    """The share of a column's values that pass a check; 0 when too few different ones do, or they are not plausible.

    Args:
        check: the check.
        values: as a driver gives them; empty ones do not count.
        distinct: how many different numbers there must be.

    Returns:
        From 0 to 1.
    """
    texts = [text for text in map(_text, values) if text != ""]
    passed = [number for number in map(check.number, texts) if number is not None]
    different = set(passed)
    if not different or len(different) < distinct or not check.plausible(different):
        return 0.0
    return len(passed) / len(texts)


def holds_number(text: str) -> bool:
    """Whether a single value passes a check, or a number in it does (``电话 13900001234``, ``13900001234.0``).

    Takes more than ``share_of``, because less hangs on it: a profile keeps counts only.

    Args:
        text: the value.

    Returns:
        Whether there is such a number.
    """
    bare = _text(text)
    return any(
        check.number(number) is not None for number in {bare, *_NUMBER.findall(text)} for check in CHECKS.values()
    )


def _text(value: Any) -> str:
    """A value without separators; a number as its digits, because some drivers give whole numbers as floats."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if not isinstance(value, (bytes, bytearray, memoryview)) else "?"
    return _SEPARATORS.sub("", text) if len(text) <= _LONGEST else "?"
