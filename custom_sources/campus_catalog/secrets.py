"""What is a secret, told by where it stands and how it looks, and taking it out of what is said.

One reading serves three uses: a recipe as written must have variables there (:func:`is_literal`), a recipe filled in
has the values there that nothing may repeat (:class:`Redactor`).
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from campus_catalog.variables import filled, names, own_text

HIDDEN = "******"
#: a shorter value would black out ordinary words
_SHORTEST = 4

_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
#: below these keys everything is secret; below the others a dict has keys of its own (``get_token: {request_type: …}``)
_WHOLE = frozenset("password passwords passwd pwd secret secrets tokens".split())
_LAST = _WHOLE | frozenset(
    "pw pass passphrase passcode token credential credentials authorization cookie signature sig "
    "apikey accesskey privatekey secretkey".split()
)
#: what makes a key one that opens something
_KEYS = frozenset("api access account auth encryption master private secret service shared signing".split())
_VARIABLE_WORDS = _LAST | {"key"}

#: password of a URI; ``//host:8080/…@`` has a port there
_PASSWORD = re.compile(r"://[^/@\s:]*:(?!\d{1,5}/)([^@\s]+)@")
#: the same up to the last @: a password that is filled in may hold one
_LONGEST = re.compile(r"://[^/@\s:]*:(?!\d{1,5}/)(\S+)@")
#: a token in the place of the user
_TOKEN = re.compile(r"https?://([^/@\s:]+)@")
_ORACLE = re.compile(r"jdbc:oracle:\w+:[^/@\s]+/([^@\s]+)@")
#: ``password=…`` in a query, a DSN or a JAAS line
_ASSIGNED = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*[\"']?((?:\$\{[^}]*\}|[^\s&;,\"'])+)")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL)

_SCHEME = re.compile(r"^(?:Bearer|Basic|Token)\s+", re.IGNORECASE)

_LOGIN_SAID = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")
_QUERY_SAID = re.compile(r"(?<=[?&])([\w.-]+)=[^\s&\"']+")
#: where a driver's parser may split a password it takes for more than one
_SPLIT = re.compile(r"[@/:?#]")


def is_secret_key(key: str) -> bool:
    """Whether a key of a configuration, a header or a query holds a secret: ``apiKey``, not ``token_url``."""
    words = _words(key)
    if words[-1:] == ["key"]:
        return not _KEYS.isdisjoint(words[-2:-1])
    return words[-2:] == ["user", "info"] or not _LAST.isdisjoint(words[-1:])


def is_secret_variable(name: str) -> bool:
    """Whether an environment variable holds a secret, told by its name: ``DB_PASSWORD_2``, ``REGISTRY_KEY``.

    Args:
        name: the variable's name.

    Returns:
        True where one of its words is one for secrets (password, token, key …); the shell's ``PWD`` is none.
    """
    return name not in ("PWD", "OLDPWD") and not _VARIABLE_WORDS.isdisjoint(_words(name))  # the shell's folders


def _words(name: str) -> list[str]:
    return [word.lower() for word in _BREAK.split(name) if word]


def find(value: Any) -> Iterator[tuple[list[Any], str]]:
    """Every secret of a configuration, as written there or as filled in.

    Args:
        value: a configuration: dicts, lists and plain values.

    Yields:
        The keys and indexes that lead to a secret, and the secret.
    """
    yield from _find(value, [], False)


def _find(value: Any, location: list[Any], secret: bool) -> Iterator[tuple[list[Any], str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            own_keys = isinstance(part, dict) and _WHOLE.isdisjoint(_words(str(key))[-1:])
            yield from _find(part, [*location, key], secret or (is_secret_key(str(key)) and not own_keys))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _find(part, [*location, index], secret)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        for text in [str(value)] if secret else secrets_in(str(value)):
            yield location, text


def secrets_in(text: str) -> Iterator[str]:
    """The secrets inside a text: of URIs, queries, connection strings, and private keys.

    Args:
        text: a value of a configuration, a command or a log line.

    Yields:
        Each secret as it stands there, or the variable in its place.
    """
    for pattern in (_PASSWORD, _TOKEN, _ORACLE):
        yield from pattern.findall(text)
    yield from (value for name, value in _ASSIGNED.findall(text) if is_secret_key(name))
    yield from _PEM.findall(text)


def is_literal(secret: str) -> bool:
    """Whether a secret stands there itself, or in the default of a variable, instead of ``${NAME}``.

    Args:
        secret: a value that stands where a secret does.

    Returns:
        False for a variable without a default, or with an empty one, also behind ``Bearer`` and the like.
    """
    return bool(own_text(_SCHEME.sub("", secret)).strip())


def values(config: Any, environment: Mapping[str, str]) -> Iterator[str]:
    """The values of a configuration's secrets, whether it refers to them or has them.

    Args:
        config: a configuration, its variables filled in or not.
        environment: what they stand for.

    Yields:
        Each value, some more than once.
    """
    for _, text in find(config):
        yield from (environment[name] for name in names(text) if name in environment)
    known = filled(config, environment)
    yield from (text for _, text in find(known))
    yield from _LONGEST.findall(json.dumps(known, ensure_ascii=False, default=str).replace('"', " "))


class Redactor:
    """Takes known secrets out of texts, however they are spelt, and what looks like one in an address.

    Args:
        secrets: their values; those of fewer than four characters are left.
    """

    def __init__(self, secrets: Iterable[str]):
        forms = {form for secret in secrets for line in {secret, *secret.splitlines()} for form in _spellings(line)}
        self.forms = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self.forms))) if forms else None

    def __call__(self, text: str) -> str:
        """Hide the secrets in a text.

        Args:
            text: what is about to be said.

        Returns:
            The text with ``******`` in their place.
        """
        if self._pattern:
            text = self._pattern.sub(HIDDEN, text)
        text = _LOGIN_SAID.sub(rf"\1:{HIDDEN}", text)
        return _QUERY_SAID.sub(lambda said: f"{said[1]}={HIDDEN}" if is_secret_key(said[1]) else said[0], text)


def _spellings(secret: str) -> Iterator[str]:
    secret = secret.strip()
    for value in {secret, unquote(secret)}:
        forms = {value, quote(value, safe=""), quote(value), quote_plus(value), repr(value)[1:-1]}
        forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        forms.add(base64.b64encode(value.encode()).decode())
        if "://" not in value:  # of a secret address the parts are no secrets
            forms |= {*_SPLIT.split(value)}
        yield from (form for form in forms if len(form) >= _SHORTEST)
        # of "ab@c9" a driver takes "c9@HOST" for the host
        yield from (f"{part}@" for part in value.split("@")[1:] if part and len(value) >= _SHORTEST)


class LogFilter(logging.Filter):
    """Takes secrets out of log records; add it to handlers, since a logger's filters do not see its children's.

    Args:
        redact: takes them, or whatever must not be said, out of a text.
    """

    def __init__(self, redact: Callable[[str], str]):
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record.

        Args:
            record: changed in place.

        Returns:
            True: it is always kept.
        """
        record.msg, record.args = self._redact(record.getMessage()), ()
        if record.exc_info:
            text = record.exc_text or "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_info, record.exc_text = None, text
        if record.exc_text:
            record.exc_text = self._redact(record.exc_text)
        return True


def redactor_of(config: Any) -> Redactor:
    """The redactor for the secrets of a config, with its variables filled in or not.

    Args:
        config: a recipe, or a part of one.

    Returns:
        What hides its secrets, and those it takes from the environment of this process.
    """
    return Redactor(values(config, os.environ))


def guard_log(redact: Redactor) -> None:
    """Keep the secrets out of the log from now on; those of an earlier recipe stay hidden too.

    Args:
        redact: knows the secrets; without any nothing is done.
    """
    if redact.forms:
        for name in (None, "datahub", "campus_catalog"):
            for handler in logging.getLogger(name).handlers:
                handler.addFilter(LogFilter(redact))
