"""``campus-catalog schedule``."""

from __future__ import annotations

import signal
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from campus_catalog.cli.main import AT_FAULT, COMMANDS, UNREACHABLE, Place
from campus_catalog.cli.output import console, format_option, print_json, table

prometheus_option = click.option(
    "--prometheus", type=click.Path(dir_okay=False, path_type=Path), help="Also write the text file Prometheus reads."
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
def run(place: Place, grace: int) -> None:
    """Run the schedule on this machine until SIGTERM or Ctrl-C.

    Each entry runs in a process of its own, one at a time, with a time-out; due times missed while nothing ran are
    caught up by one run. Log and report of each run are kept in .catalog/runs/ENTRY/ under the home.
    """
    import logging

    from campus_catalog.schedule import locks
    from campus_catalog.schedule.processes import SCHEDULER, Processes, serve
    from campus_catalog.schedule.scheduler import Job, Scheduler

    schedule = _load(place)
    place.target  # noqa: B018  a target that is none is said now, not by every run
    lock = locks.take(place.home, SCHEDULER)
    if lock is None:
        click.echo("Error: another 'schedule run' is running on this home", err=True)
        raise click.exceptions.Exit(AT_FAULT)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("campus_catalog.schedule")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    triggers = ((entry, schedule.trigger(entry)) for entry in schedule)
    jobs = [
        Job(entry.id, trigger, f"{entry.schedule} {schedule.zone(entry)}") for entry, trigger in triggers if trigger
    ]
    log.info("%d of %d entries are on the schedule", len(jobs), len(schedule.entries))
    processes = Processes(place.home, place.target_text)
    try:
        serve(Scheduler(jobs, _state(place), processes), processes, grace)
    finally:
        locks.release(lock)


@command.command("once")
@click.argument("entry_id", metavar="ENTRY")
@click.option("--due", type=datetime.fromisoformat, hidden=True)
@click.option("--lock", type=int, hidden=True)
@click.pass_obj
def once(place: Place, entry_id: str, due: datetime | None, lock: int | None) -> None:
    """Run ENTRY now, as the schedule would: its lock, time-out, retries, log, report and webhook.

    Exits with 0 when it succeeded, with 1 when it did so in part, failed, or runs already.
    """
    from campus_catalog.schedule import locks
    from campus_catalog.schedule.run import run_once

    schedule = _load(place)
    entry = schedule.find(entry_id)
    if entry is None:
        known = ", ".join(one.id for one in schedule) or "none"
        raise click.UsageError(f"no entry '{entry_id}' in the schedule; known: {known}")
    target, state = place.target, _state(place)
    if lock is None:
        lock = locks.take(place.home, entry.id)
        if lock is None:
            click.echo(f"Error: a run of {entry.id} is going on", err=True)
            raise click.exceptions.Exit(AT_FAULT)
        due = datetime.now(timezone.utc)
        state.add_manual(entry.id, due)
    assert due is not None
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    report = run_once(schedule, entry, (place.target_text, target), state, due, lock, stop, _say)
    if report is not None and report.outcome != "succeeded":
        raise click.exceptions.Exit(AT_FAULT)


@command.command("list")
@format_option
@click.pass_obj
def list_(place: Place, format_: str) -> None:
    """List the entries: cron line, last run, its result, next run."""
    found = _standings(place)[0]
    if format_ == "json":
        print_json([_as_json(one) for one in found])
        return
    rows = table("entry", "runs", "schedule", "time zone", "last run", "result", "next run")
    for one in found:
        line = one.schedule or "by hand"
        rows.add_row(
            one.entry,
            one.runs,
            line if one.enabled else f"{line} (disabled)",
            one.time_zone,
            _local(one.last and (one.last.started or one.last.due), one.time_zone),
            one.result,
            _local(one.next, one.time_zone),
        )
    console().print(rows, markup=False)


@command.command("status")
@format_option
@prometheus_option
@click.pass_obj
def status(place: Place, format_: str, prometheus: Path | None) -> None:
    """Say whether everything on the schedule does well; exits with 1 when something does not."""
    from campus_catalog.schedule.run import write_atomically
    from campus_catalog.schedule.status import prometheus as as_text

    found, alive = _standings(place)
    if prometheus:
        try:
            write_atomically(prometheus, as_text(found, alive))
        except OSError as error:
            raise click.UsageError(f"{prometheus} cannot be written: {error.strerror}") from None
    troubled = [one for one in found if one.trouble]
    if format_ == "json":
        print_json({"healthy": not troubled, "scheduler_running": alive, "entries": [_as_json(one) for one in found]})
    else:
        for one in troubled:
            click.echo(f"{one.entry}: {one.trouble}")
        click.echo(f"scheduler {'running' if alive else 'not running'}; {len(troubled)} of {len(found)} in trouble")
    if troubled:
        raise click.exceptions.Exit(AT_FAULT)


@command.command("export")
@click.option("--systemd", type=click.Path(file_okay=False, path_type=Path), help="Write a systemd unit to it.")
@click.option("--cronjob", type=click.Path(file_okay=False, path_type=Path), help="Write Kubernetes CronJobs to it.")
@click.option("--image", default="campus-catalog:latest", show_default=True, help="Image the CronJobs run.")
@click.pass_obj
def export(place: Place, systemd: Path | None, cronjob: Path | None, image: str) -> None:
    """Write the schedule for systemd or Kubernetes. Secrets are referred to, never written."""
    from campus_catalog.schedule import export as exports

    if not systemd and not cronjob:
        raise click.UsageError("give --systemd DIR or --cronjob DIR")
    schedule = _load(place)
    place.target  # noqa: B018  refuse what is no target
    try:
        paths = exports.write(exports.systemd(schedule, place.target_text), systemd) if systemd else []
        if cronjob:
            paths += exports.write(exports.cronjobs(schedule, place.target_text, image), cronjob)
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    for path in paths:
        click.echo(path)


@command.command("deploy")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.pass_obj
def deploy(place: Place, dry_run: bool) -> None:
    """Write each recipe on the schedule to the target as a DataHub ingestion source.

    Writes only what differs. A disabled entry becomes a source without a schedule. Secrets stay ${NAME}: DataHub's
    executor fills them in.
    """
    from campus_catalog.catalog.apply import apply_plan
    from campus_catalog.catalog.writers import open_writer
    from campus_catalog.cli.plan import print_plan
    from campus_catalog.schedule.deploy import plan_deploy

    plan = plan_deploy(_load(place), place.target)
    print_plan(plan)
    if plan.skipped:
        click.echo(f"Error: {place.target} does not know {', '.join(plan.skipped)}", err=True)
        raise click.exceptions.Exit(AT_FAULT)
    if dry_run or not plan.changes:
        return
    applied = apply_plan(plan, open_writer(place.target), place.target.kind != "server")
    click.echo(f"{len(applied.written)} written to {place.target}")
    if applied.error:
        click.echo(f"Error: {applied.error}", err=True)
        raise click.exceptions.Exit(AT_FAULT if applied.refused else UNREACHABLE)


def _say(line: str) -> None:
    try:
        click.echo(line, err=True)
    except OSError:  # the scheduler that listened is gone; state and report have it
        pass


def _load(place: Place) -> Any:
    from campus_catalog.schedule.loader import load_schedule

    return load_schedule(place.home, COMMANDS)


def _state(place: Place) -> Any:
    from campus_catalog.schedule.locks import FOLDER
    from campus_catalog.schedule.state import State

    return State(place.home / FOLDER / "state.db")


def _standings(place: Place) -> tuple[list[Any], bool]:
    from campus_catalog.schedule.status import scheduler_runs, standings

    schedule = _load(place)
    return standings(schedule, _state(place), datetime.now(timezone.utc)), scheduler_runs(schedule)


def _local(moment: datetime | None, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _as_json(one: Any) -> dict[str, Any]:
    last, ended = one.last, one.ended
    return {
        "entry": one.entry,
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
