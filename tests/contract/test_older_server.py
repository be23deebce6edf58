"""``apply`` to a DataHub server older than this package: what it does not know is left out by name, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.standin import Standin
from tests.support.compare import local, stored, unordered
from tests.support.content import campus
from tests.support.planning import COURSE, new_school


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


def test_what_an_older_server_does_not_know_is_skipped_by_name(school: Path, gms: Standin) -> None:
    gms.lacking = {"application", "applications", "structuredProperties"}
    done = campus("apply", home=school, target=gms.url)
    assert done.returncode == 0, done.stderr
    for kind in ("applicationProperties of application (3)", "applications of dataset (7)",
                 "structuredProperties of dataset"):  # fmt: skip
        assert f"warning: {gms.url} does not know {kind}" in done.stderr
    assert gms.rejected == [] and gms.store.urns("application") == []
    assert gms.store.get(COURSE, "ownership") and not gms.store.get(COURSE, "structuredProperties")
    assert "nothing to change" in campus("apply", home=school, target=gms.url).stdout

    gms.lacking = set()  # it is updated
    done = campus("apply", home=school, target=gms.url)
    assert " to add, 0 to change, 0 to remove" in done.stdout
    assert unordered(stored(gms)) == unordered(local(school))


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_strict_refuses_what_an_older_server_does_not_know(command: str, school: Path, gms: Standin) -> None:
    gms.lacking = {"application"}
    done = campus(command, "--strict", home=school, target=gms.url)
    assert done.returncode == 1
    assert "of application" in done.stderr and "refused because of --strict" in done.stderr
    assert not gms.writes()


def test_a_server_too_old_to_say_what_it_knows_gets_everything(school: Path, gms: Standin) -> None:
    gms.lacking = {"specifications"}
    done = campus("apply", home=school, target=gms.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert unordered(stored(gms)) == unordered(local(school))


def test_a_server_too_old_to_say_what_it_knows_refuses_by_name(school: Path, gms: Standin) -> None:
    gms.lacking = {"specifications", "structuredProperties"}
    done = campus("apply", home=school, target=gms.url)
    assert done.returncode == 1
    assert "the server refused:" in done.stderr and f"{COURSE} structuredProperties" in done.stderr
    assert gms.store.get(COURSE, "ownership") and not gms.store.get(COURSE, "structuredProperties")
