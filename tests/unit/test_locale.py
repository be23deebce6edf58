"""Content is UTF-8 and read once, whatever the locale; what a terminal has no character for is spelt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from campus_catalog.school import School
from tests.support.content import OTHER_SCHOOL, campus, write

#: a locale whose encoding knows no Chinese; Python would take UTF-8 for it otherwise
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def school(tmp_path: Path, other_catalog: Path) -> Path:
    """A home at a Chinese path with a recipe in Chinese."""
    home = tmp_path / "数据目录"
    shutil.copytree(OTHER_SCHOOL, home)
    shutil.copy(other_catalog, home / "other.json")
    text = "pipeline_name: 抄来的\nsource: {type: file, config: {path: other.json}}\n"
    write(home / "ingestion_recipes" / "copied.yml", text)
    return home


@pytest.mark.parametrize("locale", [ASCII, {"LC_ALL": "C"}], ids=["ascii", "C"])
def test_commands_do_the_same_in_a_locale_without_chinese(school: Path, locale: dict[str, str]) -> None:
    target = f"file:{school}/目录.json"
    for arguments in (["validate"], ["ingest", "register", "copied"], ["plan"], ["search", "gifts"], ["doctor"]):
        done = campus(*arguments, home=school, target=target, **locale)
        assert done.returncode == 0, done.stdout + done.stderr
    copied = (school / "目录.json").read_text(encoding="utf-8")
    assert "受赠物品清册" in copied or "受赠物品清册".encode("unicode_escape").decode() in copied


def test_a_run_goes_by_what_was_read_of_a_recipe(school: Path, tmp_path: Path) -> None:
    """The file is not opened again: what was validated is what is run."""
    from campus_catalog.catalog.target import parse_target
    from campus_catalog.ingest.run import run_recipes

    (recipe,) = [one for one in School(school).recipes if one.name == "copied"]
    recipe.path.write_bytes("source: {type: file, config: {path: 没有.json}}".encode("gbk"))
    (run,) = run_recipes([recipe], parse_target(f"file:{tmp_path}/c.json", school), school)
    assert (run.outcome, run.failures) == ("succeeded", [])
    assert run.records
