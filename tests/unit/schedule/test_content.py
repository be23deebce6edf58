"""The schedule is content: its faults are named with file and line."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from campus_catalog.problems import ContentError
from campus_catalog.schedule.loader import SCHEDULE, load_schedule
from tests.support.content import ROOT, fault_line, write

COMMANDS = ("apply", "ingest", "schedule")
RECIPE = "source: {type: campus-taxonomy, config: {}}\n"


PAGE = (ROOT / "docs" / "howto" / "schedule.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def home(folder: Path, text: str) -> Path:
    write(folder / "ingestion_recipes" / "taxonomy.yml", RECIPE)
    write(folder / SCHEDULE, text)
    return folder


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("unknown-key", "{id: a, recipe: taxonomy, shedule: '0 1 * * *'}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, schedule: '0 1 * *'}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, schedule: '0 0 31 2 *'}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, time_zone: Asia/Shanghia}  # fault"),
        ("invalid", "{id: a, recipe: taxonomi}  # fault"),
        ("invalid", "{id: a, command: aply --yes}  # fault"),
        ("invalid", "{id: a, command: schedule run}  # fault"),
        ("invalid", "{id: a, command: 'apply \"'}  # fault"),
        ("invalid", "{id: a}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, command: apply}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, timeout: 60}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, timeout: 2 hours}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, retries: -1}  # fault"),
        ("duplicate-id", "{id: a, recipe: taxonomy}\n  - {id: a, recipe: taxonomy}  # fault"),
        ("secret", "{id: a, recipe: taxonomy, extra_env: 'DB_PASSWORD=plain'}  # fault"),
        ("missing", "{recipe: taxonomy}  # fault"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, code: str, text: str) -> None:
    place = home(tmp_path, f"entries:\n  - {text}\n")
    with pytest.raises(ContentError) as caught:
        load_schedule(place, COMMANDS)
    (problem,) = caught.value.problems
    assert (problem.file, problem.code) == (SCHEDULE.as_posix(), code)
    assert problem.line == fault_line(place / SCHEDULE)


def test_the_webhook_is_named_by_a_variable_never_by_its_address(tmp_path: Path) -> None:
    place = home(tmp_path, "webhook:\n  url_env: https://example.edu/hook?key=1  # fault\nentries: []\n")
    with pytest.raises(ContentError) as caught:
        load_schedule(place, COMMANDS)
    assert caught.value.problems[0].line == 2


def test_only_dingtalk_signs(tmp_path: Path) -> None:
    place = home(tmp_path, "webhook: {url_env: HOOK, secret_env: KEY, kind: wecom}  # fault\nentries: []\n")
    with pytest.raises(ContentError, match="secret_env"):
        load_schedule(place, COMMANDS)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="missing-file"):
        load_schedule(tmp_path, COMMANDS)


def test_the_schools_own_schedule_covers_every_recipe() -> None:
    schedule = load_schedule(ROOT, COMMANDS)
    assert {entry.recipe for entry in schedule if entry.recipe} == set(schedule.recipes)
    assert all(schedule.trigger(entry) for entry in schedule)


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.split(":")[0] for text in EXAMPLES])
def test_what_the_documentation_shows_is_a_schedule(tmp_path: Path, example: str) -> None:
    for name in re.findall(r"recipe: (\w+)", example):
        write(tmp_path / "ingestion_recipes" / f"{name}.yml", RECIPE)
    text = "entries:\n" + textwrap.indent(example, "  ") if example.startswith("- ") else example
    load_schedule(home(tmp_path, text), COMMANDS)


def test_the_documentation_shows_entries_and_a_webhook() -> None:
    assert any("entries:" in text for text in EXAMPLES) and any("webhook:" in text for text in EXAMPLES)
