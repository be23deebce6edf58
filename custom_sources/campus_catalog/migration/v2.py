"""Version 2 of the content, as far as a step reads or writes it. Today's models may change, this does not.

The schedule is a file of its own. A step meets schedules of later versions too, and passes over keys it does not need.
"""

from __future__ import annotations

import json
import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

from campus_catalog.content.layout import Kind
from campus_catalog.content.models import Id, Text
from campus_catalog.schedule.cron import parse_cron

SCHEDULE = Kind("ingestion_recipes/schedule/schedule.yml", "What runs when.")


def _cron(line: str) -> str:
    parse_cron(line, ZoneInfo("UTC"))
    return line


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # an unknown name, one that is no name at all, or a folder of the database
        raise ValueError("不是时区名称，如 Asia/Shanghai") from None
    return name


def _pairs(text: str) -> str:
    if not all(re.match(r"[A-Za-z_][A-Za-z0-9_]*=", pair) for pair in text.split(",")):
        raise ValueError("应为 NAME=VALUE,NAME=VALUE")
    return text


def _requirements(text: str) -> str:
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(line, str) for line in listed):
        raise ValueError("""应为 JSON 列表，如 '["campus-catalog[postgres]==0.1.0"]'""")
    return text


class Executor(BaseModel):
    """What a run in DataHub's executor needs; said of the whole file, it holds for entries that say nothing else."""

    model_config = ConfigDict(extra="ignore")

    executor_id: Text | None = None
    extra_pip: Annotated[Text, AfterValidator(_requirements)] | None = None
    extra_env: Annotated[Text, AfterValidator(_pairs)] | None = None
    cli_version: Text | None = None

    @property
    def variables(self) -> dict[str, str]:
        """``extra_env`` as a mapping."""
        pairs = (pair.split("=", 1) for pair in (self.extra_env or "").split(",") if pair)
        return {name.strip(): value for name, value in pairs}


class Options(Executor):
    """What an entry says of its recipe's runs."""

    name: Text | None = None
    schedule: Annotated[Text, AfterValidator(_cron)] | None = None
    time_zone: Annotated[Text, AfterValidator(_zone)] | None = None


class Entry(Options):
    """One thing to run."""

    id: Id
    recipe: Text | None = None


class ScheduleFile(Executor):
    """The whole file."""

    time_zone: Annotated[Text, AfterValidator(_zone)] = "Asia/Shanghai"
    entries: list[Entry] = []

    def complete(self) -> list[Entry]:
        """The entries with what the file says for all of them."""
        return [self._completed(entry) for entry in self.entries]

    def _completed(self, entry: Entry) -> Entry:
        variables = ",".join(f"{name}={value}" for name, value in {**self.variables, **entry.variables}.items())
        return entry.model_copy(
            update={
                "executor_id": entry.executor_id or self.executor_id or "default",
                "extra_pip": entry.extra_pip or self.extra_pip,
                "extra_env": variables or None,
                "cli_version": entry.cli_version or self.cli_version,
            }
        )
