"""Workbooks as people make them: titles, remarks, no names of columns, empty sheets, charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from tests.support.live import School

SYSTEM = {
    "id": "xl",
    "name": "工作簿",
    "platform": "excel",
    "connected": True,
    "subset": "学生管理子集",
    "unit": "学工处",
    "persons": ["学工处数据管理员"],
    "sharing": {"scope": "校内各单位", "purpose": "学生教育管理"},
}
DATA: list[list[Any]] = [
    ["2023001", "甲某", "11010119900307457X"],
    ["2023002", "乙某", None],
    ["2023003", "丙某", "110101199003070353"],
    ["2023004", "丁某", "110101199003071137"],
]
NAMES: list[Any] = ["学号", "姓名", "身份证号"]


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = School(tmp_path)
    school.declare(SYSTEM)
    school.connect("xl", {"type": "excel", "config": {"path_list": ["data/*.xlsx"]}})
    return school


def save(school: School, sheets: dict[str, list[list[Any]]], author: str = "甲某") -> None:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.properties.creator, book.properties.title = author, "名册"
    (school.home / "data").mkdir(exist_ok=True)
    book.save(school.home / "data" / "f.xlsx")


def ingest(school: School) -> tuple[int, str, dict[str, list[str]]]:
    done = school.campus("ingest", "xl")
    found = {
        urn.partition("]")[2].split(",")[0]: [field["fieldPath"] for field in aspects["schemaMetadata"]["fields"]]
        for urn, aspects in school.catalog().items()
        if urn.startswith("urn:li:dataset:")
    }
    return done.code, done.output, found


def written(school: School) -> str:
    return (school.home / "out.json").read_text(encoding="utf-8")


def test_the_first_row_names_the_columns_and_no_row_of_data_does(school: School) -> None:
    save(school, {"学生": [NAMES, *DATA], "有标题": [["学生名单"], ["制表：", "戊某"], NAMES, *DATA]})
    code, output, found = ingest(school)
    assert code == 0, output
    assert found == {"学生": NAMES, "有标题": NAMES}


def test_a_sheet_that_begins_with_data_has_no_columns_and_is_said(school: School) -> None:
    save(school, {"无表头": DATA, "好": [NAMES, *DATA]})
    code, output, found = ingest(school)
    assert code == 0, output
    assert found == {"无表头": [], "好": NAMES}
    assert "registered without columns: [f]无表头" in output
    assert not [value for row in DATA for value in row if value and value in written(school) + output + school.log]


def test_no_cell_and_no_author_is_a_property(school: School) -> None:
    save(school, {"学生": [["制表人", "戊某"], NAMES, *DATA, ["合计", "己某"]]}, author="庚某")
    code, output, _ = ingest(school)
    assert code == 0, output
    assert "名册" in written(school)
    assert not [name for name in ("戊某", "己某", "庚某", "制表人") if name in written(school)]


def test_a_marking_above_the_table_refuses_the_sheet(school: School) -> None:
    save(school, {"甲": [["机密★10年"], NAMES, *DATA], "乙": [NAMES, *DATA], "丙": [["绝密"], *DATA]})
    code, output, found = ingest(school)
    assert code == 1 and found == {"乙": NAMES}
    for sheet, word in (("甲", "机密"), ("丙", "绝密")):
        assert f"data/[f.xlsx]{sheet} ({word}: custom property)" in output
    assert "机密" not in written(school) and "绝密" not in written(school)


def test_an_empty_sheet_a_chart_and_one_that_cannot_be_read_leave_the_others(school: School) -> None:
    book = Workbook()
    book.active.title = "空"
    good = book.create_sheet("好")
    for row in [NAMES, *DATA]:
        good.append(row)
    book.create_chartsheet("图").add_chart(BarChart())
    (school.home / "data").mkdir()
    book.save(school.home / "data" / "f.xlsx")
    code, output, found = ingest(school)
    assert code == 0 and found == {"好": NAMES}, output
    assert "Worksheet is empty: [f]空; [f]图" in output
