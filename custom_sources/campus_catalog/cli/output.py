"""Printing: tables for people, JSON for programs, quiet in a pipe.

Everything the commands print goes through here, so that a name or comment is text and nothing else: no markup of rich,
no emoji code, no control character of a terminal.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from campus_catalog.content.printable import printable

#: cells between two columns, at both ends of a line, of a sentence that is broken into lines, of a line in a pipe
_GAP, _ENDS, _SENTENCE, _PIPE = 3, 2, 24, 200
#: in JSON every character can be written as an escape that programs read back
_ESCAPED = re.compile(r"[^ -~]")

format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Output for people or for programs.",
)


def console(least: int = 0) -> Any:
    """A rich console; in a pipe it neither colours nor cuts lines to a terminal's width.

    Args:
        least: the width that what is to be printed needs.

    Returns:
        The console, which writes to stdout.
    """
    from rich.console import Console

    plain: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
    if sys.stdout.isatty():
        return Console(**plain)
    return Console(width=max(_PIPE, least), color_system=None, **plain)


def say(line: object, style: str | None = None, err: bool = False) -> None:
    """Print one line.

    Args:
        line: what is said; an end of line inside a name is no end of this one.
        style: a colour for terminals.
        err: print it to stderr.
    """
    text = printable(str(line))
    if style is None or not sys.stdout.isatty():
        click.echo(text, err=err)
        return
    from rich.text import Text

    console().print(Text(text, style), soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as readable JSON.

    Args:
        value: what JSON knows; anything else, such as a time, is printed as text.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(_ESCAPED.sub(_json_escape, text))


def _json_escape(match: re.Match[str]) -> str:
    char = match[0]
    return char if char == "\n" or printable(char) == char else json.dumps(char)[1:-1]


class Rows:
    """A table of texts.

    Args:
        columns: their headings.
        title: stands above it.
        sentences: the columns whose cells may be broken into lines; all others are kept whole.
        spare: the columns left out where the terminal is too narrow to keep them whole, the first one first.
    """

    def __init__(
        self, *columns: str, title: str | None = None, sentences: Sequence[str] = (), spare: Sequence[str] = ()
    ):
        self._columns, self._title = columns, title and printable(title)
        self._sentences, self._spare = sentences, spare
        self._rows: list[list[str]] = []

    def add(self, *cells: str) -> None:
        """Add a row.

        Args:
            cells: one text per column; a sentence may have several lines.
        """
        self._rows.append([self._cell(*pair) for pair in zip(self._columns, cells, strict=True)])

    def _cell(self, column: str, text: str) -> str:
        return printable(text.replace("\r\n", "\n"), keep="\n") if column in self._sentences else printable(text)

    def print(self) -> None:
        """Print it as wide as the terminal allows."""
        screen = console(_total(self._least()))
        screen.print(self.fitted(screen.width))

    def fitted(self, width: int) -> Any:
        """The table for a width.

        Args:
            width: of the terminal.

        Returns:
            A rich table without the columns that there is no room for.
        """
        from rich import box
        from rich.table import Table

        least = self._least()
        for column in self._spare:
            if _total(least) > width:
                del least[self._columns.index(column)]
        whole = _total(least) <= width
        out = Table(title=self._title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for index in least:
            name = self._columns[index]
            out.add_column(name, overflow="fold", no_wrap=whole and name not in self._sentences)
        for row in self._rows:
            out.add_row(*(row[index] for index in least))
        return out

    def _least(self) -> dict[int, int]:
        """The width each column needs, by its place, so that nothing but a sentence is broken."""
        from rich.cells import cell_len

        least = {}
        for index, name in enumerate(self._columns):
            lines = [line for row in self._rows for line in row[index].split("\n")]
            width = max(map(cell_len, [name, *lines]))
            least[index] = min(width, max(cell_len(name), _SENTENCE)) if name in self._sentences else width
        return least


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1) + _ENDS


class LogFormatter(logging.Formatter):
    """A log in which names are text: further lines of a record are indented, so that none of them looks like a record.

    Args:
        format_: of the first line.
    """

    def __init__(self, format_: str = "%(asctime)s %(levelname)s %(name)s: %(message)s"):
        super().__init__(format_)

    def format(self, record: logging.LogRecord) -> str:
        """As logging does, and printable."""
        return printable(super().format(record).replace("\n", "\n    "), keep="\n\t")
