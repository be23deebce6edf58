"""Whatever crosses a room is documented: parameters, what comes back, what is raised; and every key of content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.content import ROOT
from tests.support.docstrings import Code

SCHEMAS = sorted((ROOT / "docs" / "reference" / "schemas").iterdir())
CODE = Code.of(ROOT / "custom_sources" / "campus_catalog")
#: what one room uses of another, and the plugins, which DataHub calls
CROSSING = list({str(one): one for one in [*CODE.crossing(), *CODE.public_classes("sources")]}.values())


@pytest.mark.parametrize("room", sorted({one.room for one in CROSSING}))
def test_what_crosses_a_room_says_what_it_takes_returns_and_raises(room: str) -> None:
    assert [fault for one in CROSSING if one.room == room for fault in CODE.faults(one)] == []


def test_docstrings_name_nothing_that_is_not_there() -> None:
    assert [fault for one in CODE.everything() for fault in CODE.stale(one)] == []


# the measure itself

FUNCTION = '''
def pour(bottle, glasses=1) -> int:
    """Pour.{}
    """
    if not bottle:
        raise ValueError("empty")
    return glasses
'''
SECTIONS = """

    Args:
        bottle: an open one.
        glasses: how many.

    Returns:
        How many are full.

    Raises:
        ValueError: the bottle is empty."""


def house(wine: str, kitchen: str = "from house.cellar.wine import pour") -> Code:
    return Code({"house.cellar.wine": wine, "house.kitchen": kitchen})


def said(code: Code) -> list[str]:
    return [fault.split(" ", 1)[1] for one in code.crossing() for fault in code.faults(one)]


def test_a_whole_docstring_has_no_fault() -> None:
    assert said(house(FUNCTION.format(SECTIONS))) == []


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ("        glasses: how many.\n", "", "pour: Args does not say glasses"),
        ("        How many are full.\n", "", "pour: no Returns"),
        ("        ValueError: the bottle is empty.", "", "pour: Raises does not say ValueError"),
    ],
)
def test_a_gap_is_a_fault(line: str, instead: str, fault: str) -> None:
    assert line in SECTIONS
    assert said(house(FUNCTION.format(SECTIONS.replace(line, instead)))) == [fault]


def test_what_nobody_else_uses_is_not_looked_at() -> None:
    assert said(house(FUNCTION.format(""), kitchen="")) == []


@pytest.mark.parametrize(
    "kitchen",
    [
        "from house.cellar import wine\nwine.pour(1)",
        "def cook():\n    from house.cellar.wine import pour as fill",
        "from house.cellar.bar import pour",
    ],
)
def test_every_way_to_use_a_function_counts(kitchen: str) -> None:
    sources = {"house.cellar.wine": FUNCTION.format(""), "house.cellar.bar": "from house.cellar.wine import pour"}
    assert len(said(Code({**sources, "house.kitchen": kitchen}))) == 4


CLASSES = '''
class Cask:
    """A cask."""

    def tap(self, litres) -> int:
        """Tap it."""

class Barrel(Cask):
    """A barrel.{}"""

    def __init__(self, wood):
        self.wood = wood

    @property
    def age(self) -> int:
        """Years."""

    def roll(self) -> None:
        """Roll it."""
'''
CLASS_USED = "from house.cellar.wine import Barrel"


def test_of_a_class_methods_count_inherited_ones_too_and_its_constructor() -> None:
    wanted = ["Barrel.__init__: Args does not say wood", "Cask.tap: Args does not say litres", "Cask.tap: no Returns"]
    assert sorted(said(house(CLASSES.format(""), CLASS_USED))) == wanted
    documented = CLASSES.format("\n\n    Args:\n        wood: its wood.\n    ")
    assert sorted(said(house(documented, CLASS_USED))) == wanted[1:]


@pytest.mark.parametrize(
    ("body", "raised"),
    [
        ("raise OSError('x')", ["OSError"]),
        ("raise", []),
        ("raise error", []),
        ("try:\n        raise OSError\n    except OSError:\n        pass", []),
        ("try:\n        pass\n    except OSError as error:\n        raise KeyError from error", ["KeyError"]),
        ("raise made()", ["KeyError"]),
        ("problems.raise_any()", ["ContentError"]),
        ("def inner():\n        raise OSError", []),
    ],
)
def test_raised_is_what_leaves_the_function(body: str, raised: list[str]) -> None:
    code = Code({"house.cellar": f"def f():\n    {body}\ndef made() -> KeyError: ..."})
    assert code.raised(next(code.everything())) == raised


def test_see_leads_to_a_documented_method() -> None:
    wine = '''
class Vessel:
    """Anything."""
    def fill(self, litres):
        """Fill it.{}"""

class Jug(Vessel):
    """A jug."""
    def fill(self, litres):
        """See Vessel."""
    def empty(self):
        """See Vessel."""
'''
    used = "from house.cellar.wine import Jug"
    sections = "\n\n        Args:\n            litres: how many.\n        "
    assert said(house(wine.format(sections), used)) == ["Jug.empty: there is no Vessel.empty to see"]
    assert "Vessel.fill: Args does not say litres" in said(house(wine.format(""), used))


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("Args:\n        cork: what is not there.", "there is no parameter cork"),
        ("Raises:\n        CorkError: what is no error.", "there is no error CorkError"),
        ("Args:\n        bottle, without a colon", "cannot be read: bottle, without a colon"),
        ("Args:\n        bottle: goes on\n            in a second line: this one.", None),
    ],
)
def test_what_is_not_there_is_stale(section: str, fault: str | None) -> None:
    code = house(FUNCTION.format(f"\n\n    {section}"))
    found = [text.split(" ", 2)[2] for one in code.everything() for text in code.stale(one)]
    assert found == ([fault] if fault else [])


def test_an_attribute_that_is_not_there_is_stale() -> None:
    code = house(
        CLASSES.format("\n\n    Attributes:\n        wood: its wood.\n        age: a property.\n        rim: no.\n    ")
    )
    assert [text.split(" ", 2)[2] for one in code.everything() for text in code.stale(one)] == [
        "there is no attribute rim"
    ]


# schemas


def properties(schema: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a JSON Schema, with the path that leads to it."""
    if isinstance(schema, dict):
        named = schema.get("properties")
        if isinstance(named, dict):
            yield from ((f"{place}/{key}", value) for key, value in named.items())
        for key, value in schema.items():
            yield from properties(value, f"{place}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from properties(value, f"{place}/{index}")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_key_of_content_says_what_to_write_there(path: Path) -> None:
    found = list(properties(json.loads(path.read_text(encoding="utf-8"))))
    assert found
    assert [place for place, schema in found if not schema.get("description")] == []
