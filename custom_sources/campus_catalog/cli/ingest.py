"""``campus-catalog ingest``."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import LogFormatter, Rows, console, format_option, print_json, say
from campus_catalog.content.printable import printable
from campus_catalog.errors import AT_FAULT, REFUSED_LOG, REVIEWED, UNREACHABLE


@click.command("ingest")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 when a live dataset is covered by no declaration, or a declared one with personal information is "
    "shared more widely than its rule says.",
)
@format_option
@click.pass_obj
def command(settings: Settings, names: tuple[str, ...], strict: bool, format_: str) -> None:
    """Run recipes by NAME (default: all), each into the target.

    The content is checked first; with a fault in it nothing is run. A local target keeps what a recipe wrote only if
    its run was sound. The log of the run is .catalog/logs/ingest.log under the home.
    """
    from campus_catalog.content.layout import RECIPES
    from campus_catalog.content.problems import ContentError
    from campus_catalog.ingest.run import run_recipes
    from campus_catalog.school import School

    school = School(settings.home)
    known = {recipe.name: recipe for recipe in school.recipes}
    unknown = [name for name in names if name not in known]
    if unknown:
        there = ", ".join(known) or f"none, there is no recipe in {settings.home / RECIPES.path}"
        raise click.UsageError(f"no recipe named {', '.join(unknown)}; known: {there}")
    chosen = [recipe for recipe in school.recipes if not names or recipe.name in names]
    problems = school.problems_of_run(chosen)
    if problems:
        raise ContentError(problems)
    target = settings.target
    _log_to(settings.home)
    runs = []
    with _Progress(len(chosen), quiet=format_ == "json") as progress:
        for run in run_recipes(chosen, target, settings.home, progress.begin):
            progress.end(run)
            runs.append(run)
    if format_ == "json":
        print_json([asdict(run) for run in runs])
    else:
        _print(runs, target)
    raise click.exceptions.Exit(_exit_code(runs, strict))


def _exit_code(runs: list[Any], strict: bool) -> int:
    if any(run.outcome == "unreachable" for run in runs):
        return UNREACHABLE
    if any(run.outcome != "succeeded" for run in runs) or (strict and any(run.undeclared or run.wider for run in runs)):
        return AT_FAULT
    return 0


def _log_to(home: Path) -> None:
    """Send DataHub's log to a file: what people need of it stands in the result.

    A scheduled run keeps all output in a file of its own and asks for the log there (``CAMPUS_CATALOG_LOG``).
    """
    handler: logging.Handler
    if os.environ.get("CAMPUS_CATALOG_LOG") == "-":
        handler = logging.StreamHandler(sys.stderr)
    else:
        folder = home / ".catalog" / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "ingest.log", mode="w", encoding="utf-8")
    handler.setFormatter(LogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger(REFUSED_LOG).propagate = False  # the result names what was refused, and nothing else does
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it logs addresses with their queries at every retry


class _Progress:
    """Which recipe is running, on a terminal only."""

    def __init__(self, total: int, quiet: bool):
        self._total, self._done = total, 0
        self._quiet = quiet or not sys.stdout.isatty()

    def __enter__(self) -> _Progress:
        from rich.status import Status

        self._status = Status("", console=console())
        if not self._quiet:
            self._status.start()
        return self

    def begin(self, recipe: Any) -> None:
        from rich.text import Text

        self._status.update(Text(f"[{self._done + 1}/{self._total}] {printable(recipe.name)}"))

    def end(self, run: Any) -> None:
        self._done += 1

    def __exit__(self, *error: object) -> None:
        self._status.stop()


def _print(runs: list[Any], target: Any) -> None:
    rows = Rows("recipe", "result", "records", "changed")
    for run in runs:
        changed = "" if run.changed is None else str(run.changed)
        rows.add(run.recipe, run.outcome, str(run.records), changed)
    rows.print()
    for run in runs:
        for failure in run.failures:
            say(f"{run.recipe}: {failure}")
        for name in run.reviewed:
            say(f"{run.recipe}: {REVIEWED}: {name}")
        if run.unread:
            say(f"{run.recipe}: not read: {', '.join(run.unread)}")
        for name in run.undeclared:
            say(f"{run.recipe}: undeclared: {name}")
        for warning in run.warnings:
            if "undeclared dataset" not in warning:
                say(f"{run.recipe}: warning: {warning}")
        for urn in run.removed:
            say(f"{run.recipe}: no longer there, marked removed: {urn}")
    bad = [run.recipe for run in runs if run.outcome in ("failed", "unreachable")]
    if bad and all(not run.kept for run in runs if run.recipe in bad):
        say(f"nothing of {', '.join(bad)} was written")
    elif bad:
        say(f"{', '.join(bad)} may have written part of its records; run it again")
    counts = [run.changed for run in runs]
    if None in counts:
        say(f"{sum(run.records for run in runs)} records sent to {target}")
    else:
        total = sum(counts)
        word = f"{total} aspects changed" if total else "nothing changed"
        say(f"{word} in {target}")
