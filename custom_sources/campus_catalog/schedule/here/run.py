"""One run of one entry from lock to webhook: attempts, and what each of them comes to."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from campus_catalog.catalog.target import Target
from campus_catalog.content.printable import printable
from campus_catalog.errors import REFUSED, UNREACHABLE, is_in_vain
from campus_catalog.schedule.here import command, locks
from campus_catalog.schedule.here.files import log_path
from campus_catalog.schedule.here.flag import Flag
from campus_catalog.schedule.here.processes import COMMAND
from campus_catalog.schedule.here.report import Report, keep, now, tell_webhook
from campus_catalog.schedule.here.state import INTERRUPTED, STARTS, State
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry, seconds
from campus_catalog.secrets import Redactor, is_secret_variable, values

#: commands that write to the target
_WRITE = ("ingest", "apply")
#: longest pause between attempts, in seconds
_LONGEST = 900
#: seconds between two looks whether a lock is free
_LOOK = 0.2
_SHOWN = 10
#: lines of a command that say why it failed; the very last one may be a mere count
_LAST = 3


def run_once(
    schedule: Schedule,
    entry: Entry,
    target: tuple[str, Target],
    state: State,
    due: datetime,
    lock: int,
    stop: Flag,
    log_line: Callable[[str], None] = lambda line: None,
) -> Report | None:
    """Run an entry and record how it ended.

    Args:
        schedule: the schedule.
        entry: one of it.
        target: as given on the command line, and understood.
        state: gets the outcome.
        due: the due time the run is for.
        lock: the entry's lock, held until the end, also by the command run.
        stop: set to end the run early; it then counts as interrupted if it is started again, otherwise as failed.
        log_line: told the outcome in one line.

    Returns:
        How it ended; None when this due time has ended already.
    """
    starts = state.begin(entry.id, due, datetime.now(timezone.utc))
    if not starts:
        return None
    path = log_path(entry.id, due)
    hide = redactor(schedule, {**os.environ, **entry.variables})

    def redact(text: str) -> str:
        return printable(hide(text))

    report = Report(entry.id, due.isoformat(), started=now(), log=str(path))
    log = command.Log(schedule.home / path, redact)
    try:
        _Run(schedule, entry, target[0], target[1], log, stop, lock).attempts(report, redact)
    except Exception as error:  # too many processes, say: the run must come to an end all the same
        report.outcome, report.reason = "failed", redact(f"{type(error).__name__}: {error}")
        report.advice = "see the scheduler's log"
    if report.outcome == INTERRUPTED and starts >= STARTS:  # nobody starts it again
        report.outcome, report.advice = "failed", "the next run does the rest"
    keep(schedule, report, due, state, log, log_line)
    tell_webhook(schedule, report, log_line)
    return report


def _mortal() -> list[str]:
    """The command line in a process the kernel ends with this one (PR_SET_PDEATHSIG).

    A command whose run was killed would go on without anybody to stop it in time.
    """
    tie = f"import ctypes, os; ctypes.CDLL(None).prctl(1, 9); os.getppid() == {os.getpid()} or os._exit(1)"
    return [*COMMAND[:2], f"{tie}; {COMMAND[2]}"]


@dataclass
class _Run:
    """What the attempts of a run have in common."""

    schedule: Schedule
    entry: Entry
    target_text: str
    target: Target
    log: command.Log
    stop: Flag
    lock: int

    def attempts(self, report: Report, redact: Callable[[str], str]) -> None:
        """Run the command, again while something cannot be reached; the report says what it came to."""
        entry, words = self.entry, self._words()
        keep_output = words[:3] == ["ingest", "--format", "json"]
        place = ["--home", str(self.schedule.home), "--target", self.target_text]
        # the log of ingest goes where this run's log goes: several runs may be going on
        environment = {**os.environ, **entry.variables, "CAMPUS_CATALOG_LOG": "-", "PYTHONIOENCODING": "utf-8"}
        for attempt in range(entry.retries + 1):
            with self._alone(words) as held:
                if self.stop.is_set():
                    _interrupt(report)
                    return
                report.attempts = attempt + 1
                self._say(f"attempt {attempt + 1}: campus-catalog {' '.join(words)}")
                ended = command.run(
                    [*_mortal(), *place, *words], environment, self.schedule.home, self.log, seconds(entry.timeout),
                    self.stop, keep_output, [self.lock, *held],
                )  # fmt: skip
            if not _judge(entry, ended, report, redact) or attempt == entry.retries:
                return
            pause = min(seconds(entry.retry_after) * 2**attempt, _LONGEST)
            self._say(f"{report.reason}; trying again in {pause} s")
            self.stop.wait(pause)

    def _words(self) -> list[str]:
        """The command; ``ingest`` is asked for its result as JSON, unless it is told another format."""
        words = ["ingest", self.entry.recipe] if self.entry.recipe else shlex.split(self.entry.command or "")
        if words[0] == "ingest" and not any(word.startswith("--format") for word in words):
            return ["ingest", "--format", "json", *words[1:]]
        return words

    @contextmanager
    def _alone(self, words: list[str]) -> Iterator[list[int]]:
        """Hold the locks of what one run does at a time, waited for; not all of them when told to stop meanwhile.

        The recipe locks come first and in one order, so that no two runs wait for each other.
        """
        needed = {f"_recipe.{name}": f"another run of the recipe {name}" for name in self._recipes(words)}
        if words[0] in _WRITE and self.target.kind != "server":  # a server takes several at once
            needed["_target"] = f"another run that writes to {self.target_text}"
        held: list[int] = []
        try:
            for name, other in needed.items():
                file = locks.take(self.schedule.home, name)
                if file is None:
                    self._say(f"waiting for {other} to end")
                while file is None and not self.stop.wait(_LOOK):
                    file = locks.take(self.schedule.home, name)
                if file is None:
                    break
                held.append(file)
            yield held
        finally:
            for file in held:
                locks.release(file)

    def _recipes(self, words: list[str]) -> list[str]:
        """The recipes the command runs, sorted."""
        if self.entry.recipe:
            return [self.entry.recipe]
        if words[0] != "ingest":
            return []
        known = self.schedule.recipes
        return sorted({word for word in words[1:] if word in known} or known)

    def _say(self, text: str) -> None:
        self.log.write(f"{now()} {text}")


def _interrupt(report: Report) -> None:
    report.outcome, report.reason = INTERRUPTED, "told to stop"
    report.advice = "it is started again with the scheduler"
    report.missing, report.recipes = [], []


def _judge(entry: Entry, ended: command.Ended, report: Report, redact: Callable[[str], str]) -> bool:
    """Say in the report what an attempt came to. It is judged by what was said, and kept without secrets.

    Returns:
        Whether trying again may help.
    """
    report.reason, report.advice, report.missing, report.recipes = "", "", [], []
    runs: list[dict[str, Any]] = []
    try:
        runs = json.loads(ended.output) if ended.output.strip() else []
    except ValueError:
        ended.last = [*ended.last, *ended.output.splitlines()[-5:]]
    failures = [text for run in runs for text in run["failures"]]
    again = False
    if ended.stopped:
        _interrupt(report)
        return False
    if ended.timed_out:
        report.outcome, report.reason = "failed", f"took longer than {entry.timeout} and was killed"
        report.advice = "see its log for what it waited for, or raise timeout in the schedule"
    elif ended.code == 0:
        report.outcome = "succeeded"
    elif ended.code < 0:
        report.outcome, report.reason = "failed", f"killed by signal {-ended.code}"
        report.advice = "if nobody killed it, the machine ran out of memory; the next run does the rest"
    elif runs and {run["outcome"] for run in runs} == {"succeeded"}:
        report.outcome = "failed"
        said = {
            "covered by no declaration: ": [name for run in runs for name in run["undeclared"]],
            "personal information shared too widely: ": [name for run in runs for name in run.get("wider", [])],
        }
        report.reason = "; ".join(reason + _few(names) for reason, names in said.items() if names)
        report.advice = "declare them, or leave out --strict; everything was written"
    elif runs and all(run["outcome"] in ("succeeded", "partial") for run in runs):
        report.outcome = "partial"
        # the names alone: what a report tells a webhook or a log says no word of classified material
        refused = [name.rpartition(" (")[0] or name for run in runs for name in run["refused"]]
        failures = [text for text in failures if not text.startswith(REFUSED)]
        report.missing = refused + [name for run in runs for name in run["unread"]]
        report.reason = "left out: " + _few(refused + failures)
        report.advice = "grant what is missing, or exclude it in the recipe; everything else was written"
    else:
        report.outcome = "failed"
        report.reason = _few(failures) or "; ".join([line.strip() for line in ended.last if line.strip()][-_LAST:])
        report.reason = report.reason or f"exit code {ended.code}"
        again = ended.code == UNREACHABLE and _may_pass(runs, report.reason)
        report.advice = (
            "campus-catalog doctor and validate say more; its log has the rest"
            if ended.code != UNREACHABLE
            else "check that it is up; the next run tries again"
            if again
            else "put right what it was asked with (user, password, token, address) before it is run again"
        )
    report.reason = redact(report.reason)
    report.missing, report.recipes = _redacted(report.missing, redact), _redacted(runs, redact)
    return again


def _may_pass(runs: list[dict[str, Any]], reason: str) -> bool:
    """Whether what could not be reached may be reached later: so ``ingest`` says, of other commands the words tell.

    One refused password is enough to wait for somebody: with every attempt the account comes nearer to being locked.
    """
    said = [run["retry"] for run in runs if run["outcome"] == "unreachable" and "retry" in run]
    return all(said) if said else not is_in_vain(reason)


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """The same lists and mappings with every text in them redacted; keys are no secrets."""
    if isinstance(value, dict):
        return {key: _redacted(part, redact) for key, part in value.items()}
    if isinstance(value, list):
        return [_redacted(part, redact) for part in value]
    return redact(value) if isinstance(value, str) else value


def _few(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def redactor(schedule: Schedule, environment: Mapping[str, str] = os.environ) -> Redactor:
    """The redactor for everything secret in an environment.

    Secret are the variables called so, what recipes use as a secret, and the webhook's address and key.

    Args:
        schedule: the schedule with its recipes.
        environment: of the run.

    Returns:
        Takes them out of a text.
    """
    found = {value for name, value in environment.items() if is_secret_variable(name)}
    for recipe in schedule.recipes.values():
        found |= set(values(recipe.content, environment))
    names = schedule.webhook.variables if schedule.webhook else []
    return Redactor(found | {environment[name] for name in names if name in environment})
