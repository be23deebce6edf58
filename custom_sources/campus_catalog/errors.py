"""Errors of drivers and clients, told in one line and sorted by what they mean."""

from __future__ import annotations

import re

#: How a run's report begins an entry about classified material.
REFUSED = "refused as classified"

#: a table and the class of the error, as a report's entry names them
_TABLE = re.compile(r"\S+ <class '[^']*'>")

#: the servers answered, and will answer the same again
_TURNED_AWAY = (
    r"password authentication failed|access denied for user|login failed|logon denied|ora-01017|"
    r"database .* does not exist|unknown database"
)
_LOST = re.compile(
    # whole words: tables are called session_timeout, too
    r"\brefused\b|could ?n.t connect|can.t connect|not connect|timed out|"
    r"\b\w*(?<!_)timeout(?:error)?\b|\bunreachable\b|"
    r"closed the connection|connection (was |has been )?(closed|reset|aborted|broken|lost|invalidated)|"
    r"lost connection|gone away|server closed|terminating connection|shutting down|starting up|"
    r"name or service not known|failure in name resolution|no route to host|"
    r"unable to open database file|max retries exceeded|remote end closed|" + _TURNED_AWAY,
    re.IGNORECASE,
)
_VAIN = re.compile(
    _TURNED_AWAY + r"|refused the (token|credentials)|forbids this|there is no catalog at|is a SQLite database of|"
    r"no authority known here|does not speak HTTPS|answers like the DataHub frontend|needs? the privilege",
    re.IGNORECASE,
)


def first_line(error: BaseException | str) -> str:
    """The first line of an error: drivers and SQLAlchemy add hints and links below it.

    Args:
        error: the error, or its text.

    Returns:
        Its first line; the name of its class when it says nothing.
    """
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]


def is_connection_error(error: BaseException | str) -> bool:
    """Whether an error means that a system could not be reached, would not let us in, or was lost on the way.

    Judged by its words: DataHub's reports keep only the text, and the drivers use one class for a lost connection and a
    denied privilege alike.

    Args:
        error: the error, or its text; of an error those behind it are looked at too.

    Returns:
        False where that cannot be told.
    """
    if isinstance(error, str):
        return bool(_LOST.search(_TABLE.sub("", error)))  # a table may be called "refused"
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (ConnectionError, TimeoutError)) or _LOST.search(str(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def is_in_vain(text: str) -> bool:
    """Whether trying again brings the same answer: a password or token refused, a database that is not there.

    Args:
        text: the error's text.

    Returns:
        False where trying again may help.
    """
    return bool(_VAIN.search(text))
