"""The schedule is content: its faults are named with file and line."""

from __future__ import annotations

import errno
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.content.problems import ContentError
from campus_catalog.schedule.current import CurrentSchedule
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


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder one of a network drive that has gone, which not even root can look into."""

    def lose(folder: Path) -> None:
        def unless_below(call: Any) -> Any:
            def gone(path: Any, *rest: Any, **named: Any) -> Any:
                if not isinstance(path, int) and str(path).startswith(str(folder)):
                    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
                return call(path, *rest, **named)

            return gone

        # that of Path as well, because on Python 3.10 it does not ask os for it
        for owner, name in ((os, "stat"), (os, "scandir"), (os, "open"), (Path, "stat")):
            monkeypatch.setattr(owner, name, unless_below(getattr(owner, name)))

    return lose


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
        ("invalid", "{id: a, recipe: ../ingestion_recipes/taxonomy}  # fault"),
        ("invalid", "{id: a, recipe: taxonomy, timeout: 1٣m}  # fault"),
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


@pytest.mark.parametrize("text", ["keep: 0", "entries: [{id: a, recipe: taxonomy, retries: 11}]"])
def test_a_number_out_of_bounds_is_said_in_the_readers_language(tmp_path: Path, text: str) -> None:
    with pytest.raises(ContentError) as caught:
        load_schedule(home(tmp_path, text), COMMANDS)
    assert re.search("」不能[小大]于 1", caught.value.problems[0].message), caught.value


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


def test_a_folder_that_may_not_be_looked_into_is_no_missing_file(tmp_path: Path, lost: Callable[[Path], None]) -> None:
    place = home(tmp_path, "entries: []\n")
    lost(place / SCHEDULE.parent)
    with pytest.raises(ContentError, match="unreadable") as caught:
        load_schedule(place, COMMANDS)
    assert "Stale file handle" in str(caught.value)


@pytest.mark.parametrize("folder", [SCHEDULE.parent, SCHEDULE.parent.parent])
def test_a_schedule_that_cannot_be_looked_at_any_more_stays_in_force(
    tmp_path: Path, lost: Callable[[Path], None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = home(tmp_path, "entries: [{id: a, recipe: taxonomy, schedule: '0 1 * * *'}]\n")
    current = CurrentSchedule(place, COMMANDS)
    lost(place / folder)
    for _ in range(3):
        current.refresh()
    assert [job.entry for job in current.jobs()] == ["a"]
    said = [record.getMessage() for record in caplog.records if "unreadable" in record.getMessage()]
    assert len(said) == 1 and "Stale file handle" in said[0]


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
