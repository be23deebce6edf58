"""Cron lines as every cron reads them.

APScheduler does the arithmetic, but counts weekdays from Monday where cron counts from Sunday, and wants day and
weekday both to match where cron takes either. So weekdays are handed to it by name, and a line restricting both is
refused.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")
_TICK = timedelta(microseconds=1)
#: how far back due times are looked for: a machine off for longer has lost them
HORIZON = timedelta(days=35)


def parse_cron(line: str, zone: tzinfo) -> Any:
    """The APScheduler trigger of a cron line.

    Args:
        line: five fields: minute, hour, day, month, weekday.
        zone: the time zone the line is meant in.

    Returns:
        The trigger.

    Raises:
        ValueError: not a cron line; the message is for the author of the content.
    """
    from apscheduler.triggers.cron import CronTrigger

    fields = line.lower().split()
    if len(fields) != 5 or not all(re.fullmatch(r"[0-9*,/a-z-]+", field) for field in fields):
        raise ValueError("应为五段 cron：分 时 日 月 周，如 30 2 * * *")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError("日和周只能限定一个：cron 对两者的解释不一")
    if re.search(r"[a-z]", minute + hour + day):
        raise ValueError("分、时、日只能用数字")
    try:
        trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=zone
        )
    except ValueError:
        raise ValueError("不是正确的 cron：分 0–59，时 0–23，日 1–31，月 1–12，周 0–7") from None
    if trigger.get_next_fire_time(None, datetime.now(timezone.utc)) is None:
        raise ValueError("这样的日期不存在，永远不会运行")
    return trigger


def _weekdays(field: str) -> str:
    """A weekday field with names for numbers, ranges spelt out."""
    if field == "*":
        return field
    days: list[str] = []
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(part)
        step = int(match["step"] or 1)
        if match["first"] is None:
            first, last = 0, 6
        else:
            first = _weekday(match["first"])
            last = _weekday(match["last"]) if match["last"] else 6 if match["step"] else first
            if last < first:
                last += 7  # fri-mon, and sunday as the end of a week
        days += [_NAMES[number % 7] for number in range(first, last + 1, step)]
    return ",".join(dict.fromkeys(days))


def _weekday(word: str) -> int:
    if word in _NAMES:
        return _NAMES.index(word)
    number = int(word)
    if number > 7:
        raise ValueError(word)
    return number


def with_named_weekdays(line: str) -> str:
    """The same cron line for readers that count weekdays from 0 to 6 only, as Kubernetes does.

    Args:
        line: a sound cron line.

    Returns:
        The line with weekdays as ``mon,tue``.
    """
    *rest, weekday = line.split()
    return " ".join([*rest, _weekdays(weekday.lower())])


def for_datahub(line: str) -> str:
    """The same cron line for DataHub's scheduler, which goes by Spring's CronExpression.

    That takes ``fri-mon`` for no cron line, so that the source never runs, and counts the steps of ``*/2`` from Monday.

    Args:
        line: a sound cron line.

    Returns:
        The line itself where DataHub reads it alike, otherwise with named weekdays.
    """
    weekday = line.split()[-1].lower()
    reaches = re.fullmatch(r"(\d)-(\d)", weekday)
    plain = reaches[1] <= reaches[2] if reaches else not re.search("[-/]", weekday)
    return line if plain else with_named_weekdays(line)


def next_due(trigger: Any, after: datetime) -> datetime | None:
    """The first due time later than ``after``, in UTC.

    Args:
        trigger: what ``parse_cron`` made.
        after: with a time zone.

    Returns:
        The due time; None when there is none any more.
    """
    due: datetime | None = trigger.get_next_fire_time(None, after + _TICK)
    # the day the clocks go back has an hour twice: who names the hour means it once, as every cron does
    while due and due.fold and _names_hours(trigger):
        due = trigger.get_next_fire_time(None, due.astimezone(timezone.utc) + _TICK)
    return due.astimezone(timezone.utc) if due else None


def _names_hours(trigger: Any) -> bool:
    return any(field.name == "hour" and str(field) != "*" for field in getattr(trigger, "fields", ()))


def due_between(trigger: Any, after: datetime, until: datetime) -> list[datetime]:
    """Every due time later than ``after`` and not later than ``until``, in UTC.

    Args:
        trigger: what ``parse_cron`` made.
        after: with a time zone; from longer than ``HORIZON`` before ``until`` nothing is found.
        until: with a time zone.

    Returns:
        The due times, oldest first.
    """
    found: list[datetime] = []
    due = next_due(trigger, max(after, until - HORIZON))
    while due is not None and due <= until:
        found.append(due)
        due = next_due(trigger, due)
    return found
