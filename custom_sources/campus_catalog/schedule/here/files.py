"""Where what becomes of the runs is kept, and for how long."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from campus_catalog.content.write import DRAFT

RUNS = Path(".catalog", "runs")


def log_path(entry: str, due: datetime) -> Path:
    """Where a run's log lies below the home; its report lies beside it, as ``.json``.

    Args:
        entry: the entry's id.
        due: with a time zone.

    Returns:
        Its path, relative to the home.
    """
    return RUNS / entry / f"{due.astimezone(timezone.utc):%Y%m%dT%H%M%S.%fZ}.log"


def rotate(folder: Path, keep: int) -> None:
    """Keep the logs and reports of the newest runs. Drafts are of runs that were killed: one goes on at a time.

    Args:
        folder: of one entry.
        keep: how many runs.
    """
    for draft in folder.glob(f"*{DRAFT}"):
        draft.unlink(missing_ok=True)
    stamps = sorted({path.stem for path in folder.iterdir() if path.suffix in (".log", ".json")}, reverse=True)
    for stamp in stamps[keep:]:
        for suffix in (".log", ".json"):
            (folder / f"{stamp}{suffix}").unlink(missing_ok=True)
