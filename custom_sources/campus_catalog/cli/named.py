"""The one entity a word on the command line means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from campus_catalog.cli.output import say
from campus_catalog.errors import AT_FAULT

if TYPE_CHECKING:
    from campus_catalog.catalog.snapshot import Snapshot


def only(urns: Sequence[str], word: str, nothing: str, snapshot: Snapshot) -> str:
    """The urn that was found; where there is none, or several, says so and ends the command.

    Args:
        urns: what is called so.
        word: the name that was given.
        nothing: what to say where there is none.
        snapshot: where to look for names that come near.

    Returns:
        The urn.

    Raises:
        click.exceptions.Exit: there is none, or several.
    """
    if len(urns) == 1:
        return urns[0]
    if urns:
        say(f"'{word}' is the name of {len(urns)} entities; give the urn:", err=True)
        for urn in urns:
            say(f"  {urn}", err=True)
    else:
        near = [hit.name for hit in snapshot.search(word)[:5]]
        hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        say(f"{nothing}{hint}", err=True)
    raise click.exceptions.Exit(AT_FAULT)
