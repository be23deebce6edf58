"""One catalog is for the content of one school: two would undo and prune each other's declarations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.content import campus, replace
from tests.support.planning import catalog, new_school

ANOTHER = "holds what the content of 'shili' declares, and this content is 'another'"


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    """Two homes with the same content but for the school's id."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours, theirs = new_school(tmp_path / "a"), new_school(tmp_path / "b")
    replace(theirs / "glossary" / "school.yml", "id: shili", "id: another")
    return ours, theirs


@pytest.mark.parametrize("command", [("plan",), ("apply",), ("apply", "--prune", "--yes")], ids=" ".join)
def test_another_schools_content_is_refused(command: tuple[str, ...], homes: tuple[Path, Path], tmp_path: Path) -> None:
    ours, theirs = homes
    target = f"file:{tmp_path}/catalog.json"
    assert campus("apply", home=ours, target=target).returncode == 0
    before = catalog(ours, target)
    done = campus(*command, home=theirs, target=target)
    assert done.returncode == 1 and ANOTHER in done.stderr, done.stdout + done.stderr
    assert catalog(ours, target) == before
    assert "nothing to change" in campus("apply", home=ours, target=target).stdout


def test_another_schools_schedule_is_refused(homes: tuple[Path, Path], tmp_path: Path) -> None:
    target = f"file:{tmp_path}/catalog.json"
    for home in homes:
        folder = home / "ingestion_recipes" / "schedule"
        folder.mkdir(exist_ok=True)
        (folder / "schedule.yml").write_text("entries: [{id: register, recipe: register}]\n", encoding="utf-8")
    assert campus("schedule", "deploy", home=homes[0], target=target).returncode == 0
    done = campus("schedule", "deploy", "--prune", "--yes", home=homes[1], target=target)
    assert done.returncode == 1 and ANOTHER in done.stderr
