"""A cron line means what every cron takes it to mean, in its time zone."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from campus_catalog.schedule.cron import due_between, next_due, parse_cron

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: a Sunday
SUNDAY = datetime(2026, 3, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", "Sun"),
        ("7", "Sun"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("5-7", "Fri Sat Sun"),
        ("fri-mon", "Mon Fri Sat Sun"),
        ("*/2", "Tue Thu Sat Sun"),
        ("1,3", "Mon Wed"),
        ("6", "Sat"),
    ],
)
def test_weekdays_count_from_sunday(field: str, days: str) -> None:
    trigger = parse_cron(f"30 2 * * {field}", SHANGHAI)
    found = due_between(trigger, SUNDAY.replace(day=1, hour=12), SUNDAY.replace(day=8, hour=12))
    assert {due.astimezone(SHANGHAI).strftime("%a") for due in found} == set(days.split())
    assert {due.astimezone(SHANGHAI).strftime("%H:%M") for due in found} == {"02:30"}


def test_hours_are_those_of_the_time_zone() -> None:
    after = datetime(2026, 3, 1, tzinfo=timezone.utc)
    (due,) = due_between(parse_cron("0 1 * * *", SHANGHAI), after, after.replace(hour=23))
    assert due == datetime(2026, 3, 1, 17, tzinfo=timezone.utc)


def test_a_due_time_belongs_to_the_span_that_ends_with_it() -> None:
    trigger = parse_cron("0 * * * *", ZoneInfo("UTC"))
    one, two = (datetime(2026, 3, 1, hour, tzinfo=timezone.utc) for hour in (1, 2))
    assert due_between(trigger, one, two) == [two]


@pytest.mark.parametrize(
    "line",
    ["", "1 2 3 4", "* * * * * *", "61 * * * *", "* 24 * * *", "* * 1 * 1", "* * * * 8", "* * last * *", "@daily",
     "0 0 31 2 *", "* * * * mon-x", "*/0 * * * *", "* * * * */0", "٣ * * * *"],
)  # fmt: skip
def test_what_is_no_cron_line_is_refused_in_the_readers_language(line: str) -> None:
    with pytest.raises(ValueError, match="[\u4e00-\u9fff]"):
        parse_cron(line, SHANGHAI)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
@pytest.mark.parametrize("line", ["30 1 * * *", "0 2 * * *", "30 2 * * *", "59 2 * * *"])
def test_a_daily_line_is_due_once_every_day_also_when_clocks_change(zone: str, line: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
    days = [due.astimezone(ZoneInfo(zone)).date() for due in year(line, zone)]
    assert days == [(start + timedelta(days=day)).date() for day in range(365)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai"])
def test_an_hourly_line_is_due_every_hour_also_when_clocks_change(zone: str) -> None:
    dues = year("30 * * * *", zone)
    assert {after - before for before, after in itertools.pairwise(dues)} == {timedelta(hours=1)}


def year(line: str, zone: str) -> list[datetime]:
    """Every due time of 2026, found step by step as the scheduler does."""
    found: list[datetime] = []
    trigger = parse_cron(line, ZoneInfo(zone))
    end = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    due = next_due(trigger, datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc))
    while due and due < end:
        assert not found or due > found[-1]
        found.append(due)
        due = next_due(trigger, due)
    return found
