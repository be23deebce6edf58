"""Printing: tables for people, JSON for programs, quiet in a pipe."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Output for people or for programs.",
)


def console() -> Any:
    """A rich console; in a pipe it neither colours nor cuts lines to a terminal's width.

    Returns:
        The console, which writes to stdout.
    """
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(emoji=False)  # :key: in a name is no picture
    return Console(width=200, color_system=None, emoji=False)


def print_json(value: Any) -> None:
    """Print a value as readable JSON.

    Args:
        value: what JSON knows; anything else, such as a time, is printed as text.
    """
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(*columns: str, title: str | None = None) -> Any:
    """An empty rich table.

    Args:
        title: stands above it.
        columns: their headings.

    Returns:
        The table; ``add_row`` fills it.
    """
    from rich import box
    from rich.table import Table

    out = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        out.add_column(column, overflow="fold")
    return out
