"""``campus-catalog validate``."""

from __future__ import annotations

from dataclasses import asdict

import click

from campus_catalog.cli.main import COMMANDS, Settings
from campus_catalog.cli.output import format_option, print_json, say
from campus_catalog.errors import AT_FAULT


@click.command("validate")
@format_option
@click.pass_obj
def command(settings: Settings, format_: str) -> None:
    """Check all content: glossary, register, recipes, schedule, policies and the rules of access.

    Prints every problem as FILE:LINE: [CODE] MESSAGE and exits with 1 if there is any. Content of another version is
    named as that, and nothing else of it is judged. Reads no database and writes nothing.
    """
    from campus_catalog.school import School

    school = School(settings.home, COMMANDS)
    problems, register, access = school.problems, school.register, school.access
    if format_ == "json":
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            say(problem)
        if problems:
            say(f"{len(problems)} problem(s)")
        elif register is not None and access is not None:
            regulation = register.regulation
            content = (
                (len(regulation.subsets), "subsets"),
                (len(regulation.units), "units"),
                (len(regulation.people), "posts"),
                (len(regulation.terms), "terms"),
                (len(register.systems), "systems"),
                (sum(len(system.datasets) for system in register), "datasets"),
                (len(school.recipes), "recipes"),
                (school.schedule.running if school.schedule else 0, "scheduled"),
                (len(access.policies), "policies"),
            )
            say("ok: " + ", ".join(f"{count} {what}" for count, what in content))
    if problems:
        raise click.exceptions.Exit(AT_FAULT)
