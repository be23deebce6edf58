"""Where content lies is said once, in content/layout.py, and what lies elsewhere below the tops is not lost."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campus_catalog.catalog.target import parse_target
from campus_catalog.content import layout
from campus_catalog.content.layout import KINDS, SYSTEMS, TOPS, Kind, content_files, kind_of
from campus_catalog.content.problems import ContentError
from campus_catalog.home.pack import pack
from campus_catalog.migration.revisions import exported
from campus_catalog.migration.stage import copy_content
from campus_catalog.schedule.current import CurrentSchedule
from campus_catalog.school import School
from tests.support.content import OTHER_SCHOOL, ROOT, campus, replace, whole_home, write
from tests.support.scheduling import schedule

#: in a folder that is in no table
UNLISTED = "policies/applications/2026/x.yml"
NEITHER = ("policies/.applications/x.yml", "policies/access/.10-datahub.yml", "glossary/.terms.yml.swp",
           "glossary/notes.txt", "policies/applications/x.yaml", ".catalog/x.yml", "docs/x.yml")  # fmt: skip


def names(home: Path, files: list[Path]) -> set[str]:
    return {path.relative_to(home).as_posix() for path in files}


@pytest.fixture
def full(home: Path) -> Path:
    """A home with a schedule, and with files in places nobody has listed."""
    schedule(home, {"id": "register", "recipe": "register"})
    for name in (UNLISTED, *NEITHER):
        write(home / name, "of: nobody\n")
    return home


# -- a folder nobody listed ------------------------------------------------------------------------------------------


def packed(home: Path, folder: Path) -> set[str]:
    listed = zipfile.ZipFile(pack(home, folder)).namelist()
    return {name.split("/", 1)[1] for name in listed if ".dist-info/" not in name and not name.endswith("__init__.py")}


def staged(home: Path, folder: Path) -> set[str]:
    copy_content(home, folder)
    return names(folder, [path for path in folder.rglob("*") if path.is_file()])


@pytest.mark.parametrize("carried", [packed, staged])
def test_all_content_is_carried_and_nothing_else(
    full: Path, tmp_path: Path, carried: Callable[[Path, Path], set[str]]
) -> None:
    found = carried(full, tmp_path / "carried")
    assert UNLISTED in found and not found & {*NEITHER}
    assert found == names(full, content_files(full))


def test_it_is_in_a_git_revision(full: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "content"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.edu", *words], cwd=full, check=True)
    (full / UNLISTED).unlink()
    with exported(full, "HEAD") as then:
        assert (then / UNLISTED).is_file()


def test_it_is_watched(full: Path) -> None:
    current = CurrentSchedule(full, ())
    assert not current.refresh()
    for name in NEITHER:
        write(full / name, "of: nobody still\n")
    assert not current.refresh()
    write(full / UNLISTED, "of: somebody\n")
    assert current.refresh() and not current.refresh()
    (full / UNLISTED).unlink()
    assert current.refresh()


# -- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("home", [ROOT, OTHER_SCHOOL], ids=["ours", "theirs"])
def test_every_file_of_the_content_we_ship_is_of_one_kind(home: Path) -> None:
    for path in content_files(home):
        assert [kind for kind in KINDS if kind.holds(path.relative_to(home))] == [kind_of(path.relative_to(home))]
    found = [path for kind in KINDS for path in kind.files(home)]
    assert sorted(found) == content_files(home)


@pytest.mark.parametrize("name", [UNLISTED, *NEITHER])
def test_a_file_nobody_reads_is_of_no_kind(full: Path, name: str) -> None:
    assert (full / name).is_file() and kind_of(Path(name)) is None
    assert full / name not in [path for kind in KINDS for path in kind.files(full)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.place)
def test_content_without_what_is_required_has_a_fault_and_without_the_rest_has_none(tmp_path: Path, kind: Kind) -> None:
    home = whole_home(tmp_path)
    for path in kind.files(home):
        path.unlink()
    missing = [problem.file for problem in School(home).problems if problem.code == "missing-file"]
    assert missing == ([kind.place] if kind.required else [])


# -- what nobody reads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"{SYSTEMS.place}/q.yaml", "请改名为「q.yml」"),
        (f"{SYSTEMS.place}/q.YML", "请改名为「q.yml」"),
        ("policies/invariants.yaml", "请改名为「invariants.yml」"),
        ("policies/access/x.Yaml", "请改名为「x.yml」"),
        ("policies/invariant.yml", "是否应为「invariants.yml」"),
        ("ingestion_recipes/schedule/schedules.yml", "是否应为「schedule.yml」"),
        ("glossary/domain.yml", "是否应为「domains.yml」"),
        (f"{SYSTEMS.place}/q.yml.txt", "docs/formats.md"),
        (f"{SYSTEMS.place}/old/q.yml", "docs/formats.md"),
        (f"{SYSTEMS.place}/q.xlsx", "docs/formats.md"),
        (UNLISTED, "docs/formats.md"),
    ],
)
def test_a_file_nobody_reads_is_named_and_nothing_is_written(home: Path, name: str, said: str) -> None:
    assert School(home).problems == []
    write(home / name, "of: nobody\n")
    (problem,) = School(home).problems
    assert (problem.file, problem.code) == (name, "unread-file") and said in problem.message
    assert School(home).problems_of_run([]) == [problem]
    with pytest.raises(ContentError, match="unread-file"):
        School(home).plan(parse_target("file:c.json", home))


def test_notes_and_what_a_recipe_names_are_no_content(home: Path) -> None:
    for name in ("glossary/README.md", "policies/access/.x.yml", "ingestion_recipes/ca.pem", "policies/Thumbs.db"):
        write(home / name, "of: nobody\n")
    config = {"source": {"type": "file", "config": {"path": "x", "ca": "ingestion_recipes/ca.pem"}}}
    write(home / "ingestion_recipes" / "copied.yml", json.dumps(config))
    assert School(home).problems == []


def test_content_of_another_version_is_named_as_that_alone(home: Path) -> None:
    replace(home / "glossary" / "school.yml", "content_version: 2 ", "content_version: 1 ")
    write(home / SYSTEMS.place / "q.yaml", "of: nobody\n")
    assert [problem.code for problem in School(home).problems] == ["old-content"]


@pytest.mark.parametrize("command", ["validate", "ingest", "plan", "apply", "migrate", "schedule list", "schedule run"])
def test_a_folder_without_content_is_called_that_once(tmp_path: Path, command: str) -> None:
    done = campus(*command.split(), home=tmp_path)
    (line, count) = (done.stdout + done.stderr).splitlines()
    assert (done.returncode, count) == (1, "1 problem(s)")
    assert line.startswith("glossary: [no-content] ") and "--home" in line


# -- no second place -------------------------------------------------------------------------------------------------

PACKAGE = ROOT / "custom_sources" / "campus_catalog"
FILES = {kind.path.name for kind in KINDS if not kind.suffixes}
TOP_FOLDERS = {f"{top}/" for top in TOPS}
WRITTEN = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}" for name in sorted(FILES | TOP_FOLDERS)))
PARTS = {part for kind in KINDS for part in kind.path.parts}


def without_prose(tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts of a module that are neither docstring nor help."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("help", "description"):
            prose |= {id(part) for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node


def joined(tree: ast.Module) -> Iterator[ast.Constant]:
    """The texts joined to a path with /, and those a path of several begins with."""
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Path":
            parts = node.args[:1]
        yield from (part for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


@pytest.mark.parametrize(
    "path",
    # a version of the past lies where it lay
    [path for path in sorted(PACKAGE.rglob("*.py"))
     if path != Path(layout.__file__) and not re.fullmatch(r"v\d+", path.stem)],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)  # fmt: skip
def test_no_other_module_says_a_path_of_content(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = [f"{node.lineno}: {node.value!r}" for node in without_prose(tree) if WRITTEN.search(str(node.value))]
    said += [f"{node.lineno}: {node.value!r}" for node in joined(tree) if node.value in PARTS]
    assert said == [], "take it from content/layout.py"


# -- links and folders that cannot be read ---------------------------------------------------------------------------


def test_a_link_back_up_is_not_followed_and_any_other_is(full: Path) -> None:
    before = names(full, content_files(full))
    (full / "glossary" / "home").symlink_to(full)
    (full / "glossary" / "root").symlink_to("/")
    (full / "policies" / "a").mkdir()
    (full / "policies" / "a" / "b").symlink_to(full / "policies" / "applications")
    (full / "policies" / "applications" / "a").symlink_to(full / "policies" / "a")
    assert names(full, content_files(full)) == {*before, "policies/a/b/2026/x.yml"}


def test_a_folder_that_leads_out_of_the_home_is_not_packed(full: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "key.yml", "password: s3cr3t\n")
    (full / "policies" / "applications" / "2027").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentError, match="link"):
        pack(full, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("folder", ["policies/applications", SYSTEMS.place])
def test_a_folder_that_cannot_be_looked_into_is_no_empty_one(
    full: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path) == full / folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root, as which tests may run, looks into any folder
    with pytest.raises(ContentError, match=rf"{folder}: \[unreadable\]"):
        content_files(full)
    if folder == SYSTEMS.place:
        assert [problem.code for problem in School(full).problems] == ["unreadable"]
