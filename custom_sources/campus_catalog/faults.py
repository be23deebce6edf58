"""Errors of drivers and clients, told in one line and sorted by what they mean."""

from __future__ import annotations

import re

#: How a run's report begins an entry about classified material.
REFUSED = "refused as classified"
#: How DataHub's SQL sources begin a warning that means a table is missing from the run.
UNREAD = ("Error processing table", "Error processing view", "unable to get column information")

_LOST = re.compile(
    r"refused|could ?n.t connect|can.t connect|not connect|timed out|timeout|unreachable|"
    r"closed the connection|connection (was |has been )?(closed|reset|aborted|broken|lost|invalidated)|"
    r"lost connection|gone away|server closed|terminating connection|shutting down|starting up|"
    r"name or service not known|failure in name resolution|no route to host|"
    r"password authentication failed|access denied for user|login failed|"
    r"database .* does not exist|unknown database|unable to open database file|max retries exceeded|remote end closed",
    re.IGNORECASE,
)


def first_line(error: BaseException | str) -> str:
    """The first line of an error: drivers and SQLAlchemy add hints and links below it."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]


def is_connection_error(error: BaseException | str) -> bool:
    """Whether an error means that a system could not be reached, would not let us in, or was lost on the way.

    Judged by its words: DataHub's reports keep only the text, and the drivers use one class for a lost connection and a
    denied privilege alike.
    """
    if isinstance(error, str):
        return bool(_LOST.search(error))
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (ConnectionError, TimeoutError)) or _LOST.search(str(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
