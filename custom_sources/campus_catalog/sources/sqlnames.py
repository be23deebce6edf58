"""The tables a statement of SQL names, as whole identifiers: not its columns, aliases, comments or texts."""

from __future__ import annotations

import logging
import re

import sqlglot
from datahub.sql_parsing.sqlglot_utils import get_dialect
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]  # re-exported, though not by name

#: a name's parts, the last one the table's, as they are written
Name = tuple[str, ...]
#: words after which a table is named, also where the rest of a statement cannot be parsed
_BEFORE = frozenset("FROM JOIN INTO UPDATE TABLE USING REFERENCES TRUNCATE VIEW EXISTS ONLY DESCRIBE".split())
_NESTED = re.compile(r"\b(?:from|join|into|update|table)\b", re.IGNORECASE)
#: what should have been parsed, unlike a language of procedures
_QUERY = re.compile(r"\s*\(*(?:select|with)\b", re.IGNORECASE)
#: a statement inside a text inside a statement; deeper is nobody's
_DEEPEST = 4
_TEXTS = (TokenType.STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING, TokenType.NATIONAL_STRING)


def named_tables(sql: str, platform: str) -> set[Name] | None:
    """The tables a text of SQL names.

    Args:
        sql: one or more statements, or the body of a procedure.
        platform: of the system it is from, as DataHub calls it.

    Returns:
        Their names, or None when the text cannot be read.
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it logs what it cannot parse, text and all
    return _named(sql, _dialect(platform), 0)


def _dialect(platform: str) -> sqlglot.Dialect:
    try:
        return get_dialect(platform)
    except ValueError:
        return sqlglot.Dialect.get_or_raise(None)


def _named(sql: str, dialect: sqlglot.Dialect, depth: int) -> set[Name] | None:
    if depth > _DEEPEST:
        return set()
    try:
        parsed = sqlglot.parse(sql, dialect=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return None if _QUERY.match(sql) else _by_tokens(sql, dialect, depth)
    found: set[Name] = set()
    for statement in parsed:
        if statement is None:
            continue
        if statement.find(exp.Command):  # what is kept as it is written
            return _by_tokens(sql, dialect, depth)
        own = {cte.alias_or_name for cte in statement.find_all(exp.CTE)}
        tables = (one for one in statement.find_all(exp.Table) if not isinstance(one.parent, exp.UserDefinedFunction))
        names = (tuple(part.name for part in table.parts) for table in tables)
        found |= {name for name in names if name and not (len(name) == 1 and name[0] in own)}
        for text in statement.find_all(exp.Literal, exp.RawString, exp.Heredoc):
            if _NESTED.search(text.name):
                found |= _named(text.name, dialect, depth + 1) or set()
    return found


def _by_tokens(sql: str, dialect: sqlglot.Dialect, depth: int) -> set[Name] | None:
    """The names that stand where a table's does: in languages of procedures, which sqlglot does not parse."""
    try:
        tokens = dialect.tokenize(sql)
    except (SqlglotError, ValueError):
        return None
    found: set[Name] = set()
    own: set[str] = set()
    expected, place = False, 0
    while place < len(tokens):
        token, name = tokens[place], _name_at(tokens, place)
        after = tokens[min(place + max(1, 2 * len(name) - 1), len(tokens) - 1)]
        if token.token_type in _TEXTS and _NESTED.search(token.text):
            found |= _named(token.text, dialect, depth + 1) or set()
        elif name and expected:
            found.add(name)
        elif len(name) == 1 and after.token_type == TokenType.ALIAS and _opens(tokens, place + 2):
            own.add(name[0])  # WITH name AS (
        if name:
            place += 2 * len(name) - 1
            if expected:
                place = _after_alias(tokens, place)
                expected = place < len(tokens) and tokens[place].token_type == TokenType.COMMA
        else:
            listed = token.token_type in (TokenType.COMMA, TokenType.L_PAREN)
            expected = token.text.upper() in _BEFORE or (expected and listed)
            place += 1
    return {name for name in found if not (len(name) == 1 and name[0] in own)}


def _name_at(tokens: list[Token], place: int) -> Name:
    """The dotted name that begins at a token; empty where none does."""
    parts: list[str] = []
    while place < len(tokens) and tokens[place].token_type in (TokenType.VAR, TokenType.IDENTIFIER):
        if tokens[place].token_type == TokenType.VAR and tokens[place].text.upper() in _BEFORE:
            break
        parts.append(tokens[place].text)
        if place + 1 >= len(tokens) or tokens[place + 1].token_type != TokenType.DOT:
            break
        place += 2
    return tuple(parts)


def _after_alias(tokens: list[Token], place: int) -> int:
    """The place behind the alias that may follow a table's name."""
    if place < len(tokens) and tokens[place].token_type == TokenType.ALIAS:
        place += 1
    return place + (1 if len(_name_at(tokens, place)) == 1 else 0)


def _opens(tokens: list[Token], place: int) -> bool:
    return place < len(tokens) and tokens[place].token_type == TokenType.L_PAREN
