"""``campus-catalog doctor``."""

from __future__ import annotations

from dataclasses import asdict

import click

from campus_catalog.cli.main import COMMANDS, Settings
from campus_catalog.cli.output import Rows, format_option, print_json
from campus_catalog.errors import AT_FAULT, UNREACHABLE


@click.command("doctor")
@format_option
@click.pass_obj
def command(settings: Settings, format_: str) -> None:
    """Check the environment: Python, acryl-datahub, plugins, content, recipes, schedule, target.

    Names every environment variable a recipe or the schedule needs and lacks; never prints the value of one. Exits with
    1 when a run would fail, with 3 when the target cannot be reached.
    """
    from campus_catalog.checkup import check_up

    findings = list(check_up(settings.home, settings.target, COMMANDS))
    if format_ == "json":
        print_json([asdict(finding) for finding in findings])
    else:
        rows = Rows("what", "result", "detail", "what to do", sentences=("detail", "what to do"))
        for finding in findings:
            rows.add(finding.what, finding.result, finding.detail, finding.advice)
        rows.print()
    results = {finding.result for finding in findings}
    if "unreachable" in results:
        raise click.exceptions.Exit(UNREACHABLE)
    if "fault" in results:
        raise click.exceptions.Exit(AT_FAULT)
