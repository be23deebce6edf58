"""scripts/constraints.txt: what is installed here, and by continuous integration, has one version on each Python."""

from __future__ import annotations

from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.content import ROOT

PACKAGE = metadata("campus-catalog")
PYTHONS = [
    version
    for classifier in PACKAGE.get_all("Classifier") or []
    if "." in (version := classifier.removeprefix("Programming Language :: Python :: "))
]
LINES = (ROOT / "scripts" / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_the_package_says_which_pythons_it_is_for() -> None:
    assert len(PYTHONS) > 1 and all(version.startswith("3.") for version in PYTHONS)


@pytest.mark.parametrize("python", PYTHONS)
def test_each_requirement_has_one_version_that_it_allows(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    pins = [Requirement(line) for line in LINES if not line.lstrip().startswith("#")]
    for text in PACKAGE.get_all("Requires-Dist") or []:
        wanted = Requirement(text)
        extras = ["", *(PACKAGE.get_all("Provides-Extra") or [])]
        if wanted.marker and not any(wanted.marker.evaluate({**environment, "extra": extra}) for extra in extras):
            continue
        found = [
            pin for pin in pins
            if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
            and (not pin.marker or pin.marker.evaluate(environment))
        ]  # fmt: skip
        advice = "run ./scripts/refresh_constraints"
        assert len(found) == 1, f"{wanted.name} has {len(found)} versions on Python {python}; {advice}"
        (version,) = (part.version for part in found[0].specifier)
        assert wanted.specifier.contains(version, prereleases=True), f"{text} refuses {found[0]}; {advice}"
