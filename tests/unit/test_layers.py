"""Imports point one way, so that each room can be read, and replaced, without those above it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.content import ROOT

PACKAGE = ROOT / "custom_sources" / "campus_catalog"
#: each room may use those below it; those in one row do not know each other (rooms of later issues stand here already)
ROWS = [
    ("__main__",),
    ("cli",),
    ("site",),
    ("compliance", "checkup"),
    ("school", "migration"),
    ("pull", "schedule"),
    ("apply", "ingest", "access"),
    ("catalog", "sources"),
    ("aspects",),
    ("workbook", "procedures"),
    ("register",),
    ("regulation", "home"),
    ("content",),
    ("secrets",),
    ("variables",),
    ("errors", "temporary"),
]
RANK = {name: rank for rank, row in enumerate(ROWS) for name in row}
MODULES = sorted(PACKAGE.rglob("*.py"))
#: a module named in a text: a plugin's path, a logger
NAMED = re.compile(r"\bcampus_catalog\.([a-z_]+)")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def uses(path: Path) -> Iterator[str]:
    """The rooms a file uses: imported, also late, or named in a text that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively; say the whole name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            names = [match[0] for match in NAMED.finditer(node.value)]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("campus_catalog."))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_its_own_room_or_those_below(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        assert not list(uses(path))
        return
    assert own in RANK, f"{own} is no room: say in ROWS where it stands, and in docs/design/decisions.md why"
    for name in uses(path):
        if name in (own, "__version__"):
            continue
        assert name in RANK, f"{own} uses {name}, which is no room"
        assert RANK[name] > RANK[own], f"{own} uses {name}, which does not stand below it"


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) in ("content", "regulation", "register")])
def test_content_is_read_without_datahub(path: Path) -> None:
    imported = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)
    ]
    assert not [node.module for node in imported if (node.module or "").split(".")[0] == "datahub"]


def test_no_two_public_classes_have_one_name() -> None:
    defined = [
        node.name
        for path in MODULES
        if room(path) != "migration"  # frozen models of a version are called as those of today
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted({name for name in defined if defined.count(name) > 1}) == []


#: what a step of the migration may use beside its own room: nothing that holds a model of today's content
SHARED = ("content", "home", "secrets", "errors", "temporary")
SHARED_MODULES = ("campus_catalog.regulation.version", "campus_catalog.schedule.cron")


@pytest.mark.parametrize("path", sorted((PACKAGE / "migration").glob("*.py")), ids=lambda path: path.stem)
def test_migration_uses_no_model_of_today(path: Path) -> None:
    """A step reads and writes content of its own versions; a change of today's models must not change it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    ours = [name for name in imported if name.split(".")[0] == "campus_catalog" and name not in SHARED_MODULES]
    assert [name for name in ours if name.split(".")[1:2] not in [[room] for room in ("migration", *SHARED)]] == []
