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
    """Check all content: glossary, register and recipes.

    Prints every problem as FILE:LINE: [CODE] MESSAGE and exits with 1 if there is any. Reads no database and writes
    nothing.
    """
    from campus_catalog.catalog.recipes import check_recipes, find_recipes
    from campus_catalog.register.loader import check_content

    regulation, register, problems = check_content(place.home)
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
        elif regulation is not None and register is not None:
            content = (
                (len(regulation.subsets), "subsets"),
                (len(regulation.units), "units"),
                (len(regulation.people), "posts"),
                (len(regulation.terms), "terms"),
                (len(register.systems), "systems"),
                (sum(len(system.datasets) for system in register), "datasets"),
                (len(recipes), "recipes"),
            )
            click.echo("ok: " + ", ".join(f"{count} {what}" for count, what in content))
    if problems:
        raise click.exceptions.Exit(AT_FAULT)
