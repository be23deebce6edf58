"""Names of columns that are none: a row of data taken for them, in any source, and which row of a sheet names them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from campus_catalog.sources.columns import kind_of_value, no_names
from campus_catalog.sources.excel import header_row

VALUES = [
    "11010119900307457X", "110101900307035", "13900010003", "+86 13900010003", "010-62345678", "6222021234567890123",
    "2023003", "2023003_1", "S2023001", "E12345678", "a@b.edu.cn", "京A12345", "192.168.1.1", "00:1b:44:11:3a:b7",
    "d41d8cd98f00b204e9800998ecf8427e", "550e8400-e29b-41d4-a716-446655440000", "https://example.edu.cn/1",
    "1999-01-01", "1999/1/1", "1999年1月1日",
    "19990101", "2023-09-01 08:00:00", "08:00", "2023", "3.14", "1,200.00", "85%", "¥12.00",
    "True", "１３９０００１０００３", "139\u200b00010003",
]  # fmt: skip
NAMES = [
    "xh", "学号", "身份证号", "手机号1", "id2", "col_1", "Unnamed_3", "md5", "sha256",
    "utf8mb4", "addr1", "学生2023", "C1", "第1题", "1班", "iso8859_1", "x" * 40, "birth_date",
    "t2", "a.b", "is_true", "ip", "序号", "出生日期", "电话（家庭）",
]  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_no_name(name: str) -> None:
    assert kind_of_value(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_value(name: str) -> None:
    assert kind_of_value(name) is None


@pytest.mark.parametrize(
    ("names", "out"),
    [
        (["2023003", "丙某", "男"], "all"),
        (["丙某", "13900010003", "汉族", "团员", "计算机系"], "all"),
        (["1", "2", "姓名"], "all"),
        (["学号", "姓名", "2023-09-01"], ["2023-09-01"]),
        (["学院", "2021", "2022", "2023"], []),
        (["学号", "2023-09-01", "2023-09-02", "2023-09-03"], []),
        (["甲某", "1999-01-01", "2018-09-01", "2022-07-01"], "all"),
        (["A010101", "A010102", "A010103", "学院"], []),
        (["xh", "xm", "x" * 33], []),
        ([], []),
    ],
)
def test_of_a_row_of_data_no_column_is_left(names: list[str], out: Any) -> None:
    assert no_names(names) == set(names if out == "all" else out)


N = None
BORN = datetime(1999, 1, 1, tzinfo=timezone.utc)
SHEETS: dict[str, tuple[list[list[Any]], int | None]] = {
    "names first": ([["学号", "姓名", "身份证号"], ["2023001", "甲某", "11010119900307457X"], ["2023002", N, N]], 0),
    "a title and a unit above": (
        [["学生名单", N, N], ["单位：", "教务处", N], ["学号", "姓名", "等级"], ["1", "甲", 1]],
        2,
    ),
    "groups above": ([["基本信息", N, "联系方式", N, N], ["学号", "姓名", "手机", "邮箱", "备注"], list("abcde")], 1),
    "blank rows above": ([[N, N], ["学号", "姓名"], ["1", "甲"]], 1),
    "texts only": ([["姓名", "部门"], ["甲某", "教务处"], ["乙某", "学工处"]], 0),
    "names only": ([["姓名", "部门"]], 0),
    "names on every page": ([["姓名", "部门"], ["甲某", "教务处"], ["姓名", "部门"], ["乙某", "学工处"]], 0),
    "years": ([["学院", 2021, 2022, 2023, "合计"], ["甲", 1, 2, 3, 6]], 0),
    "data first": ([["2023001", "甲某", "男"], ["2023002", "乙某", "女"]], None),
    "data without a number": ([["甲某", "男", "汉族"], ["乙某", "女", "汉族"]], None),
    "data with a day": ([["甲某", BORN, "男"], ["乙某", BORN + timedelta(1), "女"]], None),
    "numbers": ([[1, 2, 3], [4, 5, 6]], None),
    "addresses": ([["a@b.cn", "甲"], ["c@d.cn", "乙"]], None),
    "a title above data": ([["名单", N, N], ["2023001", "甲某", "男"], ["2023002", "乙某", "女"]], None),
    "nothing": ([], None),
}


@pytest.mark.parametrize("name", SHEETS)
def test_the_row_that_names_the_columns(name: str) -> None:
    rows, expected = SHEETS[name]
    assert header_row(rows) == expected


def test_what_the_workbook_says_itself_comes_first() -> None:
    rows = [["甲", "乙"], ["学号", "姓名"], ["1", "丙某"]]
    assert header_row(rows) == 0 and header_row(rows, said=1) == 1
