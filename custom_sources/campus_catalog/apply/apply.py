"""Bringing a catalog to what the content declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from campus_catalog.apply.plan import Change, Plan, PlanError, digest
from campus_catalog.apply.writers import WriteError, Writer
from campus_catalog.catalog.target import TargetError
from campus_catalog.errors import DONE


@dataclass
class Applied:
    """What became of a plan.

    Attributes:
        written: the changes known to be written, in order.
        pending: the changes not known to be written; the next plan finds those still needed.
        error: what stopped the apply; empty when nothing did.
        exit_code: of the command; DONE unless something stopped the apply.
    """

    written: list[Change] = field(default_factory=list)
    pending: list[Change] = field(default_factory=list)
    error: str = ""
    exit_code: int = DONE


def check_fresh(plan: Plan, writer: Writer) -> None:
    """Refuse a plan whose catalog has moved since it was made.

    Args:
        plan: a plan made earlier.
        writer: the catalog it is for.

    Raises:
        PlanError: naming what changed.
        TargetError: the catalog cannot be reached.
    """
    current = writer.current({change.urn for change in plan.changes})
    moved = [
        f"{change.urn} {change.aspect}"
        for change in plan.changes
        if digest(current.get(change.urn, {}).get(change.aspect)) != change.before
    ]
    if moved:
        shown = "\n".join(f"  {text}" for text in moved[:10])
        more = f"\n  and {len(moved) - 10} more" if len(moved) > 10 else ""
        raise PlanError(f"the catalog changed since the plan was made; make a new plan. Changed:\n{shown}{more}")


def apply_plan(
    plan: Plan, writer: Writer, local: bool, wrote: Callable[[Change], None] = lambda change: None
) -> Applied:
    """Write every change of a plan, in order; stop at the first fault.

    Args:
        plan: a plan known to be fresh.
        writer: the catalog.
        local: whether the catalog keeps all or nothing.
        wrote: called after each change, to show progress.

    Returns:
        What was written and what was not; a fault of the catalog is told there, not raised.
    """
    applied = Applied()
    try:
        for change in writer.write(plan.changes):
            applied.written.append(change)
            wrote(change)
    except (WriteError, TargetError) as error:
        applied.error, applied.exit_code = str(error), error.exit_code
    except BaseException:
        writer.finish(keep=False)
        raise
    try:
        writer.finish(keep=not applied.error)
    except WriteError as error:
        if not applied.error:
            applied.error, applied.exit_code = str(error), error.exit_code
    done = {id(change) for change in applied.written}
    if applied.error and local:
        applied.written, done = [], set()
    applied.pending = [change for change in plan.changes if id(change) not in done]
    return applied
