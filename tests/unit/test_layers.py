"""Imports point one way, so that each part can be read, and replaced, without those above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.content import ROOT

PACKAGE = ROOT / "custom_sources" / "campus_catalog"
#: each layer may import those after it; those in one row do not know each other
LAYERS = [
    ("cli",), ("checkup",), ("access",), ("migration",), ("schedule",), ("catalog", "sources"), ("aspects",),
    ("register",), ("regulation",), ("content",), ("yamlfile", "faults"), ("problems",),
]  # fmt: skip
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The modules a file imports, also late."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_its_own_layer_or_lower_ones(path: Path) -> None:
    own = layer(path)
    if own == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "campus_catalog" and len(parts) > 1 and parts[1] in RANK and parts[1] != own:
            assert RANK[parts[1]] > RANK[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", [path for path in MODULES if layer(path) in ("regulation", "register")])
def test_models_do_not_know_datahub(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] == "datahub"]
