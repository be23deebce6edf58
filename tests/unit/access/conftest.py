"""The school's own content, its world and its policies, read once."""

from __future__ import annotations

import pytest

from campus_catalog.access.loader import Access, load_access
from campus_catalog.access.world import World, world_of_content
from campus_catalog.register.loader import load_content
from campus_catalog.register.systems import Register
from tests.support.content import ROOT


@pytest.fixture(scope="session")
def register() -> Register:
    """The repository's own register. Do not change it."""
    return load_content(ROOT)


@pytest.fixture(scope="session")
def world(register: Register) -> World:
    """The world of the repository's own content. Do not change it."""
    return world_of_content(register)


@pytest.fixture(scope="session")
def access(register: Register, world: World) -> Access:
    """The repository's own policies. Do not change them."""
    return load_access(register, world)
