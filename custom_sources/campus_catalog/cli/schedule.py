"""``campus-catalog schedule``."""

from __future__ import annotations

import contextlib
import signal
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from campus_catalog.cli.main import COMMANDS, Settings
from campus_catalog.cli.output import LogFormatter, Rows, format_option, print_json, say
from campus_catalog.errors import AT_FAULT, UNREACHABLE


class _Filled(click.Path):
    """A path that is not empty: what a variable of a script that is not set leaves would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click does."""
        return super().convert(value, param, ctx) if value != "" else self.fail("must not be empty", param, ctx)


prometheus_option = click.option(
    "--prometheus", type=_Filled(dir_okay=False, path_type=Path), help="Also write the text file Prometheus reads."
)


@click.group("schedule")
def command() -> None:
    """Run recipes and commands on their cron lines, and see how they do.

    What runs when stands in ingestion_recipes/schedule/schedule.yml.
    """


@command.command("run")
@click.option(
    "--grace", type=click.IntRange(0), default=60, show_default=True, help="Seconds to wait for runs at the end."
)
@click.pass_obj
def run(settings: Settings, grace: int) -> None:
    """Run the schedule on this machine until SIGTERM or Ctrl-C.

    Each entry runs in a process of its own, one at a time, with a time-out; due times missed while nothing ran are
    caught up by one run. Log and report of each run are kept in .catalog/runs/ENTRY/ under the home. A change of the
    schedule is taken in within seconds, or at once after SIGHUP; one with faults is logged and not taken in.
    """
    import logging

    from campus_catalog.schedule.current import CurrentSchedule
    from campus_catalog.schedule.here import locks
    from campus_catalog.schedule.here.processes import SCHEDULER, Processes, Told, serve
    from campus_catalog.schedule.here.scheduler import Scheduler

    settings.target  # noqa: B018  a target that is none is said now, not by every run
    lock = locks.take(settings.home, SCHEDULER)
    if lock is None:
        say("Error: another 'schedule run' is running on this home", err=True)
        raise click.exceptions.Exit(AT_FAULT)
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("campus_catalog.schedule")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    told = Told()
    try:
        current, state = CurrentSchedule(settings.home, COMMANDS), _state(settings)
        processes = Processes(settings.home, settings.target_text, state, lambda: current.schedule)
        scheduler = Scheduler(current.jobs(), state, processes, current.schedule.at_once)

        def refresh(force: bool) -> None:
            if current.refresh(force):
                scheduler.replace(current.jobs(), current.schedule.at_once)

        serve(scheduler, processes, grace, refresh, told)
    finally:
        locks.release(lock)


@command.command("once")
@click.argument("entry_id", metavar="ENTRY")
@click.option("--due", type=datetime.fromisoformat, hidden=True)
@click.option("--lock", type=int, hidden=True)
@click.pass_obj
def once(settings: Settings, entry_id: str, due: datetime | None, lock: int | None) -> None:
    """Run ENTRY now, as the schedule would: its lock, time-out, retries, log, report and webhook.

    Exits with 0 when it succeeded, with 1 when it did so in part, failed, or runs already.
    """
    from campus_catalog.schedule.current import load_or_kept
    from campus_catalog.schedule.here import locks
    from campus_catalog.schedule.here.flag import Flag
    from campus_catalog.schedule.here.report import close_left
    from campus_catalog.schedule.here.run import run_once

    if (lock is None) != (due is None):
        raise click.UsageError("--due and --lock are the scheduler's, and given together")
    stop = Flag()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    # what the scheduler starts runs by the schedule in force, even while the content has faults
    schedule = _load(settings) if lock is None else load_or_kept(settings.home, COMMANDS)[0]
    entry = schedule.find(entry_id)
    if entry is None and lock is None:
        known = ", ".join(one.id for one in schedule) or "none"
        raise click.UsageError(f"no entry '{entry_id}' in the schedule; known: {known}")
    target, state = settings.target, _state(settings)
    if entry is None:  # taken out of the schedule since the scheduler looked
        close_left(schedule, entry_id, "nothing is to be done", state, _say, "it is no longer in the schedule")
        raise click.exceptions.Exit(AT_FAULT)
    if lock is None or due is None:
        lock = locks.take(settings.home, entry.id)
        if lock is None:
            say(f"Error: a run of {entry.id} is going on", err=True)
            raise click.exceptions.Exit(AT_FAULT)
        close_left(schedule, entry.id, "a newer run follows", state, _say)
        due = datetime.now(timezone.utc)
        state.add_manual(entry.id, due)
    report = run_once(schedule, entry, (settings.target_text, target), state, due, lock, stop, _say)
    if report is not None and report.outcome != "succeeded":
        raise click.exceptions.Exit(AT_FAULT)


@command.command("list")
@format_option
@click.pass_obj
def list_(settings: Settings, format_: str) -> None:
    """List the entries: cron line, last run, its result, next run.

    With a DataHub server as the target also what DataHub says of the sources deployed to it, as deployed; 'where' tells
    the two apart. When DataHub cannot be asked, what ran here is listed all the same, and the exit code is 3.
    """
    found, _, error = _standings(settings, _load(settings))
    if format_ == "json":
        print_json([_as_json(where, one) for where, one in found])
    else:
        columns = ("entry", "runs", "where", "schedule", "time zone", "last run", "result", "next run")
        rows = Rows(*columns, spare=("time zone", "where", "runs", "next run"))
        for where, one in found:
            line = one.schedule or "by hand"
            rows.add(
                one.entry,
                one.runs,
                where,
                line if one.enabled else f"{line} (disabled)",
                one.time_zone,
                _local(one.last and (one.last.started or one.last.due), one.time_zone),
                one.result,
                _local(one.next, one.time_zone),
            )
        rows.print()
    _unless_asked(error)


@command.command("status")
@format_option
@prometheus_option
@click.pass_obj
def status(settings: Settings, format_: str, prometheus: Path | None) -> None:
    """Say whether everything on the schedule does well; exits with 1 when something does not.

    With a DataHub server as the target, entries DataHub has on its schedule are judged by their runs there; exits with
    3 when DataHub cannot be asked.
    """
    from campus_catalog.content.write import write_whole
    from campus_catalog.schedule.current import load_or_kept
    from campus_catalog.schedule.status import prometheus as as_text

    schedule, faults = load_or_kept(settings.home, COMMANDS)
    found, alive, error = _standings(settings, schedule)
    if prometheus:
        try:
            write_whole(prometheus, as_text(_judged(found), alive, len(faults)))
        except OSError as fault:
            raise click.UsageError(f"{prometheus} cannot be written: {fault.strerror}") from None
    troubled = [one for _, one in found if one.trouble]
    if format_ == "json":
        entries = [_as_json(where, one) for where, one in found]
        healthy = not (troubled or error or faults)
        print_json({"healthy": healthy, "scheduler_running": alive, "faults": faults, "entries": entries})
    else:
        for line in faults:
            say(line)
        if faults:
            say("the schedule has faults; the one of before stays in force until they are mended")
        for one in troubled:
            say(f"{one.entry}: {one.trouble}")
        count = len({one.entry for _, one in found})
        say(f"scheduler {'running' if alive else 'not running'}; {len(troubled)} of {count} in trouble")
    _unless_asked(error)
    if troubled or faults:
        raise click.exceptions.Exit(AT_FAULT)


@command.command("export")
@click.option("--systemd", type=_Filled(file_okay=False, path_type=Path), help="Write a systemd unit to it.")
@click.option("--cronjob", type=_Filled(file_okay=False, path_type=Path), help="Write Kubernetes CronJobs to it.")
@click.option("--image", default="campus-catalog:latest", show_default=True, help="Image the CronJobs run.")
@click.pass_obj
def export(settings: Settings, systemd: Path | None, cronjob: Path | None, image: str) -> None:
    """Write the schedule for systemd or Kubernetes. Secrets are referred to, never written."""
    from campus_catalog.schedule import export as exports

    if not systemd and not cronjob:
        raise click.UsageError("give --systemd DIR or --cronjob DIR")
    if not image.strip():
        raise click.UsageError("--image must not be empty")
    schedule = _load(settings)
    settings.target  # noqa: B018  refuse what is no target
    try:
        paths = exports.write(exports.systemd(schedule, settings.target_text), systemd) if systemd else []
        if cronjob:
            paths += exports.write(exports.cronjobs(schedule, settings.target_text, image), cronjob)
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    for path in paths:
        say(path)


@command.command("deploy")
@click.option("--prune", is_flag=True, help="Also delete the sources of entries that are gone; no others.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting; for automation.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.pass_obj
def deploy(settings: Settings, prune: bool, yes: bool, dry_run: bool) -> None:
    """Write each recipe on the schedule to the target as a DataHub ingestion source.

    Content with problems is refused. Writes only what differs. A disabled entry becomes a source without a schedule.
    Secrets stay ${NAME}: DataHub's executor fills them in. Where an entry names no extra_pip, the executor installs
    campus-catalog in the version that deploys. Sources of entries that are gone are named, or deleted with --prune.
    """
    from campus_catalog.cli.apply import carry_out, confirm_removals
    from campus_catalog.cli.plan import print_plan
    from campus_catalog.content.layout import SCHEDULE
    from campus_catalog.schedule.datahub.deploy import can_prune, plan_deploy, without_content

    schedule = _sound(settings).schedule or _load(settings)
    plan, left_over = plan_deploy(schedule, settings.target, prune)
    print_plan(plan)
    for urn in left_over:
        say(f"left over: {urn} is of an entry that is gone; --prune deletes it", err=True)
    homeless = without_content(schedule)
    if homeless:
        say(
            f"no content named for {', '.join(homeless)}: the executor's image must name it in CAMPUS_CATALOG_HOME, or "
            f"extra_env in {SCHEDULE.path.name} (docs/howto/install.md)",
            err=True,
        )
    if plan.skipped:
        say(f"Error: {settings.target} does not know {', '.join(plan.skipped)}", err=True)
        raise click.exceptions.Exit(AT_FAULT)
    if prune and not can_prune(settings.target):
        say("warning: this server is too old to keep what was deployed; delete old sources in its UI", err=True)
    if dry_run or not plan.changes:
        return
    confirm_removals(plan, yes)
    carry_out(plan, settings.target)


@command.command("pack")
@click.option(
    "--out", type=_Filled(file_okay=False, path_type=Path), default=".", show_default=True, help="Folder for it."
)
@click.option(
    "--suffix", default="", help="Ends the package's name, where there are several: campus-catalog-content-SUFFIX."
)
@click.pass_obj
def pack(settings: Settings, out: Path, suffix: str) -> None:
    """Make a Python package of the content, for DataHub's executor to install beside campus-catalog.

    A wheel with glossary/, ingestion_recipes/ and policies/, YAML files only. Content with problems is refused. Its
    version changes with the content, and only with it. Prints the file and its sha256.
    """
    import hashlib

    from campus_catalog.home import pack as packing

    if suffix and not packing.is_suffix(suffix):
        raise click.UsageError(f"suffix '{suffix}': use small letters, digits and single hyphens")
    _sound(settings)
    try:
        path = packing.pack(settings.home, out, suffix)
    except OSError as error:
        raise click.UsageError(f"{error.filename or out} cannot be written: {error.strerror}") from None
    say(path)
    say(f"sha256={hashlib.sha256(path.read_bytes()).hexdigest()}")


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the scheduler that listened is gone; state and report have it
        say(line, err=True)


def _sound(settings: Settings) -> Any:
    """What leaves this machine is what ``validate`` would pass: a password in a recipe must not get to the server."""
    from campus_catalog.school import School

    school = School(settings.home, COMMANDS)
    school.raise_any()
    return school


def _load(settings: Settings) -> Any:
    from campus_catalog.content.layout import require_content
    from campus_catalog.content.problems import ContentError
    from campus_catalog.schedule.loader import load_schedule

    try:
        return load_schedule(settings.home, COMMANDS)
    except ContentError:
        require_content(settings.home)
        raise


def _state(settings: Settings) -> Any:
    from campus_catalog.schedule.here.locks import FOLDER
    from campus_catalog.schedule.here.state import State

    return State(settings.home / FOLDER / "state.db")


def _standings(settings: Settings, schedule: Any) -> tuple[list[tuple[str, Any]], bool, str]:
    """Every standing with where it is from, whether the scheduler runs, and why DataHub could not be asked."""
    from campus_catalog.catalog.target import TargetError
    from campus_catalog.schedule.status import scheduler_runs, standings

    target, now = settings.target, datetime.now(timezone.utc)
    here, alive = standings(schedule, _state(settings), now), scheduler_runs(schedule)
    if target.kind != "server":
        return [("here", one) for one in here], alive, ""
    from campus_catalog.schedule.datahub.executions import deployed_standings, side_by_side

    try:
        return side_by_side(here, deployed_standings(schedule, target, now)), alive, ""
    except TargetError as error:
        return side_by_side(here, {}), alive, str(error)


def _judged(found: list[tuple[str, Any]]) -> list[Any]:
    """One standing per entry: DataHub's where DataHub has it on its schedule."""
    judged: dict[str, Any] = {}
    for _, one in found:  # DataHub's comes first
        if one.entry not in judged or not judged[one.entry].schedule:
            judged[one.entry] = one
    return list(judged.values())


def _unless_asked(error: str) -> None:
    if error:
        say(f"Error: DataHub could not be asked, this is what ran here: {error}", err=True)
        raise click.exceptions.Exit(UNREACHABLE)


def _local(moment: datetime | None, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _as_json(where: str, one: Any) -> dict[str, Any]:
    last, ended = one.last, one.ended
    return {
        "entry": one.entry,
        "where": where,
        "runs": one.runs,
        "schedule": one.schedule or None,
        "time_zone": one.time_zone,
        "enabled": one.enabled,
        "last_run": last and (last.started or last.due).isoformat(),
        "result": one.result,
        "reason": last.reason if last else "",
        "duration_seconds": ended and ended.duration,
        "last_success": one.success and one.success.ended and one.success.ended.isoformat(),
        "next_run": one.next and one.next.isoformat(),
        "trouble": one.trouble,
    }
