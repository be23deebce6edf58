"""``campus-catalog validate``."""

from __future__ import annotations

from dataclasses import asdict

import click

from campus_catalog.cli.main import AT_FAULT, Place
from campus_catalog.cli.output import format_option, print_json


@click.command("validate")
@format_option
@click.pass_obj
def command(place: Place, format_: str) -> None:
    """Check all content: glossary, register, recipes, policies and the rules of access.

    Prints every problem as FILE:LINE: [CODE] MESSAGE and exits with 1 if there is any. Reads no database and writes
    nothing.
    """
    from campus_catalog.access.school import check_school
    from campus_catalog.catalog.recipes import check_recipes, find_recipes

    register, access, problems = check_school(place.home)
    recipes, faults = find_recipes(place.home)
    check_recipes(recipes, register, faults)
    problems = sorted({*problems, *faults.found})
    if format_ == "json":
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            click.echo(str(problem))
        if problems:
            click.echo(f"{len(problems)} problem(s)")
        elif register is not None and access is not None:
            regulation = register.regulation
            content = (
                (len(regulation.subsets), "subsets"),
                (len(regulation.units), "units"),
                (len(regulation.people), "posts"),
                (len(regulation.terms), "terms"),
                (len(register.systems), "systems"),
                (sum(len(system.datasets) for system in register), "datasets"),
                (len(recipes), "recipes"),
                (len(access.policies), "policies"),
            )
            click.echo("ok: " + ", ".join(f"{count} {what}" for count, what in content))
    if problems:
        raise click.exceptions.Exit(AT_FAULT)
