"""Content shared by the unit tests, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from campus_catalog.regulation.loader import Regulation, load_regulation
from tests.support.content import OTHER_SCHOOL, ROOT, campus, new_home


@pytest.fixture(scope="session")
def regulation() -> Regulation:
    """The regulation of the repository's own content. Do not change it."""
    return load_regulation(ROOT)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A content folder with the repository's glossary and no systems."""
    return new_home(tmp_path / "home")


@pytest.fixture(scope="session")
def other_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A metadata file holding the other school's taxonomy and register. Do not change it."""
    path = tmp_path_factory.mktemp("other") / "catalog.json"
    home = new_home(path.parent / "home", OTHER_SCHOOL)
    for system in (OTHER_SCHOOL / "ingestion_recipes" / "systems").glob("*.yml"):
        (home / "ingestion_recipes" / "systems" / system.name).write_bytes(system.read_bytes())
    done = campus("ingest", home=home, target=f"file:{path}")
    assert done.returncode == 0, done.stdout + done.stderr
    return path
