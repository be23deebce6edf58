"""Columns that are no columns: a row of data taken for the names of a sheet, a file or a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import cast

from datahub.metadata.schema_classes import SchemaMetadataClass

from campus_catalog.content.text import folded
from campus_catalog.regulation.personal_numbers import holds_number

#: what a reader adds to a name that comes twice
_AGAIN = re.compile(r"(?:_\d{1,3}|\.\d{1,3})$")
_DATE = re.compile(
    r"(?:19|20)\d\d[-/.年]?(?:0?[1-9]|1[0-2])(?:[-/.月]?(?:0?[1-9]|[12]\d|3[01])日?|月)?"
    r"(?:[ T]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}:\d\d(?::\d\d)?"
)
#: year, month and day, with or without something between them
_PARTS = re.compile(r"(?:19|20)\d\d|\d{1,2}")
_WEEK = 7
_NUMBER = re.compile(r"[-+]?[¥$]?\d{1,3}(?:,\d{3})+(?:\.\d+)?%?|[-+]?[¥$]?\d+(?:\.\d+)?%?")
#: a year, or the number of a column
_SHORT = re.compile(r"\d{1,4}")
#: what is somebody's or something's, and nobody's name for a column
_VALUE = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|https?://\S+"
    r"|\d{1,3}(?:\.\d{1,3}){3}"  # an IP address
    r"|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"  # a MAC address
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # a UUID
    r"|(?=\w*\d)[0-9a-f]{32,64}"  # a digest
    r"|[1-9]\d{5}(?:\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx])"
    r"|[EGDSPHCegdsphc][A-Za-z]?\d{7,8}"  # a passport or a permit
    r"|\+?(?:\d{2,4}[- ])+\d{5,8}(?:-\d{1,5})?|\(\d{3,4}\)\d{7,8}"  # a telephone
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}"  # a number plate
    r"|\d{6,}[A-Za-z]{0,2}"  # a row of digits: a student's number, an account
    r"|True|False|None|NaN"
)
#: the same with letters before it
_CODE = re.compile(r"[A-Za-z]{1,3}\d{6,}[A-Za-z]{0,2}")
#: so many columns called by a code, or by years or days one after the other, are called so on purpose
_SEVERAL = 3


@lru_cache(maxsize=65536)  # a database repeats its columns over and over
def kind_of_value(name: str) -> str | None:
    """What a column's name is if it is a value and no name.

    Args:
        name: as the source has it.

    Returns:
        ``period`` for a date or a time, ``number`` for any number, ``code`` for digits behind letters, ``value`` for
        what is plainly somebody's or something's; None for a name.
    """
    text = folded(name).strip()
    for plain in dict.fromkeys((text, _AGAIN.sub("", text))):
        if _SHORT.fullmatch(plain):
            return "number" if len(plain) < 4 else "period" if _DATE.fullmatch(plain + "01") else "number"
        if _DATE.fullmatch(plain):
            return "period"
        if holds_number(plain) or _VALUE.fullmatch(plain):
            return "value"
        if _CODE.fullmatch(plain):
            return "code"
        if _NUMBER.fullmatch(plain):
            return "number"
    return None


def no_names(names: Iterable[str]) -> set[str]:
    """Which names of columns are none.

    A number or a period may stand for a column among others; where they are as many as the names, or one is plainly a
    value, all of them are a row of data.

    Args:
        names: of one table.

    Returns:
        Those to be left out; all of them for a row of data.
    """
    kinds = {name: kind_of_value(name) for name in names}
    names_ = {"code"} if sum(kind == "code" for kind in kinds.values()) >= _SEVERAL else set()
    names_ |= {"period"} if _follow_each_other([name for name, kind in kinds.items() if kind == "period"]) else set()
    values = {name for name, kind in kinds.items() if kind is not None and kind not in names_}
    if any(kinds[name] in ("value", "code") for name in values) or len(values) * 2 >= len(kinds):
        return set(kinds) if values else set()
    return values


def _follow_each_other(periods: list[str]) -> bool:
    """Whether names are years, months or days with the same step between them."""
    numbers = [_when(period) for period in periods]
    if len(numbers) < _SEVERAL or None in numbers:
        return False
    steps = {later - earlier for earlier, later in pairwise(cast("list[int]", numbers))}
    return len(steps) == 1 and 0 < steps.pop() <= _WEEK


def _when(period: str) -> int | None:
    """A number of years, months or days; None of anything finer."""
    parts = [int(part) for part in _PARTS.findall(folded(period).split(" ")[0].split("T")[0])]
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return parts[0] * 12 + parts[1]
    try:
        return date(*parts).toordinal() if len(parts) == 3 else None
    except ValueError:
        return None


def leave_out(schema: SchemaMetadataClass) -> set[str]:
    """Leave the columns out of a schema whose names are none.

    Args:
        schema: changed in place.

    Returns:
        Their field paths.
    """
    names = {column.fieldPath: _name(column.fieldPath) for column in schema.fields}
    wrong = no_names(names.values())
    if not wrong:
        return set()
    out = {path for path, name in names.items() if name in wrong}
    schema.fields = [column for column in schema.fields if column.fieldPath not in out]
    schema.primaryKeys = [path for path in schema.primaryKeys or [] if path not in out] or None
    return out


def _name(path: str) -> str:
    """What a field is called: of ``a.b`` the last part, unless it is no path but a value with a dot in it."""
    return path if kind_of_value(path) else path.rsplit(".", 1)[-1]
