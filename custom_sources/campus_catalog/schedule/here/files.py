"""Small files of the schedule, written so that a kill or a full disk leaves the old one."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

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


def write_atomically(path: Path, text: str) -> None:
    """Write a file that readers see whole or not at all.

    Args:
        path: the file; its folder is made where it is missing.
        text: all of its new text.

    Raises:
        OSError: it cannot be written; what was there before is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def rotate(folder: Path, keep: int) -> None:
    """Keep the logs and reports of the newest runs. Drafts are of runs that were killed: one goes on at a time.

    Args:
        folder: of one entry.
        keep: how many runs.
    """
    for draft in folder.glob(".*"):
        draft.unlink(missing_ok=True)
    stamps = sorted({path.stem for path in folder.iterdir() if path.suffix in (".log", ".json")}, reverse=True)
    for stamp in stamps[keep:]:
        for suffix in (".log", ".json"):
            (folder / f"{stamp}{suffix}").unlink(missing_ok=True)
