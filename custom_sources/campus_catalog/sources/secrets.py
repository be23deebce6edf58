"""Keeping what is secret in a recipe out of what a run says.

DataHub masks whole values of environment variables in its own commands. Drivers also quote parts of them: of a password
written into a URI without percent-encoding, whatever follows the ``@`` is taken for the host and named in the error.
"""

from __future__ import annotations

from typing import Any

from datahub.ingestion.api.source import SourceReport
from datahub.masking.secret_registry import SecretRegistry

from campus_catalog.secrets import Redactor, guard_log


def guard(redact: Redactor, report: SourceReport) -> None:
    """Keep the secrets out of the log, the report and, under DataHub's own command, its output."""
    if not redact.forms:
        return
    SecretRegistry.get_instance().register_secrets_batch(
        {f"secret of the recipe {index}": value for index, value in enumerate(redact.forms)}
    )
    guard_log(redact)
    logs = report._structured_logs  # every kind of entry comes through here
    report_log = logs.report_log

    def hidden(
        level: Any, message: Any, title: Any = None, context: str | None = None, exc: Any = None, **options: Any
    ) -> None:
        if exc is not None and redact(str(exc)) != str(exc):
            exc = type(type(exc).__name__, (Exception,), {})(redact(str(exc)))
        options["stacklevel"] = options.get("stacklevel", 1) + 1
        report_log(level, redact(message), title, redact(context or "") or None, exc, **options)

    logs.report_log = hidden  # type: ignore[method-assign,assignment]
