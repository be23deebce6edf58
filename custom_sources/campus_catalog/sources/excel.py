"""What this project changes on DataHub's Excel source: which row names the columns, and what the other cells become.

DataHub 1.7 guesses the row by a score that prefers rows followed by numbers, so that a row of data may name the
columns; and an empty sheet ends the reading of all workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
from datahub.ingestion.source.excel import source as stock_source
from datahub.ingestion.source.excel.excel_file import ExcelFile, ExcelTable

from campus_catalog.sources.columns import no_names

Row = Sequence[Any]
#: where the cells beside a table are put for the gate to judge; they are not passed on (``aspects.live.keep_workbook``)
CELLS = "cells"
#: so many rows are looked at for the names of columns, and so many below them for data
_TOP, _BELOW = 50, 200
#: a row that names columns fills so much of the table's width
_FILLED = 0.75
#: fewer cells than these are a title, a marking or a remark
_FEW = 2
_REFERENCE = re.compile(r"\$?[A-Z]+\$?([0-9]+)")


def read_sheets() -> None:
    """Make DataHub's Excel source read its workbooks as below."""
    setattr(stock_source, "ExcelFile", _Workbook)  # noqa: B010  the module imports the class by name


class _Workbook(ExcelFile):
    """A workbook; a sheet that cannot be read does not keep the others from being read."""

    def get_tables(self, active_only: bool | None = False) -> Iterator[ExcelTable]:
        """Every sheet with anything in it."""
        for name in [self.active_sheet] if active_only else self.sheet_list:
            place = f"[{self.filename}]{name}"
            try:
                table = self.get_table(name)
            except Exception as error:  # its text may quote a cell
                self.report.warning(message="Error processing table", context=f"{place} ({type(error).__name__})")
                continue
            if table is not None:
                yield table
                continue
            self.report.report_worksheet_dropped(name)
            self.report.warning(message="Worksheet is empty", context=place)

    def get_table(self, sheet_name: str) -> ExcelTable | None:
        """A sheet as a table; None when it is empty, or a chart."""
        sheet = self.wb[sheet_name]
        rows = [[cell.value for cell in row] for row in sheet.rows] if hasattr(sheet, "rows") else []
        if not any(map(_filled, rows)):
            return None
        self._header = header_row(rows, _said(sheet))
        if self._header is None:
            message = "The first row looks like data, so the sheet is registered without columns"
            self.report.warning(message=message, context=f"[{self.filename}]{sheet_name}")
            beside = [row for row in rows[:_TOP] if len(_filled(row)) <= _FEW]
            metadata = {**self.properties, CELLS: _text(beside)}
            return ExcelTable(pd.DataFrame(), 0, len(rows), len(rows), 0, metadata, sheet.title.strip())
        table = super().get_table(sheet_name)
        assert table is not None
        below = [row for row in rows[table.footer_row :] if len(_filled(row)) <= _FEW]
        table.metadata[CELLS] = _text([*rows[: self._header], *below])
        return table

    def find_header_row(self, rows: list[list[Any]]) -> int | None:
        """The row found before."""
        return self._header

    @staticmethod
    def extract_metadata(rows: list[list[Any]]) -> dict[str, Any]:
        """Nothing: cells beside the table are data."""
        return {}


def header_row(rows: Sequence[Row], said: int | None = None) -> int | None:
    """The row that names the columns.

    Args:
        rows: the cells of a sheet.
        said: the row the workbook itself says, by a filter, a table or a frozen pane.

    Returns:
        Its index, or None when the table begins with a row of data.
    """
    width = max((len(_filled(row)) for row in rows[:_BELOW]), default=0)
    candidates = [said] if said is not None and said < len(rows) and _filled(rows[said]) else []
    for index, row in enumerate(rows[:_TOP]):
        cells = [str(cell).rstrip() for cell in _filled(row)]
        if len(cells) >= max(1, width * _FILLED) and not any(cell.endswith((":", "：")) for cell in cells):
            candidates.append(index)
            break
    return next((index for index in candidates if _names(rows[index], rows[index + 1 : index + 1 + _BELOW])), None)


def _names(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row names columns: its cells are no values, and none of them comes again in its column."""
    if no_names(str(cell).strip() for cell in _filled(row)):
        return False
    others = [other for other in below if list(other) != list(row)]  # names may be printed on every page
    return not any(
        isinstance(cell, str) and cell.strip() and any(_at(other, place) == cell.strip() for other in others)
        for place, cell in enumerate(row)
    )


def _at(row: Row, place: int) -> str:
    return str(row[place]).strip() if place < len(row) else ""


def _said(sheet: Any) -> int | None:
    """The row a sheet's table, filter or frozen pane begins with or ends at."""
    for table in sheet.tables.values():
        return _row_of(table.ref)
    if sheet.auto_filter.ref:
        return _row_of(sheet.auto_filter.ref)
    if sheet.freeze_panes:
        frozen = _row_of(sheet.freeze_panes)
        return frozen - 1 if frozen else None
    return None


def _row_of(reference: str) -> int | None:
    found = _REFERENCE.match(reference)
    return int(found[1]) - 1 if found else None


def _filled(row: Row) -> list[Any]:
    return [cell for cell in row if cell is not None and str(cell).strip()]


def _text(rows: Sequence[Row]) -> str:
    return "\n".join(str(cell) for row in rows for cell in _filled(row))
