"""What a run does around its command: what it holds meanwhile, how it judges what was said, how it ends early."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from campus_catalog.catalog.target import parse_target
from campus_catalog.errors import UNREACHABLE
from campus_catalog.ingest.recipes import Recipe
from campus_catalog.schedule.here import command, locks
from campus_catalog.schedule.here.command import Ended
from campus_catalog.schedule.here.flag import Flag
from campus_catalog.schedule.here.report import Report
from campus_catalog.schedule.here.run import run_once
from campus_catalog.schedule.here.state import State
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry

DUE = datetime(2026, 3, 1, tzinfo=timezone.utc)
LITE, SERVER = "lite:catalog.db", "http://127.0.0.1:9"
LOCKS = ("_recipe.a", "_recipe.b", "_recipe.c", "_target")


class Stop(Flag):
    """Never waits; does what it is given instead."""

    def __init__(self, instead: Callable[[], object] = lambda: None):
        super().__init__()
        self._instead = instead

    def wait(self, seconds: float) -> bool:
        self._instead()
        return self.is_set()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def held(home: Path) -> set[str]:
    return {name for name in LOCKS if not locks.is_free(home, name)}


def ran(home: Path, entry: Entry, stop: Flag, target: str = LITE, by_hand: bool = True) -> Report:
    recipes = {name: Recipe(name, home / f"{name}.yml", {}) for name in "abc"}
    state, lock = State(home / locks.FOLDER / "state.db"), locks.take(home, entry.id)
    assert lock is not None
    if by_hand:
        state.add_manual(entry.id, DUE)
    else:
        state.checked(entry.id, "", datetime(2026, 2, 1, tzinfo=timezone.utc))
        state.claim(entry.id, [DUE], "due")
    place = Schedule(home, entries=[entry], recipes=recipes)
    report = run_once(place, entry, (target, parse_target(target, home)), state, DUE, lock, stop)
    locks.release(lock)
    assert report is not None and state.runs(entry.id)[0].outcome == report.outcome
    return report


def log(home: Path, report: Report) -> str:
    return (home / report.log).read_text(encoding="utf-8")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, home: Path) -> Callable[..., list[tuple[list[str], set[str]]]]:
    """Commands that end as given instead of running; what is returned has their words and the locks held meanwhile."""

    def end(*ends: Ended) -> list[tuple[list[str], set[str]]]:
        seen: list[tuple[list[str], set[str]]] = []

        def run(arguments: list[str], *rest: Any) -> Ended:
            seen.append((arguments[arguments.index("--target") + 2 :], held(home)))
            return ends[min(len(seen), len(ends)) - 1]

        monkeypatch.setattr(command, "run", run)
        return seen

    return end


def result(recipe: str = "a", outcome: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {"recipe": recipe, "outcome": outcome, "failures": [], "refused": [], "unread": [],
            "undeclared": [], **more}  # fmt: skip


# -- locks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "target", "locked"),
    [
        ({"recipe": "a"}, LITE, {"_recipe.a", "_target"}),
        ({"recipe": "a"}, SERVER, {"_recipe.a"}),
        ({"command": "ingest b a"}, SERVER, {"_recipe.a", "_recipe.b"}),
        ({"command": "ingest --strict"}, SERVER, {"_recipe.a", "_recipe.b", "_recipe.c"}),
        ({"command": "apply --yes"}, LITE, {"_target"}),
        ({"command": "apply --yes"}, SERVER, set()),
        ({"command": "validate"}, LITE, set()),
        ({"command": "show a"}, LITE, set()),
    ],
)
def test_a_command_holds_its_recipes_and_a_local_target_it_writes_to(
    home: Path, commands: Any, entry: dict[str, Any], target: str, locked: set[str]
) -> None:
    seen = commands(Ended(0))
    assert ran(home, Entry(id="x", **entry), Stop(), target).outcome == "succeeded"
    assert [names for _, names in seen] == [locked]
    assert held(home) == set()


def test_a_pause_between_attempts_holds_nothing_up(home: Path, commands: Any) -> None:
    seen = commands(Ended(UNREACHABLE), Ended(0))
    paused: list[set[str]] = []
    assert ran(home, Entry(id="x", recipe="a"), Stop(lambda: paused.append(held(home)))).outcome == "succeeded"
    assert paused == [set()]
    assert [names for _, names in seen] == [{"_recipe.a", "_target"}] * 2


@pytest.mark.parametrize(
    ("name", "said"),
    [("_target", "waiting for another run that writes to lite:catalog.db to end"),
     ("_recipe.a", "waiting for another run of the recipe a to end")],
)  # fmt: skip
def test_a_run_that_waits_for_another_says_so_once(home: Path, commands: Any, name: str, said: str) -> None:
    commands(Ended(0))
    other, looks = locks.take(home, name), []

    def look() -> None:
        looks.append(name)
        if len(looks) == 3:
            assert other is not None
            locks.release(other)

    report = ran(home, Entry(id="x", recipe="a"), Stop(look))
    assert report.outcome == "succeeded" and len(looks) == 3
    assert log(home, report).count(said) == 1


# -- what was said ---------------------------------------------------------------------------------------------------


def test_ingest_as_a_command_may_succeed_in_part(home: Path, commands: Any) -> None:
    partly = result("b", "partial", refused=["secret_table"], unread=["v_cj"], failures=["v_cj: denied"])
    runs = [result("a"), partly]
    seen = commands(Ended(1, output=json.dumps(runs)))
    report = ran(home, Entry(id="x", command="ingest a b"), Stop())
    assert seen[0][0] == ["ingest", "--format", "json", "a", "b"]
    assert (report.outcome, report.missing) == ("partial", ["secret_table", "v_cj"])
    assert report.reason == "left out: secret_table; v_cj: denied"
    assert [run["recipe"] for run in report.recipes] == ["a", "b"]


def test_ingest_in_a_format_of_its_own_is_left_alone(home: Path, commands: Any) -> None:
    seen = commands(Ended(0))
    ran(home, Entry(id="x", command="ingest --format table a"), Stop())
    assert seen[0][0] == ["ingest", "--format", "table", "a"]


def test_what_strict_refuses_is_said(home: Path, commands: Any) -> None:
    commands(Ended(1, output=json.dumps([result(undeclared=["jwxt.jw_new"])])))
    report = ran(home, Entry(id="x", command="ingest --strict a"), Stop())
    assert report.outcome == "failed" and "jwxt.jw_new" in report.reason and "--strict" in report.advice


def test_what_strict_refuses_for_its_personal_information_is_said(home: Path, commands: Any) -> None:
    commands(Ended(1, output=json.dumps([result(wider=["jwxt.jw_lxr"])])))
    report = ran(home, Entry(id="x", command="ingest --strict a"), Stop())
    assert (report.outcome, report.reason) == ("failed", "personal information shared too widely: jwxt.jw_lxr")


def test_a_secret_that_is_an_ordinary_word_does_not_spoil_the_result(
    home: Path, commands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"USE_TOKEN": "false", "DB_PASSWORD": "failures", "A_KEY": "partial", "B_KEY": "s3cr3t"}.items():
        monkeypatch.setenv(name, value)
    runs = [result(outcome="partial", failures=["no s3cr3t table"], unread=["no s3cr3t table"], kept=False)]
    commands(Ended(1, output=json.dumps(runs)))
    report = ran(home, Entry(id="x", recipe="a"), Stop())
    assert report.outcome == "partial" and report.recipes[0]["kept"] is False
    assert report.recipes[0]["failures"] == report.missing == ["no ****** table"]
    assert "s3cr3t" not in report.reason + log(home, report)


# -- told to stop ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_hand", "outcome"), [(True, "failed"), (False, "interrupted")])
def test_only_a_run_that_is_started_again_may_end_without_an_outcome(
    home: Path, commands: Any, by_hand: bool, outcome: str
) -> None:
    commands(Ended(-15, stopped=True))
    report = ran(home, Entry(id="x", recipe="a"), Stop(), by_hand=by_hand)
    assert (report.outcome, report.reason) == (outcome, "told to stop") and report.advice
    assert (home / report.log).with_suffix(".json").exists() == by_hand, "what is started again has not ended"
    assert log(home, report).splitlines()[-1].endswith(f"{outcome}: told to stop; {report.advice}")


def test_a_run_stopped_in_a_pause_says_nothing_of_the_attempt_before(home: Path, commands: Any) -> None:
    commands(Ended(UNREACHABLE, last=["connection refused"]))
    stop = Stop(lambda: stop.set())
    report = ran(home, Entry(id="x", recipe="a"), stop)
    assert (report.outcome, report.reason, report.attempts) == ("failed", "told to stop", 1)
    assert "check that it is up" not in report.advice


@pytest.mark.parametrize(
    ("said", "attempts"), [("password authentication failed for user", 1), ("connection refused", 3)]
)
def test_only_what_may_pass_is_tried_again(home: Path, commands: Any, said: str, attempts: int) -> None:
    runs = [result(outcome="unreachable", failures=[said])]
    commands(Ended(UNREACHABLE, output=json.dumps(runs)))
    report = ran(home, Entry(id="x", recipe="a"), Stop())
    assert (report.outcome, report.attempts) == ("failed", attempts) and report.reason == said
    assert ("user, password" in report.advice) == (attempts == 1)


@pytest.mark.parametrize(("said", "attempts"), [([True], 3), ([False], 1), ([True, False], 1)])
def test_ingest_itself_says_whether_a_system_may_be_reached_later(
    home: Path, commands: Any, said: list[bool], attempts: int
) -> None:
    runs = [result(outcome="unreachable", failures=["[CODE:-1]"], retry=retry) for retry in said]
    commands(Ended(UNREACHABLE, output=json.dumps([result("b", retry=False), *runs])))
    report = ran(home, Entry(id="x", command="ingest"), Stop())
    assert (report.outcome, report.attempts) == ("failed", attempts)
    assert ("user, password" in report.advice) == (attempts == 1)
