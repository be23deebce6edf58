"""Entry point of ``campus-catalog``. Commands are imported only when called, so that ``--help`` is instant."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from campus_catalog import __version__
from campus_catalog.content.printable import printable
from campus_catalog.errors import AT_FAULT, DONE, USAGE, CampusError

#: command -> one line of help; the module campus_catalog.cli.COMMAND defines it as ``command``
COMMANDS = {
    "validate": "Check all content and list every problem at once.",
    "migrate": "Bring content of an older version to the current one.",
    "ingest": "Run recipes, each into the target.",
    "plan": "Show what apply would change in the target.",
    "apply": "Bring the target to what the content declares.",
    "access": "Who may do what, and what a change of content grants or withdraws.",
    "schedule": "Run recipes and commands on their cron lines, and see how they do.",
    "search": "Find entities by name, description, field, term, domain or owner.",
    "show": "Show one entity: whose it is, how it is shared, what it holds.",
    "doctor": "Check the environment: installation, content, variables, target.",
}


@dataclass(frozen=True)
class Settings:
    """Where a command works: the content folder and the target as given.

    Attributes:
        home: absolute path of the content folder.
        target_text: the target as given.
    """

    home: Path
    target_text: str

    @property
    def target(self) -> Any:
        """The target, understood.

        Raises:
            TargetError: it is none.
        """
        from campus_catalog.catalog.target import parse_target

        return parse_target(self.target_text, self.home)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"campus_catalog.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from campus_catalog.content.problems import nearest

            near = nearest(args[0], COMMANDS, likeness=0.6)
            hint = f" Did you mean '{near}'?" if near else ""
            raise click.UsageError(f"No such command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="CAMPUS_CATALOG_HOME",
    default=".",
    show_default=True,
    show_envvar=True,
    help="Folder with the content (glossary/, policies/, ingestion_recipes/).",
)
@click.option(
    "--target",
    envvar="CAMPUS_CATALOG_TARGET",
    default="lite:.catalog/datahub.db",
    show_default=True,
    show_envvar=True,
    help="The catalog: lite:PATH, file:PATH.json or http(s)://HOST[:PORT] (token from DATAHUB_GMS_TOKEN). "
    "Relative paths lie under the home.",
)
@click.version_option(__version__, prog_name="campus-catalog")
@click.pass_context
def cli(ctx: click.Context, home: Path, target: str) -> None:
    """A school's data-management regulation as a working DataHub catalog.

    Exit codes: 0 done; 1 the content or the catalog is at fault and the message says where; 2 wrong usage; 3 the target
    or a system could not be reached.
    """
    if not home.is_dir():
        raise click.UsageError(f"home '{home}' is not a folder")
    ctx.obj = Settings(home.resolve(), target)


def main() -> None:
    """Run the command line; anything a user can cause ends in a message and an exit code, never in a traceback."""
    os.environ.setdefault("DATAHUB_TELEMETRY_ENABLED", "false")  # a school's catalog does not phone home
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log is not an answer to a command
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name with characters this terminal does not have
    try:
        # outside standalone mode click returns the exit code instead of exiting
        sys.exit(cli.main(prog_name="campus-catalog", standalone_mode=False) or DONE)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(printable(said.getvalue(), keep="\n"), nl=False, err=True)
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Print what went wrong; returns the exit code."""
    if isinstance(error, CampusError):
        click.echo(printable(error.shown(), keep="\n"), err=True)
        return error.exit_code
    if os.environ.get("CAMPUS_CATALOG_DEBUG"):
        raise error
    click.echo(
        f"Internal error: {type(error).__name__}: {printable(str(error))}\n"
        "Please report it; with CAMPUS_CATALOG_DEBUG=1 it shows where.",
        err=True,
    )
    return AT_FAULT
