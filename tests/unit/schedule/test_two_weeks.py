"""Two weeks of schedule under a simulated clock: whatever dies, every due time is accounted for and none runs twice."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campus_catalog.schedule.cron import parse_cron
from campus_catalog.schedule.here.scheduler import Job, Scheduler
from campus_catalog.schedule.here.state import Row, State

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
END = START + timedelta(days=14)
#: entry -> cron line, minutes between due times, minutes a run takes, how it ends
ENTRIES = {
    "sound": ("0 * * * *", 60, 7, "succeeded"),
    "often": ("*/30 * * * *", 30, 2, "succeeded"),
    "failing": ("0 */6 * * *", 360, 1, "failed"),
    "slow": ("0 * * * *", 60, 95, "succeeded"),
    "dead": ("0 */2 * * *", 120, 20, "failed"),
    "missing-some": ("0 0 * * *", 1440, 50, "partial"),
}


class QuickState(State):
    """The real state without waiting for the disk: two weeks have thousands of commits."""

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with super()._open() as db:
            db.execute("PRAGMA synchronous = OFF")
            yield db


@dataclass
class Machine:
    """Runs that take simulated time. ``power_cut`` kills them all; they record nothing then."""

    state: State
    now: datetime = START
    going: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    started: list[tuple[str, datetime]] = field(default_factory=list)
    ended: list[tuple[str, datetime]] = field(default_factory=list)
    killed: list[tuple[str, datetime]] = field(default_factory=list)

    def take(self, entry: str) -> Any | None:
        return None if entry in self.going else entry

    def release(self, lock: Any) -> None:
        assert lock not in self.going

    def start(self, entry: str, due: datetime, lock: Any) -> None:
        assert entry not in self.going, "two runs of an entry at once"
        assert self.state.begin(entry, due, self.now), "a run that has ended begins again"
        self.started.append((entry, due))
        self.going[entry] = (due, self.now + timedelta(minutes=ENTRIES[entry][2]))

    def close(self, row: Row, advice: str) -> None:
        assert row.entry not in self.going, "a run that goes on is closed"
        self.state.finish(row.entry, row.due, "failed", self.now, f"the run was killed; {advice}")

    def running(self) -> list[str]:
        return list(self.going)

    def end_runs(self) -> None:
        for entry, (due, end) in list(self.going.items()):
            if end <= self.now:
                self.state.finish(entry, due, ENTRIES[entry][3], end)
                self.ended.append((entry, due))
                del self.going[entry]

    def power_cut(self) -> None:
        self.killed += [(entry, due) for entry, (due, _) in self.going.items()]
        self.going.clear()


def simulate(folder: Path, seed: int) -> tuple[State, Machine]:
    chance = random.Random(seed)
    state = QuickState(folder / "state.db")
    machine = Machine(state)
    jobs = [Job(entry, parse_cron(line, ZoneInfo("UTC")), line) for entry, (line, *_) in ENTRIES.items()]
    scheduler = Scheduler(jobs, state, machine, at_once=len(jobs))
    scheduler.step(START)
    # in the second week the content changes every day, to the same schedule in another order and back
    changes = [START + timedelta(days=7 + day) for day in range(7)]
    # the scheduler alone is killed, or the machine with all runs; both stay away from a minute to a day
    deaths = sorted(START + chance.random() * (END - START) for _ in range(12))
    while machine.now < END:
        due = scheduler.step(machine.now) or END
        wake = min([END, due, *(end for _, end in machine.going.values())])
        if deaths and deaths[0] <= wake:
            machine.now = max(machine.now, deaths.pop(0))
            machine.end_runs()
            if chance.random() < 0.5:
                machine.power_cut()
            machine.now = min(END, machine.now + timedelta(minutes=chance.choice([1, 45, 300, 1440])))
            scheduler = Scheduler(jobs, state, machine, at_once=len(jobs))
        else:
            machine.now = max(wake, machine.now + timedelta(seconds=1))
        if changes and changes[0] <= machine.now:
            changes.pop(0)
            jobs = [*jobs[1:], jobs[0]]
            scheduler.replace(jobs, at_once=len(jobs))
        machine.end_runs()
    scheduler.step(END)
    machine.now = END + timedelta(hours=3)
    machine.end_runs()
    return state, machine


@pytest.mark.parametrize("seed", range(3))
def test_every_due_time_is_accounted_for_and_none_runs_twice(tmp_path: Path, seed: int) -> None:
    state, machine = simulate(tmp_path, seed)
    assert machine.killed, "the simulation kills runs"
    for entry, (_, minutes, _, outcome) in ENTRIES.items():
        count = int((END - START) / timedelta(minutes=minutes))
        expected = [START + timedelta(minutes=minutes * number) for number in range(1, count + 1)]
        accounted: list[datetime] = []
        rows = sorted(state.runs(entry), key=lambda row: row.due)
        for row in rows:
            # a row stands for its own due time and the missed ones right before it
            accounted += [row.due - timedelta(minutes=minutes * back) for back in range(row.missed, -1, -1)]
        assert accounted == expected, entry
        assert {row.outcome for row in rows} <= {outcome, "skipped", "failed"}, entry
        assert all(row.reason for row in rows if row.outcome != outcome)
        assert any(row.outcome == outcome for row in rows)
    assert max(Counter(machine.ended).values()) == 1
    starts, kills = Counter(machine.started), Counter(machine.killed)
    assert all(count <= 1 + kills[run] and count <= 2 for run, count in starts.items()), "again only after a kill"


def test_a_slow_run_skips_what_falls_into_it(tmp_path: Path) -> None:
    state, _ = simulate(tmp_path, 0)
    outcomes = Counter(row.outcome for row in state.runs("slow"))
    assert outcomes["skipped"] > 50 and outcomes["succeeded"] > 50
    assert Counter(row.outcome for row in state.runs("sound"))["skipped"] <= 2, "only beside a run started again"


def test_missed_due_times_are_caught_up_by_one_run(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    job = Job("sound", parse_cron("0 * * * *", ZoneInfo("UTC")), "key")
    Scheduler([job], state, machine).step(START)
    machine.now = START + timedelta(hours=9, minutes=30)
    Scheduler([job], state, machine).step(machine.now)
    Scheduler([job], state, machine).step(machine.now)
    assert machine.started == [("sound", START + timedelta(hours=9))]
    (row,) = state.runs("sound")
    assert row.missed == 8


def test_a_new_cron_line_counts_from_now(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    Scheduler([Job("sound", parse_cron("0 1 * * *", ZoneInfo("UTC")), "old")], state, machine).step(START)
    later = START + timedelta(days=3)
    Scheduler([Job("sound", parse_cron("0 2 * * *", ZoneInfo("UTC")), "new")], state, machine).step(later)
    assert machine.started == []


def test_a_clock_set_back_starts_nothing_again(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([Job("sound", parse_cron("0 * * * *", ZoneInfo("UTC")), "key")], state, machine)
    for minutes in (0, 61, 10, 61, 119):
        machine.now = START + timedelta(minutes=minutes)
        scheduler.step(machine.now)
        machine.now += timedelta(minutes=8)
        machine.end_runs()
    assert machine.started == [("sound", START + timedelta(hours=1))]


def test_an_entry_that_cannot_be_started_does_not_stop_the_others(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")

    class Broken(Machine):
        def start(self, entry: str, due: datetime, lock: Any) -> None:
            if entry == "failing":
                raise OSError("no space left on device")
            super().start(entry, due, lock)

    machine = Broken(state)
    jobs = [Job(entry, parse_cron("0 * * * *", ZoneInfo("UTC")), "key") for entry in ("failing", "sound")]
    scheduler = Scheduler(jobs, state, machine)
    scheduler.step(START)
    machine.now = START + timedelta(hours=1)
    scheduler.step(machine.now)
    assert [entry for entry, _ in machine.started] == ["sound"]


def at(hour: int, entry: str = "sound") -> Job:
    return Job(entry, parse_cron(f"0 {hour} * * *", ZoneInfo("UTC")), f"0 {hour} * * *")


def test_a_changed_schedule_holds_from_the_next_step_on(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1)], state, machine)
    scheduler.step(START)
    scheduler.replace([at(3), at(2, "often")])  # another cron line, and a new entry
    for hour in range(1, 5):
        machine.now = START + timedelta(hours=hour)
        scheduler.step(machine.now)
        machine.now += timedelta(minutes=30)
        machine.end_runs()
    assert machine.started == [("often", START + timedelta(hours=2)), ("sound", START + timedelta(hours=3))]


def test_an_entry_taken_off_the_schedule_ends_its_run_and_starts_no_other(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1, "slow"), at(1)], state, machine)
    scheduler.step(START)
    machine.now = START + timedelta(hours=1)
    scheduler.step(machine.now)
    scheduler.replace([at(1)])
    for hours in (3, 25, 49):
        machine.now = START + timedelta(hours=hours)
        machine.end_runs()
        scheduler.step(machine.now)
    assert [row.outcome for row in state.runs("slow")] == ["succeeded"]
    assert len(state.runs("sound")) == 3


def test_an_entry_that_comes_back_counts_from_then_on(tmp_path: Path) -> None:
    """Disabled or taken out for a week; nobody waits for a hundred missed runs."""
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1), at(2, "often")], state, machine)
    scheduler.step(START)
    scheduler.replace([at(2, "often")])
    scheduler.step(START)
    scheduler.replace([at(1), at(2, "often")])
    machine.now = START + timedelta(days=7)
    scheduler.step(machine.now)
    assert machine.started == [("often", START + timedelta(days=6, hours=2))], "what stayed is caught up"


def test_a_run_killed_after_its_entry_left_the_schedule_is_closed(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1, "slow")], state, machine)
    scheduler.step(START)
    machine.now = START + timedelta(hours=1)
    scheduler.step(machine.now)
    scheduler.replace([])
    scheduler.step(machine.now)
    assert [row.outcome for row in state.runs("slow")] == ["running"], "it goes on"
    machine.power_cut()
    scheduler.step(machine.now)
    assert [row.outcome for row in state.runs("slow")] == ["failed"]


def test_after_an_outage_entries_start_in_the_order_of_the_file_a_few_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    names = ["failing", "sound", "dead", "often", "slow"]
    scheduler = Scheduler([at(hour, name) for hour, name in enumerate(names, start=1)], state, machine, at_once=2)
    scheduler.step(START)
    machine.now = START + timedelta(hours=8)
    for _ in range(120):
        scheduler.step(machine.now)
        assert len(machine.going) <= 2
        machine.now += timedelta(minutes=1)
        machine.end_runs()
    assert [entry for entry, _ in machine.started] == names
    assert {row.outcome for name in names for row in state.runs(name)} == {"succeeded", "failed"}, "none is skipped"
    waits = [record.getMessage() for record in caplog.records if "waits" in record.getMessage()]
    assert len(waits) == 3, "said once for each"


def test_a_run_to_be_started_again_waits_for_its_turn(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    jobs = [at(1), at(1, "slow")]
    Scheduler(jobs, state, machine).step(START)
    machine.now = START + timedelta(hours=1)
    Scheduler(jobs, state, machine).step(machine.now)
    machine.power_cut()
    scheduler = Scheduler(jobs, state, machine, at_once=1)
    scheduler.step(machine.now)
    assert list(machine.going) == ["sound"]
    machine.now += timedelta(minutes=7)
    machine.end_runs()
    scheduler.step(machine.now)
    assert list(machine.going) == ["slow"] and state.runs("slow")[0].starts == 2


def test_a_clock_that_was_years_ahead_does_not_stop_the_schedule(tmp_path: Path) -> None:
    """Without a battery a machine may start in another decade, until it has asked the network for the time."""
    state = State(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1)], state, machine)
    scheduler.step(START)
    machine.now = START + timedelta(days=3650)
    scheduler.step(machine.now)
    machine.now += timedelta(minutes=30)
    machine.end_runs()
    right = START + timedelta(days=1, hours=2)
    machine.now = right
    scheduler.step(machine.now)
    machine.now = START + timedelta(days=2, hours=1)
    scheduler.step(machine.now)
    assert machine.started[-1] == ("sound", machine.now)
    machine.now += timedelta(minutes=30)
    machine.end_runs()
    newest = state.last("sound", "succeeded")
    assert newest and newest.due == START + timedelta(days=2, hours=1), "the run of the wrong decade is not the newest"


def test_the_state_forgets_what_is_more_than_400_days_past(tmp_path: Path) -> None:
    state = QuickState(tmp_path / "state.db")
    machine = Machine(state)
    scheduler = Scheduler([at(1)], state, machine)
    for day in range(450):
        machine.now = START + timedelta(days=day, hours=1)
        scheduler.step(machine.now)
        machine.now += timedelta(minutes=30)
        machine.end_runs()
    rows = state.runs("sound")
    assert 399 <= len(rows) <= 401 and rows[-1].due >= machine.now - timedelta(days=401)


def test_what_cannot_be_started_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state = State(tmp_path / "state.db")

    class Full(Machine):
        def take(self, entry: str) -> Any:
            raise OSError("no space left on device")

    scheduler = Scheduler([at(1)], state, Full(state))
    for second in range(5):
        scheduler.step(START + timedelta(seconds=5 * second))
    (said,) = [record.getMessage() for record in caplog.records]
    assert "no space left on device" in said and "sound" in said
