"""validate and doctor look at the schedule, and doctor at the version of the content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campus_catalog.schedule.loader import SCHEDULE
from tests.support.content import FAULT, campus, fault_line, replace, write

WEBHOOK = "webhook: {url_env: CAMPUS_TEST_WEBHOOK}\n"
ENTRIES = """\
entries:
  - {id: night, command: apply --yes, schedule: "0 1 * * *"}
  - {id: taxonomy, recipe: taxonomy, schedule: "0 2 * * *"}
  - {id: by-hand, command: apply --yes}
  - {id: paused, command: apply --yes, schedule: "0 3 * * *", enabled: false}
"""


def found_by_doctor(home: Path, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = campus("doctor", "--format", "json", home=home, **env)
    assert done.stderr == ""
    return done.returncode, {finding["what"]: finding for finding in json.loads(done.stdout)}


def test_validate_counts_what_runs_by_itself(home: Path) -> None:
    without = campus("validate", home=home)
    assert without.returncode == 0 and ", 2 recipes, 0 scheduled, " in without.stdout
    write(home / SCHEDULE, ENTRIES)
    done = campus("validate", home=home)
    assert done.returncode == 0 and ", 2 recipes, 2 scheduled, " in done.stdout


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("invalid", "recipe: taxonomy, schedule", "recipe: taxonomi, schedule"),
        ("invalid", '"0 1 * * *"}', '"0 1 * *"}'),
        ("unknown-key", "command: apply --yes}", "comand: apply --yes}"),
        ("invalid", "command: apply --yes}", "command: aply --yes}"),
    ],
)
def test_faults_of_the_schedule_are_listed_with_the_others(home: Path, code: str, old: str, new: str) -> None:
    path = write(home / SCHEDULE, ENTRIES)
    replace(path, old, new)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{line}  {FAULT}" if new in line else line for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    write(home / "ingestion_recipes" / "systems" / "demo.yml", "id: demo\n")
    done = campus("validate", home=home)
    assert done.returncode == 1
    assert f"{SCHEDULE.as_posix()}:{fault_line(path)}: [{code}] " in done.stdout
    assert "ingestion_recipes/systems/demo.yml:" in done.stdout
    assert found_by_doctor(home)[1]["content"]["result"] == "fault"


def test_doctor_names_the_variables_the_schedule_needs_and_lacks(home: Path) -> None:
    assert "schedule" not in found_by_doctor(home)[1]
    write(home / SCHEDULE, WEBHOOK + ENTRIES)
    code, found = found_by_doctor(home)
    assert (code, found["schedule"]["result"], found["schedule"]["detail"]) == (
        0, "warning", "not set: CAMPUS_TEST_WEBHOOK"
    )  # fmt: skip
    code, found = found_by_doctor(home, CAMPUS_TEST_WEBHOOK="https://example.edu/s3cr3t")
    assert (code, found["schedule"]["result"], found["schedule"]["detail"]) == (0, "ok", "2 entries scheduled")
    assert "s3cr3t" not in json.dumps(found)


@pytest.mark.parametrize(("version", "advice"), [("1", "campus-catalog migrate"), ("3", "upgrade campus-catalog")])
def test_doctor_says_that_the_content_is_of_another_version(home: Path, version: str, advice: str) -> None:
    replace(home / "glossary" / "school.yml", "content_version: 2 ", f"content_version: {version} ")
    code, found = found_by_doctor(home)
    assert (code, found["content"]["result"], found["content"]["advice"]) == (1, "fault", advice)
    assert found["content"]["detail"] == f"version {version}; version 2 is needed"
