"""The project's own errors, and what the errors of drivers and clients mean. Design: docs/design/decisions.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

#: exit codes of every command
DONE, AT_FAULT, USAGE, UNREACHABLE = 0, 1, 2, 3
#: How a run's report begins an entry about classified material.
REFUSED = "refused as classified"
#: How it begins one about a table with such a word that somebody has reviewed.
REVIEWED = "reviewed as no classified material"
#: The logger that names what was refused, where no report does.
REFUSED_LOG = "campus-catalog.refused"


class CampusError(Exception):
    """The base of the project's own errors; the message is for the reader: what is wrong, where, what to do.

    Attributes:
        exit_code: of a command that ends with it: AT_FAULT, USAGE or UNREACHABLE.
        retry: whether the same may succeed when it is tried again, with nothing put right by anybody.
    """

    exit_code: int = AT_FAULT
    retry: bool = False

    def shown(self) -> str:
        """What a command prints when it ends with it.

        Returns:
            One line or more, for the reader.
        """
        return f"Error: {self}"


class Failure(IntEnum):
    """What an error says of the system or server it came from; of several causes the greatest counts."""

    #: it answered, and the fault is in what was asked of it
    OTHER = 0
    #: it could not be reached, or was lost on the way
    LOST = 1
    #: it would not let us in, and will answer the same again: a password or certificate refused, no such database
    TURNED_AWAY = 2


#: Whose numbers -> how a text names one.
_NAMED = {
    "SQLSTATE": re.compile(r"\bSQLSTATE\W{1,4}([0-9A-Z]{5})\b|\[(\d\w{4}|HYT0\d)\]|\b\d{4} \(([0-9A-Z]{5})\):"),
    # PyMySQL (2003, "…") and (0, ''); pymssql (20009, b'…'); MySQL's connector 2003 (HY000): …; pyodbc (18456) (SQL…)
    "number": re.compile(r"\((\d{3,5}), b?[\"']|\((0), ''\)|\b(\d{4}) \([0-9A-Z]{5}\):|\((\d+)\) \(SQL\w+\)"),
    "Oracle": re.compile(r"\b(ORA-\d{5}|DPY-\d{4}|DPI-\d{4})\b"),
    "DM": re.compile(r"\[CODE:(-\d+)\]"),
    "MongoDB": re.compile(r"full error: \{.*?'code': (\d+)\b"),
}
#: Whose numbers -> those that mean LOST, TURNED_AWAY and OTHER; * is any end. What is in none is judged by the rest.
_NUMBERS = {
    # PostgreSQL's manual, appendix A (openGauss and Kingbase say the same); ODBC Programmer's Reference, appendix A.
    # 57014 and 55P03: a wait was given up
    "SQLSTATE": ("08* 25P03 53300 55P03 57014 57P01 57P02 57P03 57P05 HYT00 HYT01", "28* 3D000 57P04", "22* 42*"),
    # MySQL Error Message Reference, client (2…) and server; MariaDB Error Code Reference (1927, 4151); OceanBase
    # and TiDB say the same. Beside them SQL Server: Database Engine events and errors (208 to 230, 4060, 4064, 6005,
    # 17…, 18…), Azure SQL transient errors (40…), FreeTDS's sybdb.h (20…)
    "number": (
        (
            "0 1040 1042 1043 1053 1079 1080 1081 1152 1154 1155 1156 1157 1158 1159 1160 1161 1184 1203 1205 1226 "
            "1927 2001 2002 2003 2004 2005 2006 2012 2013 2026 2055 4031 "
            "6005 17142 18461 20002 20003 20004 20006 20009 20017 20047 40197 40501 40613"
        ),
        (
            "1044 1045 1049 1129 1130 1251 1524 1698 1820 1862 2049 2054 2059 2061 3118 3159 4151 "
            "4060 4064 18452 18456 18470 18486 18487 18488"
        ),
        "1142 1143 1146 1227 1356 208 229 230",
    ),
    # Oracle Database Error Help; errors.py of python-oracledb (DPY), dpiErrorMessages.c of ODPI-C (DPI)
    "Oracle": (
        (
            "ORA-00018 ORA-00020 ORA-00028 ORA-01012 ORA-01033 ORA-01034 ORA-01089 ORA-01090 ORA-01092 ORA-02391 "
            "ORA-02396 ORA-03113 ORA-03114 ORA-03135 ORA-1215* ORA-1216* ORA-1217* ORA-1218* ORA-1219* ORA-122* "
            "ORA-125* ORA-126* "
            "DPI-1010 DPI-1067 DPI-1080 DPY-1001 DPY-4011 DPY-4024 DPY-6000 DPY-6001 DPY-6003 DPY-6004 DPY-6005"
        ),
        "ORA-01005 ORA-01017 ORA-01045 ORA-12154 ORA-28000 ORA-28001 ORA-28040 DPY-4000 DPY-6002 DPY-6006",
        "ORA-00942 ORA-01031 ORA-04043 ORA-04063",
    ),
    # 达梦: the view V$ERR_INFO of its server; the messages in libdmdpi, which comes with dmPython; -6852 is dm-pure's
    "DM": ("-6852 -70019 -70025 -70028 -70065 -70066", "-2501 -70096 -70116", "-2106"),
    # MongoDB's error_codes.yml, sorted as in helpers_shared.py of PyMongo
    "MongoDB": ("6 7 89 91 189 262 9001 10058 10107 11600 11602 13435 13436", "18", "13 26"),
}
#: Names of classes, in whatever module, that mean the same three.
_NAMES = (
    # Python's own; requests'; urllib3's; PyMongo's; pytds'; psycopg's, one for each SQLSTATE
    (
        "ConnectionError ConnectionRefusedError ConnectionResetError ConnectionAbortedError BrokenPipeError "
        "TimeoutError gaierror herror SSLError SSLEOFError SSLZeroReturnError "
        "Timeout ConnectTimeout ReadTimeout ProxyError ChunkedEncodingError "
        "MaxRetryError NewConnectionError NameResolutionError ConnectTimeoutError ReadTimeoutError ProtocolError "
        "ServerSelectionTimeoutError AutoReconnect NetworkTimeout ConnectionFailure NotPrimaryError "
        "ClosedConnectionError "
        "ConnectionException ConnectionDoesNotExist SqlclientUnableToEstablishSqlconnection ProtocolViolation "
        "SqlserverRejectedEstablishmentOfSqlconnection TransactionResolutionUnknown TooManyConnections AdminShutdown "
        "CrashShutdown CannotConnectNow IdleSessionTimeout IdleInTransactionSessionTimeout QueryCanceled "
        "LockNotAvailable"
    ),
    (
        "SSLCertVerificationError CertificateError "
        "InvalidPassword InvalidAuthorizationSpecification InvalidCatalogName DatabaseDropped"
    ),
    "NoSuchTableError",
)
#: What psycopg and its forks call the other SQLSTATEs; and what the client library itself says, without one: that no
#: server answered, that it hung up, or that it let nobody in.
_OF_SQLSTATE = re.compile(r"\w*sycopg2?\.errors\.\w+")
_OF_LIBPQ = re.compile(r"\w*sycopg2?\.OperationalError")


def _by_name(row: tuple[str, str, str]) -> dict[str, Failure]:
    kinds = (Failure.LOST, Failure.TURNED_AWAY, Failure.OTHER)
    return {name: kind for kind, names in zip(kinds, row, strict=True) for name in names.split()}


_BY_NUMBER = {whose: _by_name(row) for whose, row in _NUMBERS.items()}
_BY_CLASS = _by_name(_NAMES)

#: a class in DataHub's reports, and in SQLAlchemy's words
_CLASS = re.compile(r"<class '([\w.]+)'>|\(([A-Za-z_]\w*(?:\.\w+)+)\)")
#: a table and the class of the error, as a report's entry names them
_TABLE = re.compile(r"\S+ <class '[^']*'>")
_STATEMENT = re.compile(r"\[SQL:|\(Background on this error")
_TURNED_AWAY = re.compile(
    r"authentication failed for user|access denied for user|login failed|logon denied|unknown database|"
    r"(database|role) .* does not exist|pg_hba\.conf|not permitted to log in|permission denied for database|"
    r"certificate verify failed|refused the credentials|认证失败|用户名或密码错误|(数据库|角色) .* 不存在",
    re.IGNORECASE,
)
_LOST = re.compile(
    # whole words: tables are called session_timeout, too
    r"\brefused\b|could ?n.t connect|can.t connect|not connect|could not be reached|timed out|"
    r"\b\w*(?<!_)timeout(?:error)?\b|\bunreachable\b|"
    r"closed the connection|connection (was |has been |already )?(closed|reset|aborted|broken|lost|invalidated)|"
    r"lost connection|gone away|server closed|terminating connection|shutting down|starting up|"
    r"name or service not known|failure in name resolution|no route to host|"
    r"unable to open database file|max retries exceeded|remote end closed",
    re.IGNORECASE,
)
#: what this project says of a target that will answer the same again
_OUR_WORDS = re.compile(
    r"refused the (token|credentials)|forbids this|there is no catalog at|is a SQLite database of|"
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


def one_line(text: str) -> str:
    """An error in one line, without SQLAlchemy's statement, parameters and links.

    Args:
        text: the error's text.

    Returns:
        What is left of it, white space folded.
    """
    return " ".join(_STATEMENT.split(text)[0].split())


def judge(error: BaseException | str) -> Failure:
    """What an error means, told by the numbers of databases and the classes of drivers first, and by words last.

    Args:
        error: with everything it was caused by; or its text, which is what DataHub's reports keep.

    Returns:
        What it says of the system; ``OTHER`` where that cannot be told.
    """
    if isinstance(error, str):
        return max(_judge_text(part) for part in error.split("; "))  # a report joins what it says of several tables
    return max(_judge_one(one) for one in _chain(error))


def is_connection_error(error: BaseException | str) -> bool:
    """Whether an error means that a system could not be reached, would not let us in, or was lost on the way.

    Args:
        error: the error, or its text; of an error those behind it are looked at too.

    Returns:
        False where that cannot be told.
    """
    return judge(error) is not Failure.OTHER


def is_in_vain(text: str) -> bool:
    """Whether trying again brings the same answer, as far as the words of a command tell.

    Args:
        text: the error's text.

    Returns:
        False where trying again may help.
    """
    return judge(text) is Failure.TURNED_AWAY or bool(_OUR_WORDS.search(text))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was caused by, each once; drivers, requests and urllib3 keep causes in attributes, too."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__ or one.__context__, *(getattr(one, name, None) for name in ("orig", "reason"))]
            waiting += one.args


def _judge_one(error: BaseException) -> Failure:
    """Judge one error of the chain: by its text, and by what its class and attributes say besides."""
    if isinstance(error, CampusError):
        away = Failure.LOST if error.retry else Failure.TURNED_AWAY
        return away if error.exit_code == UNREACHABLE else Failure.OTHER
    own = type(error)
    kinds = [kind for kind in own.__mro__ if kind is own or kind.__name__ in _BY_CLASS]
    classes = [f"{kind.__module__}.{kind.__name__}" for kind in kinds]
    if getattr(error, "connection_invalidated", False):  # so SQLAlchemy judged
        classes.append("ConnectionError")
    numbers = [("SQLSTATE", getattr(error, "pgcode", None)), ("SQLSTATE", getattr(error, "sqlstate", None))]
    if own.__module__.startswith("pytds"):
        numbers.append(("number", getattr(error, "number", None)))
    if own.__module__.startswith("pymongo"):
        numbers.append(("MongoDB", getattr(error, "code", None)))
    return _judge_text(str(error), classes, [(whose, str(number)) for whose, number in numbers if number])


def _judge_text(text: str, classes: Sequence[str] = (), numbers: Sequence[tuple[str, str]] = ()) -> Failure:
    """Judge a text, and what is known beside it. Numbers come first: a driver has one class for many things."""
    text = _STATEMENT.split(text)[0]
    known = _known(_of_number(*number) for number in (*numbers, *_numbers(text)))
    known = known or _known(_of_class(name) for name in (*classes, *_classes(text)))
    if known and max(known) is not Failure.LOST:
        return max(known)
    words = _TABLE.sub("", text)  # a table may be called "refused"
    if _TURNED_AWAY.search(words):
        return Failure.TURNED_AWAY
    return Failure.LOST if known or _LOST.search(words) else Failure.OTHER


def _known(kinds: Iterable[Failure | None]) -> list[Failure]:
    return [kind for kind in kinds if kind is not None]


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    for whose, pattern in _NAMED.items():
        yield from ((whose, next(filter(None, match.groups()))) for match in pattern.finditer(text))


def _classes(text: str) -> Iterator[str]:
    return (in_report or by_sqlalchemy for in_report, by_sqlalchemy in _CLASS.findall(text))


def _of_number(whose: str, number: str) -> Failure | None:
    ends = (number, *(f"{number[:length]}*" for length in range(len(number) - 1, 1, -1)))
    return next((_BY_NUMBER[whose][end] for end in ends if end in _BY_NUMBER[whose]), None)


def _of_class(name: str) -> Failure | None:
    known = _BY_CLASS.get(name.rpartition(".")[2])
    if known is None and _OF_SQLSTATE.fullmatch(name):
        return Failure.OTHER
    return Failure.LOST if known is None and _OF_LIBPQ.fullmatch(name) else known
