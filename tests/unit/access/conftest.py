"""The school's own content, its world and its policies, read once."""

from __future__ import annotations

import pytest

from campus_catalog.access.loader import Access
from campus_catalog.access.world import World
from campus_catalog.register.systems import Register
from campus_catalog.school import School
from tests.support.content import ROOT

SCHOOL = School(ROOT)


@pytest.fixture(scope="session")
def register() -> Register:
    """The repository's own register. Do not change it."""
    register = SCHOOL.register
    assert register is not None
    return register


@pytest.fixture(scope="session")
def world() -> World:
    """The world of the repository's own content. Do not change it."""
    return SCHOOL.world


@pytest.fixture(scope="session")
def access() -> Access:
    """The repository's own policies. Do not change them."""
    access = SCHOOL.access
    assert access is not None
    return access
