"""How ``access matrix`` is printed: tables that fit the terminal, and a file that opens in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from campus_catalog.cli.output import console
from campus_catalog.content.printable import printable

if TYPE_CHECKING:
    from campus_catalog.access.matrix import Cell
    from campus_catalog.catalog.snapshot import Snapshot

#: widths of a unit's column, and of what stands between two columns
_UNIT, _GAP = 2, 1


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Names by which things can be told apart.

    Args:
        names: urn -> name.

    Returns:
        urn -> name; where several bear the same, with the physical name, and where that is the same too, the urn.
    """
    from campus_catalog.catalog.snapshot import physical_name

    told = dict(names)
    for longer in ({urn: physical_name(urn) for urn in names}, {urn: urn for urn in names}):
        count = Counter(told.values())
        told = {urn: f"{names[urn]}（{longer[urn]}）" if count[name] > 1 else name for urn, name in told.items()}
    return told


def print_csv(cells: Sequence[Cell], snapshot: Snapshot) -> None:
    """Print a row per operation and dataset, a column per unit; the byte order mark tells Excel that it is UTF-8.

    Args:
        cells: what to print.
        snapshot: knows names, subsets, units and classes.
    """
    units, lines, told = _arrange(cells, snapshot)
    text = io.StringIO()
    out = csv.writer(text)
    head = ["权限", "数据集", "urn", "数据子集", "责任单位", "共享方式"]
    out.writerow([*head, *(_cell(snapshot.name(unit)) for unit in units)])
    for title, marks in lines.items():
        for urn, row in marks.items():
            hit = snapshot.hit(urn, 0, "")
            facts = [hit.subset or "", hit.unit or "", "、".join(hit.sharing)]
            out.writerow([title, *map(_cell, [told[urn], urn, *facts]), *(row[unit] for unit in units)])
    click.echo(text.getvalue().encode("utf-8-sig"), nl=False)


def _cell(text: str) -> str:
    """A name as a spreadsheet takes it for text: one that begins like a formula would be computed."""
    return f"'{printable(text)}" if text.startswith(("=", "+", "-", "@")) else printable(text)


def print_tables(cells: Sequence[Cell], snapshot: Snapshot) -> None:
    """Print a table per operation; on a narrow terminal several, each with the names of the datasets.

    Args:
        cells: what to print.
        snapshot: knows names and classes.
    """
    out = console()
    for rows in tables(cells, snapshot, out.width):
        out.print(rows)


def tables(cells: Sequence[Cell], snapshot: Snapshot, width: int) -> Iterator[Any]:
    """The tables of ``print_tables``.

    Args:
        cells: what to print.
        snapshot: knows names and classes.
        width: of the terminal.

    Yields:
        Rich tables no wider than that.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table

    units, lines, told = _arrange(cells, snapshot)
    told = {urn: printable(name) for urn, name in told.items()}
    sharing = {urn: printable("、".join(snapshot.hit(urn, 0, "").sharing).replace("共享方式：", "")) for urn in told}
    names = min(max(map(cell_len, ["数据集", *told.values()])), width // 3)
    classes = min(max(map(cell_len, ["共享方式", *sharing.values()])), width // 6)
    fit = max(1, (width - names - classes - 3 * _GAP) // (_UNIT + _GAP))
    for title, marks in lines.items():
        for start in range(0, len(units), fit):
            head = f"{title}  ● 全体成员  ○ 只有部分岗位"
            rows = Table(title=head, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
            rows.add_column("数据集", width=names, overflow="fold")
            rows.add_column("共享方式", width=classes, overflow="fold")
            for unit in units[start : start + fit]:
                rows.add_column(printable(snapshot.name(unit)), width=_UNIT, overflow="fold")
            for urn, row in marks.items():
                rows.add_row(told[urn], sharing[urn], *(row[unit] for unit in units[start : start + fit]))
            yield rows


def _arrange(
    cells: Sequence[Cell], snapshot: Snapshot
) -> tuple[list[str], dict[str, dict[str, dict[str, str]]], dict[str, str]]:
    """The units; per operation and dataset the marks by unit; and the datasets' names."""
    units = list(dict.fromkeys(cell.unit for cell in cells))
    lines: dict[str, dict[str, dict[str, str]]] = {}
    for cell in cells:
        lines.setdefault(cell.operation.title, {}).setdefault(cell.dataset, {})[cell.unit] = cell.mark
    return units, lines, told_apart({cell.dataset: snapshot.name(cell.dataset) for cell in cells})
