"""What access judges is what apply writes: the declared world and the desired aspects say the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from campus_catalog.access.world import World, world_of
from campus_catalog.apply.desired import desired_aspects
from campus_catalog.aspects.dataset import dataset_urn
from campus_catalog.catalog.snapshot import Snapshot
from campus_catalog.register.systems import Register
from campus_catalog.school import School
from tests.support.content import OTHER_SCHOOL, ROOT


def desired_world(register: Register) -> World:
    """The world of a catalog that holds just what apply would write."""
    entities: dict[str, dict[str, object]] = {}
    for item in desired_aspects(register, {}):
        entities.setdefault(item.urn, {})[item.name] = item.json
    return world_of(Snapshot(entities.items()))


@pytest.mark.parametrize("home", [ROOT, OTHER_SCHOOL], ids=["first", "other"])
def test_access_judges_the_very_entities_apply_writes(home: Path) -> None:
    school = School(home)
    register = school.register
    assert register is not None
    judged, written = school.world, desired_world(register)
    # of a connected system name and instance of a dataset are the live source's to write
    live = {dataset_urn(key) for key, entry in register.by_key.items() if entry.system.system.connected}
    assert judged.entities.keys() == written.entities.keys()
    for urn, entity in judged.entities.items():
        expected = written.entities[urn]
        assert (replace(entity, instance=None) if urn in live else entity) == expected
        assert urn in live or judged.names[urn] == written.names[urn]
    assert (judged.users, judged.group_roles) == (written.users, written.group_roles)
