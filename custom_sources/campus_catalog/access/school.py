"""Everything a school declares, read and checked together: glossary, register, policies and rules of access."""

from __future__ import annotations

from pathlib import Path

from campus_catalog.access.loader import Access, load_access
from campus_catalog.problems import ContentError, Problem
from campus_catalog.register.loader import Register, check_content


def check_school(home: Path) -> tuple[Register | None, Access | None, list[Problem]]:
    """Read all content, policies included.

    Returns:
        Register and access (None where faulty) and every problem, broken rules of access among them.
    """
    _, register, problems = check_content(home)
    if register is None:
        return None, None, problems
    if not (home / "policies").is_dir():
        return register, Access(home), problems
    from campus_catalog.access.invariants import check_access
    from campus_catalog.access.world import world_of_content

    world = world_of_content(register)
    try:
        access = load_access(register, world)
    except ContentError as error:
        return register, None, [*problems, *error.problems]
    return register, access, [*problems, *check_access(register, access, world)]


def load_school(home: Path) -> tuple[Register, Access]:
    """All content, sound.

    Raises:
        ContentError: with every problem.
    """
    register, access, problems = check_school(home)
    if register is None or access is None or problems:
        raise ContentError(problems)
    return register, access
