"""Running recipes into a target, one after another, each whole or not at all where the target allows it."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.store import Store
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.errors import REFUSED, Failure, judge, one_line
from campus_catalog.ingest.recipes import Recipe
from campus_catalog.ingest.settle import bring_index, settle
from campus_catalog.ingest.sink import SINK_TYPE
from campus_catalog.ingest.waiting import Waiting
from campus_catalog.secrets import guard_log, redactor_of
from campus_catalog.sources.stamping import Stamping
from campus_catalog.sources.stock import UNREAD, escalate
from campus_catalog.temporary import temporary_folder
from campus_catalog.variables import listed

#: how the failures of the source campus-system begin that leave the rest of the run sound
_PARTIAL = (REFUSED, *UNREAD)
Outcome = Literal["succeeded", "partial", "failed", "unreachable"]


@dataclass
class Run:
    """What became of one recipe.

    Attributes:
        outcome: ``partial``: kept, but single tables were refused or not read; the two bad ones: see ``kept``.
        retry: of an unreachable one: whether trying again may help; not where a password or token was refused.
        kept: whether what the run wrote was kept; a local target is left as it was by a failed run.
        changed: aspects changed; None for a server, which does not tell.
        failures: what went wrong, one line each.
        wider: declared tables shared more widely than their personal information allows.
        refused, unread: the tables a partial run left out, as classified or because they could not be read.
        reviewed: tables with a word of classified material that were let in, with who reviewed them.
    """

    recipe: str
    outcome: Outcome = "succeeded"
    retry: bool = False
    kept: bool = True
    records: int = 0
    changed: int | None = None
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def run_recipes(
    recipes: list[Recipe], target: Target, home: Path, began: Callable[[Recipe], None] = lambda recipe: None
) -> Iterator[Run]:
    """Run each recipe into the target and say what became of it.

    Args:
        recipes: in the order to run them.
        target: where to write.
        home: content folder; recipes run with it as the current folder, as the stock command would.
        began: called before each recipe, to show progress.

    Yields:
        What became of each recipe, as soon as it has ended.

    Raises:
        TargetError: the target cannot be opened or reached, or no temporary folder can be made.
    """
    if target.kind == "server":
        _check_server(target)
    store = None if target.kind == "server" else open_store(target)
    variables = {"CAMPUS_CATALOG_HOME": str(home)}
    if store is not None and "CAMPUS_CATALOG_STATE" not in os.environ:
        # what a local catalog holds is remembered beside it, so that two catalogs of one home do not mix
        variables["CAMPUS_CATALOG_STATE"] = f"{target.path}.state"
    try:
        with own_temporary_folder() as folder, _at_home(home, {**variables, "TMPDIR": folder}):
            for recipe in recipes:
                began(recipe)
                run = _run(recipe, target, store)
                if store is not None and recipe is recipes[-1]:
                    run.warnings += filter(None, [bring_index(store)])
                yield run
    finally:
        if store is not None:
            store.close(at_once=True)


def _check_server(target: Target) -> None:
    """Say at once, and in one line, that a server is not there or refuses the token."""
    from campus_catalog.catalog.server import connect, unreached

    try:
        connect(target, timeout_sec=10, retry_max_times=1).close()
    except Exception as error:  # the client raises its own and requests' errors alike
        raise unreached(target, error) from error


@contextlib.contextmanager
def _at_home(home: Path, variables: Mapping[str, str]) -> Iterator[None]:
    folder, environment = Path.cwd(), dict(os.environ)
    os.chdir(home)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)


@contextlib.contextmanager
def own_temporary_folder() -> Iterator[str]:
    """Lead DataHub into a temporary folder that goes with the run: its SQL parser leaves its databases there.

    Raises:
        TargetError: none can be made.
    """
    before = tempfile.tempdir
    with contextlib.ExitStack() as stack:
        try:
            tempfile.tempdir = str(stack.enter_context(temporary_folder()))
        except OSError as error:
            raise TargetError(
                f"no temporary folder can be made ({error}); make room, or name one with TMPDIR"
            ) from error
        try:
            yield tempfile.tempdir
        finally:
            tempfile.tempdir = before
            _close_databases()


def _close_databases() -> None:
    """Close what DataHub's caches keep open to the end, where each would complain that its file has gone already."""
    from datahub.utilities.file_backed_collections import ConnectionWrapper

    gc.collect()
    for database in [one for one in gc.get_objects() if type(one) is ConnectionWrapper]:
        with contextlib.suppress(Exception):  # it is of no use any more, whatever state it is in
            database.close()


def _run(recipe: Recipe, target: Target, store: Store | None) -> Run:
    from datahub.configuration.config_loader import EnvResolver

    from campus_catalog.ingest.pipeline import CatalogPipeline

    run = Run(recipe.name)
    redact = redactor_of(recipe.content)
    missing = recipe.missing(os.environ)
    if missing:
        run.outcome, run.kept = "failed", False
        lines = (f"environment variable {listed({name: said})} is not set" for name, said in sorted(missing.items()))
        run.failures = [redact(line) for line in lines]
        return run
    guard_log(redact)
    pipeline, waiting = None, Waiting()
    try:
        config = EnvResolver(os.environ).resolve(recipe.content)  # what the file says has been read, in UTF-8
        config["sink"] = _sink(target, waiting)
        if store is None:
            # a snapshot would go alone, without the batch
            config["source"].setdefault("extractor_config", {})["unpack_mces_into_mcps"] = True
        # the recipe's own reports of progress would garble ours
        with contextlib.redirect_stdout(io.StringIO()):
            # the recipe as written is what reports of the run may show
            pipeline = CatalogPipeline.create(config, raw_config=recipe.content, report_to=None, no_progress=True)
            escalate(pipeline.source.get_report())
            pipeline.run()
        _read_report(pipeline, run, target)
    except Exception as error:
        _fail(run, error)
    except SystemExit as error:
        _fail(run, RuntimeError(f"the source wanted to end the command, with exit code {error.code}"))
    with contextlib.closing(waiting):
        if store is not None:
            _settle(run, store, target, pipeline, waiting)
    if pipeline is not None and run.kept:
        _remember(run, pipeline)
    run.failures, run.warnings = ([redact(text) for text in texts] for texts in (run.failures, run.warnings))
    return run


def _remember(run: Run, pipeline: Any) -> None:
    """Keep the state for the next run, now that the catalog has what it speaks of."""
    try:
        pipeline.commit_state()
    except Exception as error:
        _fail(run, error)


def _sink(target: Target, waiting: Waiting) -> dict[str, Any]:
    if target.kind != "server":
        return {"type": SINK_TYPE, "config": {"waiting": waiting}}
    from campus_catalog.catalog.server import client_config

    # batches over Rest.li keep Chinese urns and the order of records; see docs/design/decisions.md for the other ways
    config = client_config(target).model_dump(exclude_none=True)
    return {"type": "datahub-rest", "config": {**config, "endpoint": "RESTLI", "mode": "ASYNC_BATCH"}}


def _settle(run: Run, store: Store, target: Target, pipeline: Any, waiting: Waiting) -> None:
    """Write what a sound run said; leave the catalog as it was otherwise."""
    if run.outcome in ("succeeded", "partial"):
        refused = sorted(urn for stamping in _stampings(pipeline) for urn in stamping.gate.own)
        try:
            run.changed = settle(store, target, waiting, refused)
            return
        except Exception as error:
            _fail(run, error)
    run.changed, run.kept = 0, False


def _read_report(pipeline: Any, run: Run, target: Target) -> None:
    report, sink = pipeline.source.get_report(), pipeline.sink.get_report()
    run.records = sink.total_records_written
    refusals = []
    for stamping in _stampings(pipeline):
        run.undeclared += stamping.report.undeclared
        run.wider += stamping.report.wider
        run.refused += stamping.report.refused
        run.reviewed += stamping.report.reviewed
        refusals += [f"{stamping.refusal}: {name}" for name in stamping.report.refused]
    run.removed = list(getattr(report, "soft_deleted_stale_entities", []))
    told = [entry for entry in report.failures if not entry.message.startswith(REFUSED)]
    run.failures = [_entry(entry) for entry in told] + [one_line(str(item)) for item in sink.failures] + refusals
    run.warnings = [_entry(entry) for entry in report.warnings] + [one_line(str(item)) for item in sink.warnings]
    if not run.failures:
        return
    # our own words about a refused table are no sign of a lost connection
    lost = [text for text in run.failures if judge(text) is not Failure.OTHER and not text.startswith(REFUSED)]
    known = getattr(pipeline.source, "failure", Failure.OTHER)
    if lost or known is not Failure.OTHER:
        reason, retry = _one_reason(lost[0] if lost else run.failures[0], target)
        run.outcome, run.retry = "unreachable", retry and known is not Failure.TURNED_AWAY
        run.failures, run.warnings = [reason], []
    else:
        run.outcome = "partial" if all(text.startswith(_PARTIAL) for text in run.failures) else "failed"
        run.unread = _longest(getattr(report, "unread", []))


def _stampings(pipeline: Any) -> list[Stamping[Any]]:
    """What stamped the records of a run: our source, our transformers."""
    parts = [pipeline.source, *pipeline.transformers]
    return [part.stamping for part in parts if isinstance(getattr(part, "stamping", None), Stamping)]


def _longest(names: list[str]) -> list[str]:
    """Each table once: DataHub says ``public.t`` of one and the same table as ``db.public.t``, too."""
    known = dict.fromkeys(names)
    return [name for name in known if not any(other.endswith(f".{name}") for other in known)]


def _one_reason(reason: str, target: Target) -> tuple[str, bool]:
    """What to say of a lost connection, and whether trying again may help.

    What follows it is noise: one line says what was lost. The log has the rest.
    """
    if target.kind == "server" and "Unable to emit" in reason:
        from campus_catalog.catalog.server import unreached

        error = unreached(target, RuntimeError(reason))
        return str(error), error.retry
    return reason, judge(reason) is not Failure.TURNED_AWAY


def _entry(entry: Any) -> str:
    """One line for a DataHub structured log entry."""
    context = "; ".join(one_line(text) for text in list(entry.context)[:5])
    more = len(entry.context) - 5
    head = " - ".join(text for text in (entry.title, entry.message) if text and text != "None")
    return one_line(f"{head}: {context}" if context else head) + (f" (and {more} more)" if more > 0 else "")


def _fail(run: Run, error: Exception) -> None:
    run.failures.append(one_line(str(error)) or type(error).__name__)
    failure = judge(error)
    run.outcome, run.retry = ("failed" if failure is Failure.OTHER else "unreachable"), failure is Failure.LOST
