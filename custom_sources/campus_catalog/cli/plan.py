"""``campus-catalog plan``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import format_option, print_json, say
from campus_catalog.errors import AT_FAULT

prune_option = click.option(
    "--prune", is_flag=True, help="Also remove what this project created and no longer declares; nothing else."
)


strict_option = click.option(
    "--strict", is_flag=True, help="Refuse instead of skipping what an older server does not know."
)


@click.command("plan")
@prune_option
@strict_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Keep the plan in a file for 'apply FILE'."
)
@format_option
@click.pass_obj
def command(settings: Settings, prune: bool, strict: bool, out: Path | None, format_: str) -> None:
    """Show what apply would change in the target: glossary, policies and register.

    + is new, ~ changes, - goes; under each stand the fields that differ. Writes nothing to the catalog. The plan is
    refused when it would break one of the school's rules of access.
    """
    from dataclasses import asdict

    plan = prepare(settings, prune, strict)
    if out:
        try:
            out.write_text(plan.to_text(), encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"{out} cannot be written: {error.strerror}") from None
    if format_ == "json":
        print_json([asdict(change) for change in plan.visible])
    else:
        print_plan(plan)
        if out and plan.changes:
            say(f"kept in {out}; 'campus-catalog apply {out}' applies it")


def prepare(settings: Settings, prune: bool, strict: bool) -> Any:
    """The plan for the target; what an older server does not know is said.

    Args:
        settings: home and target.
        prune: also remove what this project created and no longer declares.
        strict: refuse what the server does not know.

    Returns:
        The plan.

    Raises:
        ContentError: the content is at fault.
        TargetError: the target cannot be opened or reached.
        PlanError: another school's content was applied to the target.
        click.exceptions.Exit: refused as strict; that has been said.
    """
    from campus_catalog.school import School

    plan = School(settings.home).plan(settings.target, prune)
    for kind in plan.skipped:
        say(f"warning: {settings.target} does not know {kind}; skipped", err=True)
    if plan.skipped and strict:
        say("Error: refused because of --strict; update the server or leave out --strict", err=True)
        raise click.exceptions.Exit(AT_FAULT)
    return plan


def print_plan(plan: Any) -> None:
    """Print the changes and their number.

    Args:
        plan: the plan.
    """
    styles = {"+": "green", "~": "yellow", "-": "red"}
    for change in plan.visible:
        say(f"{change.action} {change.urn} {change.aspect}", styles[change.action])
        for text in change.fields:
            say(f"    {text}")
    counts = Counter(change.action for change in plan.visible)
    if plan.visible:
        say(f"{counts['+']} to add, {counts['~']} to change, {counts['-']} to remove in {plan.target}")
    else:
        say(f"nothing to change in {plan.target}")
