"""Writing a file so that readers see it whole or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

#: how the names of drafts end; one that stays is of a process that was killed
DRAFT = ".new"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, in place of the one that is there; a link stays one, and a file keeps its mode.

    Args:
        path: the file; its folder is made where it is missing.
        content: all of it; a text is written as UTF-8, its line ends as they are.

    Raises:
        OSError: it cannot be written; what was there before is as it was.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}{DRAFT}")
    try:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        with suppress(OSError):  # a new file has no mode to keep, and not every drive has modes
            shutil.copymode(path, draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
