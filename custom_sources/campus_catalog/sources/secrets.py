"""Keeping what is secret in a recipe out of what a run says.

DataHub masks whole values of environment variables in its own commands. Drivers also quote parts of them: of a password
written into a URI without percent-encoding, whatever follows the ``@`` is taken for the host and named in the error.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from datahub.ingestion.api.source import SourceReport
from datahub.masking.secret_registry import SecretRegistry

HIDDEN = "******"
_KEY = re.compile(r"password|passwd|secret|token|private_key|access_key", re.IGNORECASE)
#: user and password of a URI, up to the last @, because a password may hold one
_IN_URI = re.compile(r"://[^/@:\s]*:(.+)@")
#: what a parser may split a password at, and how short a part is no secret any more
_SPLIT, _SHORT = re.compile(r"[@/:?#]"), 4


class Secrets:
    """The secrets in a source's config.

    Args:
        config: the config with its variables filled in.
    """

    def __init__(self, config: Any):
        values = {form for value in _secrets(config, "") for form in (value, unquote(value))}
        parts = {part for value in values for part in _SPLIT.split(value)}
        self._values = sorted({text for text in values | parts if len(text) >= _SHORT}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """``text`` without the secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return text

    def guard(self, report: SourceReport) -> None:
        """Keep the secrets out of the log, the report and, under DataHub's own command, its output."""
        if not self._values:
            return
        SecretRegistry.get_instance().register_secrets_batch(
            {f"secret of the recipe {index}": value for index, value in enumerate(self._values)}
        )
        _guard_report(report, self)
        for name in (None, "datahub", "campus_catalog"):
            for handler in logging.getLogger(name).handlers:
                # the secrets of an earlier recipe of this run stay hidden too
                handler.addFilter(_Filter(self))


class _Filter(logging.Filter):
    def __init__(self, secrets: Secrets):
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._secrets.hide(record.getMessage()), ()
        if record.exc_info:
            text = record.exc_text or "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_info = None
            record.exc_text = text
        if record.exc_text:
            record.exc_text = self._secrets.hide(record.exc_text)
        return True


def _guard_report(report: SourceReport, secrets: Secrets) -> None:
    logs = report._structured_logs  # every kind of entry comes through here
    report_log = logs.report_log

    def hidden(
        level: Any, message: Any, title: Any = None, context: str | None = None, exc: Any = None, **options: Any
    ) -> None:
        if exc is not None and secrets.hide(str(exc)) != str(exc):
            exc = type(type(exc).__name__, (Exception,), {})(secrets.hide(str(exc)))
        options["stacklevel"] = options.get("stacklevel", 1) + 1
        report_log(level, secrets.hide(message), title, secrets.hide(context or "") or None, exc, **options)

    logs.report_log = hidden  # type: ignore[method-assign,assignment]


def _secrets(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _secrets(part, key if _KEY.search(key) else str(name))
    elif isinstance(value, list):
        for part in value:
            yield from _secrets(part, key)
    elif isinstance(value, str):
        if _KEY.search(key):
            yield value
        yield from _IN_URI.findall(value)
