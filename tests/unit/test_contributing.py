"""What CONTRIBUTING.md says, done as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.content import ROOT, replace

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("custom_sources", "glossary", "policies", "ingestion_recipes", "docs", "scripts")


def section(title: str) -> str:
    return re.split(r"^## ", TEXT.split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def files_named(text: str) -> list[str]:
    """The files that a list says are touched, in order."""
    return re.findall(r"^\d+\. `([^`]+)`", text, re.MULTILINE)


def code(text: str, language: str) -> str:
    """The block of a language in a list, its indentation removed."""
    (block,) = re.findall(rf"^ {{3}}```{language}\n(.*?)^ {{3}}```", text, re.MULTILINE | re.DOTALL)
    return re.sub(r"^ {3}", "", block, flags=re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    places = os.pathsep.join([str(checkout / "custom_sources"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=checkout, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def contents(checkout: Path) -> dict[str, bytes]:
    files = (path for name in COPIED for path in (checkout / name).rglob("*") if path.is_file())
    return {path.relative_to(checkout).as_posix(): path.read_bytes() for path in files}


def test_a_key_is_added_by_touching_the_files_the_page_names(checkout: Path) -> None:
    steps = section("Add a key of the register")
    table, properties, schema, formats = files_named(steps)
    before = contents(checkout)
    path = checkout / table
    text = path.read_text(encoding="utf-8").rstrip()
    assert text.endswith("\n    )\n)")
    path.write_text(
        f"{text.removesuffix('    )' + chr(10) + ')')}        {code(steps, 'python').strip()}\n    )\n)\n",
        encoding="utf-8",
    )
    with (checkout / properties).open("a", encoding="utf-8") as file:
        file.write(code(steps, "yaml"))
    made = run(checkout, "scripts/generate_reference")
    assert made.stdout.splitlines() == [f"written: {schema}"], made.stderr
    changed = {name for name, content in contents(checkout).items() if before.get(name) != content}
    assert changed | {formats} == set(files_named(steps))

    (stated,) = re.findall(r"may state it: `(.+)`", steps)
    replace(checkout / "ingestion_recipes/systems/dangan.yml", "\nname: ", f"\n{stated}\nname: ")
    catalog = ["-m", "campus_catalog", "--target", "lite:catalog.db"]
    for arguments in (["validate"], ["apply", "--yes"]):
        done = run(checkout, *catalog, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    shown = run(checkout, *catalog, "show", "urn:li:application:dangan").stdout
    value = stated.partition(": ")[2]
    assert "保存期限" in shown and value in shown, shown


@pytest.mark.parametrize("title", re.findall(r"^## (Add .+)$", TEXT, re.MULTILINE))
def test_every_file_a_list_names_is_there(title: str) -> None:
    named = [name for name in files_named(section(title)) if "NAME" not in name]
    assert named or title == "Add a problem code"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_the_page_names_is_there() -> None:
    scripts = set(re.findall(r"`(?:\./|\.venv/bin/python )(scripts/\w+)", TEXT))
    assert scripts >= {"scripts/demo", "scripts/test", "scripts/check"}
    assert [name for name in sorted(scripts) if not (ROOT / name).exists()] == []
