"""Measures each number against its reference in one run and prints the ratios. Started by ``./scripts/benchmark``."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generate  # noqa: E402
import sinks  # noqa: E402

from lib_postgres import EmbeddedPostgres  # noqa: E402


@dataclass(frozen=True)
class Bound:
    """A ratio to hold: ``ours / reference`` at most ``most``, or ``reference / ours`` at least ``least``."""

    reference: str
    most: float | None = None
    least: float | None = None


def measure(
    cases: dict[str, Path], runs: int, environment: dict[str, str], screen: Console
) -> dict[str, dict[str, Any]]:
    """Run the cases in turn, so that a slow spell of the machine hits them all; medians of each figure."""
    results: dict[str, list[dict[str, Any]]] = {case: [] for case in cases}
    for number in range(runs):
        for case, folder in cases.items():
            if screen.is_terminal:
                screen.print(f"run {number + 1}/{runs} {case}", end="\r", highlight=False)
            command = [sys.executable, str(HERE / "case.py"), case, str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
            if done.returncode:
                raise click.ClickException(f"{case} failed:\n{done.stderr[-2000:]}")
            results[case].append(json.loads(done.stdout.splitlines()[-1]))
            if results[case][-1]["failures"]:
                raise click.ClickException(f"{case} reported failures, so its time means nothing")
    return {
        case: {key: statistics.median(run[key] for run in runs_) for key in runs_[0]} for case, runs_ in results.items()
    }


def report(title: str, ours: str, results: dict[str, Any], bounds: list[Bound], figure: str, screen: Console) -> bool:
    """Print one comparison; returns whether every bound holds."""
    table = Table(
        "case", "records", "wall s", "cpu s", "process s", "memory MB", title=title, title_justify="left", box=None
    )
    for case, result in results.items():
        numbers = [f"{result[key]:.2f}" for key in ("wall", "cpu", "process")]
        table.add_row(case, str(int(result["records"])), *numbers, f"{result['memory']:.0f}")
    screen.print(table)
    good = True
    for bound in bounds:
        ratio = results[ours][figure] / results[bound.reference][figure]
        if bound.most is not None:
            held, text = ratio <= bound.most, f"{ratio:.2f} x {bound.reference} (at most {bound.most})"
        else:
            assert bound.least is not None
            held = 1 / ratio >= bound.least
            text = f"{1 / ratio:.1f} x faster than {bound.reference} (at least {bound.least})"
        screen.print(f"  {'holds' if held else 'MISSED'}: {figure} of {ours} is {text}", highlight=False)
        good = good and held
    return good


def bench_register(folder: Path, runs: int, screen: Console) -> bool:
    """Register source, 2,000 datasets x 15 fields."""
    generate.register(folder / "home", 2000, 15)
    generate.peer(folder / "peer", 2000, 15)
    cases = {"register": folder / "home", "prebuilt": folder / "home", "peer": folder / "peer"}
    results = measure(cases, runs, {}, screen)
    bounds = [Bound("prebuilt", most=1.25), Bound("peer", least=3)]
    return report("register: 2,000 datasets x 15 fields into blackhole", "register", results, bounds, "cpu", screen)


def bench_system(folder: Path, runs: int, screen: Console) -> bool:
    """campus-system over the stock postgres source, 300 tables x 16 columns.

    The reference figures are of the whole process, start and imports included, so that is what the bounds compare; the
    pipeline alone stands beside it as "cpu".
    """
    generate.live_system(folder / "home")
    with EmbeddedPostgres() as server:
        server.start(folder / "postgres")
        server.create_database("bench", generate.tables(300, 15))
        environment = {"BENCH_HOST_PORT": server.host_port, "BENCH_PASSWORD": server.password}
        cases = {"stamped": folder / "home", "bare": folder, "chain": folder}
        results = measure(cases, runs, environment, screen)
    bounds = [Bound("bare", most=1.25), Bound("chain", most=1.05)]
    return report(
        "system: 300 tables x 16 columns of PostgreSQL into blackhole", "stamped", results, bounds, "process", screen
    )


def bench_apply(folder: Path, runs: int, screen: Console) -> bool:
    """First and unchanged apply of 10,000 aspects to DataHub Lite."""
    generate.register(folder, 1040, 5)
    good = True
    for kind, least in (("first", 4), ("again", 10)):
        ours, stock = f"apply-{kind}", f"stock-{kind}"
        results = measure({stock: folder, ours: folder}, 1 if kind == "first" else runs, {}, screen)
        title = f"apply: 10,000 aspects into Lite, {kind}"
        good = report(title, ours, results, [Bound(stock, least=least)], "wall", screen) and good
        if kind == "again" and results[ours]["records"]:
            raise click.ClickException("an unchanged apply wrote something")
    return good


def bench_sinks(folder: Path, runs: int, screen: Console) -> bool:
    """Register source, 1,000 datasets x 15 fields, into each of DataHub's sinks; once, for single writes are slow."""
    generate.register(folder, 1000, 15)
    results = measure({"register": folder}, 1, {}, screen)
    expected = results["register"]["records"]
    for case in sinks.CASES:
        with sinks.listening(case) as (environment, arrived):
            results |= measure({case: folder}, 1, environment, screen)
            results[case]["records"] = arrived()  # single writes are not counted by the sink, nor are their failures
        if results[case]["records"] != expected:
            raise click.ClickException(
                f"{results[case]['records']} of {expected} records arrived, so {case} means nothing"
            )
    title = "sinks: 1,000 datasets x 15 fields into blackhole, the stand-in for a server, and Kafka"
    bounds = [Bound(sinks.SINGLE, least=1.5)]
    return report(title, sinks.BATCHES, results, bounds, "wall", screen)


BENCHMARKS = {"register": bench_register, "system": bench_system, "apply": bench_apply, "sinks": bench_sinks}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--runs", default=3, show_default=True, help="Runs of each case; medians are compared.")
def main(names: tuple[str, ...], runs: int) -> None:
    """Measure the benchmarks NAMES (default: all). Exits with 1 when a bound is missed."""
    screen = Console() if sys.stdout.isatty() else Console(width=160, color_system=None)
    good = True
    for name in names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="campus-bench-") as folder:
            good = BENCHMARKS[name](Path(folder), runs, screen) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
