"""``campus-catalog migrate``."""

from __future__ import annotations

from typing import Any

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import say

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="Print what would change; write nothing.")
@click.pass_obj
def command(settings: Settings, dry_run: bool) -> None:
    """Bring content of an older version to the current one, step by step.

    Prints every line that changes. All of it is computed and read back before anything is written; then each file is
    replaced whole. With a fault in the content nothing is written. After an interruption, run it again.
    """
    from campus_catalog.migration.run import plan_migration, write
    from campus_catalog.regulation.version import CONTENT_VERSION

    parts = plan_migration(settings.home)
    if not parts:
        say(f"nothing to do: the content is version {CONTENT_VERSION}")
        return
    _print(parts)
    files = {change.path for part in parts for change in part.changes}
    if dry_run:
        say(f"{len(files)} file(s) would change; nothing was written")
        return
    write(settings.home, parts)
    say(f"{len(files)} file(s) changed; the content is version {CONTENT_VERSION}. Next: campus-catalog validate")


def _print(parts: list[Any]) -> None:
    from campus_catalog.migration.run import difference

    for part in parts:
        version = part.step.from_version
        say(f"version {version} to {version + 1}: {part.step.does}")
        for change in part.changes:
            for line in difference(change):
                say(line, _STYLES.get(line[:1]))
        for note in part.notes:
            say(f"note: {note}")
