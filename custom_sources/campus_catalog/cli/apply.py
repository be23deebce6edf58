"""``campus-catalog apply``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import say
from campus_catalog.cli.plan import prepare, print_plan, prune_option, strict_option


@click.command("apply")
@click.argument(
    "plan_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[PLAN]"
)
@prune_option
@strict_option
@click.option("--yes", is_flag=True, help="Do not ask before removing; for automation.")
@click.pass_obj
def command(settings: Settings, plan_file: Path | None, prune: bool, strict: bool, yes: bool) -> None:
    """Bring the target to what the content declares: glossary, policies and register.

    Writes only what differs; what people added in the catalog stays. With a PLAN made by 'plan --out' exactly that plan
    is applied, or refused if the catalog moved since. Asks before removing entities. Stops at the first fault and says
    what was written; the next apply does the rest.
    """
    from campus_catalog.apply.apply import check_fresh
    from campus_catalog.apply.plan import Plan, PlanError
    from campus_catalog.apply.writers import open_writer

    if plan_file and prune:
        raise click.UsageError("--prune belongs to the plan: campus-catalog plan --prune --out FILE")
    plan = Plan.read(plan_file) if plan_file else prepare(settings, prune, strict)
    if plan_file and plan.target != str(settings.target):
        raise PlanError(f"{plan_file} was made for {plan.target}, not for {settings.target}")
    if plan_file:
        reader = open_writer(settings.target, read_only=True)
        check_fresh(plan, reader)
        reader.finish(keep=False)
    print_plan(plan)
    confirm_removals(plan, yes)
    if not plan.changes:
        return
    carry_out(plan, settings.target)


def carry_out(plan: Any, target: Any) -> None:
    """Write a plan, unless the catalog moved since it was made, and say what was written.

    Args:
        plan: the plan.
        target: the catalog it was made for.

    Raises:
        PlanError: the catalog moved.
        TargetError: the catalog cannot be opened or reached.
        click.exceptions.Exit: something was not written; what, and why, has been said.
    """
    from campus_catalog.apply.apply import apply_plan, check_fresh
    from campus_catalog.apply.writers import open_writer

    writer = open_writer(target)
    try:
        writer.begin()
        check_fresh(plan, writer)
    except BaseException:
        writer.finish(keep=False)
        raise
    local = target.kind != "server"
    with _Progress(len(plan.changes)) as wrote:
        applied = apply_plan(plan, writer, local, wrote)
    written = [change for change in applied.written if change.phase != "manifest"]
    say(f"{len(written)} written to {target}")
    if applied.error:
        _explain(applied, target, local)
        raise click.exceptions.Exit(applied.exit_code)


def confirm_removals(plan: Any, yes: bool) -> None:
    """Ask before entities are removed, unless told not to; where nobody can be asked, refuse.

    Args:
        plan: the plan.
        yes: do not ask.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: the answer is no.
    """
    removals = [change for change in plan.changes if change.removes]
    if removals and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"{len(removals)} removal(s) need a confirmation; pass --yes")
        click.confirm(f"Remove {len(removals)} thing(s)?", abort=True)


def _explain(applied: Any, target: Any, local: bool) -> None:
    say(f"Error: {applied.error}", err=True)
    if local:
        say(f"{target} is as it was before", err=True)
        return
    for change in applied.written:
        say(f"written: {change.urn} {change.aspect}", err=True)
    for change in applied.pending:
        say(f"not written: {change.urn} {change.aspect}", err=True)
    say("the next apply does the rest", err=True)


class _Progress:
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self, total: int):
        from rich.console import Console
        from rich.progress import Progress

        screen = Console(stderr=True)
        self._bar = Progress(console=screen, transient=True, disable=not screen.is_terminal)
        self._total = total

    def __enter__(self) -> Any:
        self._bar.start()
        task = self._bar.add_task("apply", total=self._total)
        return lambda change: self._bar.advance(task)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
