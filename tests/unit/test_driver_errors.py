"""What the errors of many drivers mean: raised by the driver itself where it is installed, recorded where it is not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import oracledb
import psycopg2
import pymongo
import pymysql
import pytds
import pytest
import requests
import sqlalchemy
from psycopg2 import errors as postgres
from psycopg2._psycopg import sqlstate_errors
from pymongo.errors import AutoReconnect, OperationFailure

from campus_catalog.errors import Failure, judge

LOST, TURNED_AWAY, OTHER = Failure.LOST, Failure.TURNED_AWAY, Failure.OTHER
NOWHERE = {"host": "127.0.0.1", "port": 1}


def login_at(dialect: str) -> Callable[[], object]:
    return lambda: sqlalchemy.create_engine(f"{dialect}://u:p@127.0.0.1:1/x").connect()


#: driver -> a call that asks a server where none is
CALLS: dict[str, Callable[[], object]] = {
    "psycopg2": lambda: psycopg2.connect(**NOWHERE),
    "pymysql": lambda: pymysql.connect(**NOWHERE),
    "oracledb": lambda: oracledb.connect(user="u", password="p", dsn="127.0.0.1:1/x"),
    "pytds": lambda: pytds.connect("127.0.0.1", port=1, login_timeout=1),
    "pymongo": lambda: pymongo.MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=50).list_database_names(),
    "requests": lambda: requests.get("http://127.0.0.1:1/", timeout=5),
    "socket": lambda: socket.create_connection(("127.0.0.1", 1), timeout=5),
    "a name": lambda: socket.getaddrinfo("no-such-host.invalid", 1),
    "sqlite": lambda: sqlalchemy.create_engine("sqlite:////no/such/folder/x.db").connect(),
    "SQLAlchemy, psycopg2": login_at("postgresql+psycopg2"),
    "SQLAlchemy, pymysql": login_at("mysql+pymysql"),
    "SQLAlchemy, oracledb": login_at("oracle+oracledb"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_server_that_is_not_there_is_lost_for_every_driver(name: str) -> None:
    with pytest.raises(Exception) as caught:
        CALLS[name]()
    assert judge(caught.value) is LOST
    if str(caught.value):  # as a report of DataHub's keeps it
        assert judge(f"Error processing table: main.t {type(caught.value)}: {caught.value}") is LOST


def wrapped(error: Exception) -> Exception:
    """As a library passes it on that has its own words."""
    outer = RuntimeError("reading failed")
    outer.__cause__ = error
    return outer


def mongodb(text: str, code: int) -> Exception:
    return OperationFailure(text, code, {"ok": 0.0, "errmsg": text, "code": code})


def of_sqlalchemy(error: Exception, **more: Any) -> Exception:
    return sqlalchemy.exc.OperationalError("SELECT timed_out FROM refused -- server closed", {}, error, **more)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (LOST, postgres.AdminShutdown("die Verbindung wird beendet")),
        (LOST, postgres.CannotConnectNow("数据库系统正在启动")),
        (LOST, psycopg2.OperationalError("SSL SYSCALL error: EOF detected")),
        (LOST, psycopg2.OperationalError('FATAL:  too many connections for role "u"')),
        (TURNED_AWAY, psycopg2.OperationalError('FATAL:  password authentication failed for user "u"')),
        (TURNED_AWAY, psycopg2.OperationalError('FATAL:  role "u" does not exist')),
        (TURNED_AWAY, psycopg2.OperationalError('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u"')),
        (TURNED_AWAY, psycopg2.OperationalError('FATAL:  permission denied for database "x"')),
        (TURNED_AWAY, psycopg2.OperationalError('致命错误:  用户 "u" Password 认证失败')),
        (TURNED_AWAY, psycopg2.OperationalError('致命错误:  数据库 "x" 不存在')),
        (OTHER, postgres.UndefinedTable('relation "timed out" does not exist')),
        (OTHER, postgres.InsufficientPrivilege("permission refused for table connection_reset")),
        (OTHER, postgres.DiskFull("could not extend file: the server closed it")),
        (LOST, pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")),
        (LOST, pymysql.err.InterfaceError(0, "")),
        (TURNED_AWAY, pymysql.err.OperationalError(1045, "Access denied for user 'u'@'h' (using password: YES)")),
        (TURNED_AWAY, pymysql.err.OperationalError(1049, "Unknown database 'x'")),
        (OTHER, pymysql.err.ProgrammingError(1146, "Table 'x.connection refused' doesn't exist")),
        (LOST, AutoReconnect("h:27017: connection pool paused")),
        (LOST, mongodb("node is recovering", 11600)),
        (TURNED_AWAY, mongodb("Authentication failed.", 18)),
        (OTHER, mongodb("not authorized on refused to execute command", 13)),
        (LOST, ssl.SSLEOFError(8, "EOF occurred in violation of protocol")),
        (TURNED_AWAY, ssl.SSLCertVerificationError(1, "self-signed certificate in certificate chain")),
        (LOST, ConnectionResetError()),
        (LOST, TimeoutError()),
        (OTHER, KeyError("timeout_log")),
        (OTHER, sqlalchemy.exc.NoSuchTableError("unreachable")),
    ],
    ids=repr,
)
def test_a_driver_s_class_and_number_come_before_its_words(kind: Failure, error: Exception) -> None:
    assert judge(error) is kind
    assert judge(wrapped(error)) is kind
    assert judge(of_sqlalchemy(error)) is kind
    said = f"Error processing view: main.unreachable {type(error)}: {error}"
    assert not str(error) or judge(said) is kind


def test_what_sqlalchemy_holds_for_a_lost_connection_is_one() -> None:
    assert judge(of_sqlalchemy(Exception("?"), connection_invalidated=True)) is LOST
    assert judge(of_sqlalchemy(Exception("?"))) is OTHER


def test_the_number_of_a_login_refused_by_sql_server_is_looked_at() -> None:
    error = pytds.tds_base.OperationalError("用户登录不成功")
    error.number = 18456
    assert judge(error) is TURNED_AWAY


def test_psycopg_s_classes_mean_what_their_sqlstates_mean() -> None:
    for code, class_ in sqlstate_errors.items():
        kind = judge(f"SQLSTATE[{code}] ?")
        assert judge(class_("?")) is judge(f"(psycopg2.errors.{class_.__name__}) ?") is kind, class_
    assert len(sqlstate_errors) > 200


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        # dmPython 2.6.1, in both of its languages, and from here on as recorded
        (LOST, "(dmPython.DatabaseError) [CODE:-70028]Create SOCKET connection failure"),
        (LOST, "(dmPython.DatabaseError) [CODE:-70028]创建SOCKET连接失败"),
        (LOST, "[CODE:-70019]Network communication failure"),
        (TURNED_AWAY, "[CODE:-2501]用户名或密码错误"),
        (OTHER, "[CODE:-2106]无效的表或视图名[TIMED OUT]"),
        # Kingbase's fork of psycopg2
        (LOST, "(ksycopg2.OperationalError) could not send data to server"),
        (TURNED_AWAY, '(ksycopg2.OperationalError) FATAL:  password authentication failed for user "u"'),
        (OTHER, '(ksycopg2.errors.UndefinedTable) relation "session timeout" does not exist'),
        # MySQL's own connector, and OceanBase's MySQL mode by PyMySQL
        (LOST, "2003 (HY000): Can't connect to MySQL server on 'h:3306' (111)"),
        (TURNED_AWAY, "1045 (28000): Access denied for user 'u'@'h' (using password: YES)"),
        (TURNED_AWAY, "(pymysql.err.OperationalError) (1045, \"Access denied for user 'u'@'xxx.xxx.xxx.xxx'\")"),
        (TURNED_AWAY, "(pymysql.err.OperationalError) (3118, \"Account is locked.\")"),
        # Oracle, thin and thick
        (LOST, "ORA-12541: Cannot connect. No listener at host h port 1521."),
        (LOST, "ORA-12170: TNS:Connect timeout occurred"),
        (LOST, "DPY-6001: Service \"x\" is not registered with the listener. (Similar to ORA-12514)"),
        (LOST, "DPY-4011: the database or network closed the connection"),
        (LOST, "ORA-03113: 通信通道的文件结尾"),
        (TURNED_AWAY, "ORA-01017: 用户名/口令无效; 登录被拒绝"),
        (TURNED_AWAY, "ORA-28000: The account is locked."),
        (TURNED_AWAY, "ORA-12154: TNS:could not resolve the connect identifier specified"),
        (OTHER, 'ORA-00942: table or view "X"."TIMED OUT" does not exist'),
        # SQL Server by pyodbc, pymssql, pytds
        (LOST, "('HYT00', '[HYT00] [Microsoft][ODBC Driver 18 for SQL Server]登录超时 (0) (SQLDriverConnect)')"),
        (LOST, "('08S01', '[08S01] [FreeTDS][SQL Server]Write to the server failed (20006) (SQLExecDirectW)')"),
        (LOST, "(20009, b'DB-Lib error message 20009, severity 9:\\nUnable to connect: No server')"),
        (TURNED_AWAY, "('28000', \"[28000] [Microsoft][SQL Server]用户 'sa' 登录失败。 (18456) (SQLDriverConnect)\")"),
        (TURNED_AWAY, "('42000', '[42000] [Microsoft][SQL Server]No such database (4060) (SQLDriverConnect)')"),
        (OTHER, "('42S02', \"[42S02] [Microsoft][SQL Server]对象名 'timed out' 无效。 (208) (SQLExecDirectW)\")"),
        (TURNED_AWAY, "Login failed for user 'sa'."),
        # MongoDB
        (TURNED_AWAY, "Authentication failed., full error: {'ok': 0.0, 'errmsg': 'x', 'code': 18, 'codeName': 'x'}"),
        (OTHER, "not authorized on refused, full error: {'ok': 0.0, 'errmsg': 'x', 'code': 13}"),
        (LOST, "read tables <class 'pymongo.errors.NotPrimaryError'>: not primary"),
        # of several tables in one entry the worst counts
        (LOST, "v <class 'E'>: (psycopg2.errors.UndefinedTable) x; w <class 'E'>: (psycopg2.errors.AdminShutdown) y"),
        (OTHER, "v <class 'E'>: (psycopg2.errors.UndefinedTable) x; w <class 'E'>: (psycopg2.errors.DiskFull) y"),
    ],
)  # fmt: skip
def test_a_text_is_told_by_the_number_or_class_it_names(kind: Failure, text: str) -> None:
    assert judge(text) is kind
    assert judge(wrapped(RuntimeError(text))) is kind or "; " in text
