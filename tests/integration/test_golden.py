"""What reaches DataHub for a small school, to the letter.

The school is tests/other_school; of its systems one is live, in SQLite.
After a wanted change: CAMPUS_UPDATE_GOLDEN=1 ./scripts/test
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import ROOT, School, connect

GOLDEN = ROOT / "tests" / "golden"
OTHER = ROOT / "tests" / "other_school"
TABLES = """
CREATE TABLE ins_device (device_no varchar(20) NOT NULL PRIMARY KEY, title varchar(80) NOT NULL, price numeric(12, 2));
CREATE TABLE ins_booking (
    id integer NOT NULL PRIMARY KEY, device_no varchar(20), starts timestamp, paid boolean,
    CONSTRAINT fk_booking_device FOREIGN KEY (device_no) REFERENCES ins_device (device_no)
);
CREATE TABLE scratch (note text);
"""


def records(path: Path) -> list[Any]:
    """The records of a metadata file, in an order of their own: theirs is not part of what is promised."""
    return sorted(json.loads(path.read_text(encoding="utf-8")), key=lambda r: (r["entityUrn"], r["aspectName"]))


@pytest.mark.parametrize("recipe", ["taxonomy", "register", "instruments"])
def test_what_reaches_datahub_is_what_it_was(recipe: str, tmp_path: Path) -> None:
    school = School(tmp_path, OTHER / "glossary")
    for path in (OTHER / "ingestion_recipes").rglob("*.yml"):
        copy = tmp_path / path.relative_to(OTHER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    connect(tmp_path / "instruments.db", TABLES)

    result = school.campus("ingest", recipe, SHILI_INSTRUMENTS_URI="sqlite:///instruments.db")
    assert result.code == 0, result.output
    found = records(tmp_path / "out.json")

    golden = GOLDEN / f"{recipe}.json"
    if os.environ.get("CAMPUS_UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    expected = records(golden)
    assert [(r["entityUrn"], r["aspectName"]) for r in found] == [(r["entityUrn"], r["aspectName"]) for r in expected]
    for record, wanted in zip(found, expected, strict=True):
        assert record == wanted


def test_no_clock_is_in_it() -> None:
    def times(value: Any) -> list[Any]:
        if isinstance(value, dict):
            found = [value["time"]] if "time" in value else []
            return found + [time for part in value.values() for time in times(part)]
        return [time for part in value for time in times(part)] if isinstance(value, list) else []

    files = sorted(GOLDEN.glob("*.json"))
    assert [path.stem for path in files] == ["instruments", "register", "taxonomy"]
    for path in files:
        assert set(times(records(path))) <= {0}, path.name
