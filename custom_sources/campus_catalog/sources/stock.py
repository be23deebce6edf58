"""Everything this project changes on a stock source, in one place; written against DataHub 1.7.

Each change says why it is needed. A new release of DataHub is looked at here: what it does by itself goes.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from typing import Any

from datahub.configuration.common import ConfigurationError, DynamicTypedConfig
from datahub.ingestion.api.source import (
    Source,
    SourceReport,
)
from datahub.ingestion.api.workunit import MetadataWorkUnit
from datahub.ingestion.source.common.data_reader import DataReader
from datahub.ingestion.source.source_registry import source_registry
from datahub.masking.secret_registry import SecretRegistry
from datahub.metadata.schema_classes import SchemaMetadataClass

from campus_catalog.content.problems import nearest
from campus_catalog.errors import REFUSED, CampusError
from campus_catalog.secrets import LogFilter, Redactor, guard_log
from campus_catalog.sources.classifier import CLASSIFIER_TYPE
from campus_catalog.sources.gate import Gate
from campus_catalog.sources.records import look_into
from campus_catalog.sources.stamping import Stamping

#: Seconds a database may take to accept a connection, where the recipe says nothing.
CONNECT_TIMEOUT = 30
_CONNECT_ARGS = {
    "postgres": {"connect_timeout": CONNECT_TIMEOUT},
    "mysql": {"connect_timeout": CONNECT_TIMEOUT, "read_timeout": 4 * CONNECT_TIMEOUT},
    "mariadb": {"connect_timeout": CONNECT_TIMEOUT, "read_timeout": 4 * CONNECT_TIMEOUT},
}
#: How DataHub's SQL sources begin a warning that means a table is missing from the run.
UNREAD = ("Error processing table", "Error processing view", "unable to get column information")
#: How a run's report says that a column was recognised by its values only.
SAMPLED = "recognised by sample: say so in the column's comment or in the register, and no row need be read for it"
UNSAMPLED = "not recognised by sample: no rows could be read"
#: what stands in a report or a log in the place of what must not be said there
WITHHELD = "(withheld: it may quote classified or personal data)"
_PROFILING = re.compile(r"profil", re.IGNORECASE)
#: an error number or SQLSTATE, which tells nothing of the rows
_CODE = re.compile(r"\d{1,5}|[0-9A-Z]{5}")


def inner_class(type_: str) -> type[Source]:
    """The class of a stock source.

    Args:
        type_: its type in a recipe, e.g. ``postgres``.

    Returns:
        The class.

    Raises:
        ConfigurationError: there is none, or what it needs is not installed; the message says what to do.
    """
    try:
        return source_registry.get(type_)
    except KeyError as error:
        near = nearest(type_, source_registry.mapping)
        hint = f"; did you mean '{near}'?" if near else ""
        raise ConfigurationError(f"there is no DataHub source '{type_}'{hint}") from error
    except ConfigurationError as error:
        raise ConfigurationError(
            f"source '{type_}' is not installed: pip install 'campus-catalog[{type_}]' "
            f"(or 'acryl-datahub[{type_}]' for a source without an extra of ours)"
        ) from error


def with_timeouts(source: DynamicTypedConfig) -> dict[str, Any]:
    """The stock source's config, with a connection time-out where its driver has none by default.

    Args:
        source: the stock source's type and config.

    Returns:
        A copy; what the recipe says itself stays.
    """
    config = dict(source.config or {})
    defaults = _CONNECT_ARGS.get(source.type)
    if defaults:
        options = dict(config.get("options") or {})
        options["connect_args"] = {**defaults, **(options.get("connect_args") or {})}
        config["options"] = options
    return config


def with_classifier(config: dict[str, Any], home: str) -> dict[str, Any]:
    """A stock source's config, completed where it asks for classification; otherwise as it is.

    Our classifier need not be named and gets ``home``. One process does the work unless the recipe says otherwise:
    DataHub starts its worker processes anew for every table, which takes longer than the checks.

    Args:
        config: the stock source's config.
        home: the content's, as the recipe writes it.

    Returns:
        The config itself, or a completed copy.

    Raises:
        ConfigurationError: the recipe would log the rows.
    """
    if (config.get("options") or {}).get("echo") == "debug":
        for key in ("classification", "profiling"):
            if _asked(config, key):
                raise ConfigurationError(f"{key} reads rows and options.echo: debug logs them; remove one of the two")
    said = config.get("classification")
    if not isinstance(said, dict) or not _asked(config, "classification"):
        return config
    named = said.get("classifiers") or [{"type": CLASSIFIER_TYPE}]
    classifiers = [_with_home(classifier, home) for classifier in named]
    return {**config, "classification": {"max_workers": 1, **said, "classifiers": classifiers}}


def _asked(config: dict[str, Any], key: str) -> bool:
    return isinstance(config.get(key), dict) and bool(config[key].get("enabled"))


def _with_home(classifier: Any, home: str) -> Any:
    if not isinstance(classifier, dict) or classifier.get("type") != CLASSIFIER_TYPE:
        return classifier
    return {**classifier, "config": {"home": home, **(classifier.get("config") or {})}}


def before_processors(source: Source, stamping: Stamping[MetadataWorkUnit]) -> None:
    """What must be done before DataHub's own processors.

    They fail on nameless foreign keys (SQLite has them), and make glossary terms of what the classifier has found.

    Args:
        source: the stock source; changed in place.
        stamping: receives what the classifier has found.
    """
    internal = source.get_workunits_internal

    def prepared() -> Iterator[Any]:
        for unit in internal():
            record = getattr(unit, "metadata", unit)
            stamping.note_sampled(record)
            for aspect in look_into(record).aspects:
                _name_keys(aspect)
            yield unit

    source.get_workunits_internal = prepared  # type: ignore[method-assign]


def _name_keys(aspect: Any) -> None:
    for key in (isinstance(aspect, SchemaMetadataClass) and aspect.foreignKeys) or []:
        columns = [field.rsplit(",", 1)[-1].rstrip(")") for field in key.sourceFields or []]
        key.name = key.name or "fk_" + "_".join(columns)


def escalate(report: Any) -> None:
    """Make a table that could not be read a failure of a source's report.

    DataHub's SQL sources only warn when a table cannot be read, even when the database died half-way. Stale removal,
    which a warning does not stop, would then take the unread tables for dropped ones. All their names are kept in
    ``unread``, of which the entries themselves show a few.

    Args:
        report: the source's; changed in place, and only once.
    """
    if hasattr(report, "unread"):
        return
    report.unread = []
    warning = report.warning

    def warn(message: str, context: str | None = None, **options: Any) -> None:
        if message.startswith(UNREAD):
            report.unread.append(context or message)
            report.failure(message, context=context, **options)
        else:
            warning(message, context=context, **options)

    report.warning = warn


def tell_unsampled(source: Source, report: SourceReport) -> None:
    """Make the source's report name every table whose sample could not be read.

    Args:
        source: the stock source; changed in place, where it samples at all.
        report: its report.
    """
    make = getattr(source, "make_data_reader", None)
    if make is None:
        return

    def guarded(*args: Any, **options: Any) -> DataReader | None:
        reader = make(*args, **options)
        return None if reader is None else _Reader(reader, report)

    source.make_data_reader = guarded  # type: ignore[attr-defined]


class _NotReadError(CampusError):
    """A sample could not be read. Says only so: a driver's message may quote a value."""


class _Reader(DataReader):
    """Reads samples as the stock source's reader does, each in a transaction of its own.

    The stock reader stays in one transaction, unless the connection commits by itself: that keeps a lock on every table
    read, and on PostgreSQL nothing more is read after one refused SELECT.
    """

    def __init__(self, reader: DataReader, report: SourceReport):
        self._reader = reader
        self._report = report

    def get_sample_data_for_table(self, table_id: list[str], sample_size: int, **options: Any) -> dict[str, list[Any]]:
        """Values by column; also by its name in lower case, where the recipe lowers the names in the schema."""
        try:
            values = self._reader.get_sample_data_for_table(table_id, sample_size, **options)
        except Exception as error:
            name = ".".join(table_id)
            self._report.warning(message=UNSAMPLED, context=f"{name} ({_reason(error)})")
            raise _NotReadError(name) from None
        finally:
            with contextlib.suppress(Exception):  # a lost connection is told above
                self._reader.connection.rollback()  # type: ignore[attr-defined]
        return {column.lower(): found for column, found in values.items()} | values

    def close(self) -> None:
        """Close the stock source's reader."""
        self._reader.close()


def _reason(error: Exception) -> str:
    """The driver's name and number of an error."""
    cause = getattr(error, "orig", None) or error
    code = str(cause.args[0]) if cause.args else ""
    return f"{type(cause).__name__} {code}" if _CODE.fullmatch(code) else type(cause).__name__


def read_well(type_: str) -> None:
    """Make a stock source read as it should, before it is made.

    Args:
        type_: its type in a recipe.
    """
    if type_ == "excel":
        from campus_catalog.sources.excel import read_sheets  # it needs pandas and openpyxl

        read_sheets()


def withhold(gate: Gate, report: SourceReport) -> None:
    """Keep classified words and values of rows out of the report and the log; what is left says where to look.

    What was refused is named in the report all the same, by entries that begin with ``REFUSED``.

    Args:
        gate: knows the words.
        report: the run's; changed in place.
    """
    hidden = LogFilter(lambda text: text if text.startswith(REFUSED) or not gate.withholds(text) else WITHHELD)
    for name in (None, "datahub", "campus_catalog"):
        for handler in logging.getLogger(name).handlers:
            handler.addFilter(hidden)
    logs = report._structured_logs  # every kind of entry comes through here
    report_log = logs.report_log

    def judged(
        level: Any, message: Any, title: Any = None, context: str | None = None, exc: Any = None, **options: Any
    ) -> None:
        options["stacklevel"] = options.get("stacklevel", 1) + 1
        if exc is not None and _PROFILING.match(title or message):
            # a driver quotes the value it stumbled over
            context, exc = f"{context or ''} ({_reason(exc)})".strip(), None
        if not message.startswith(REFUSED):
            said = [part for part in (title, message, context, str(exc) if exc else None) if part]
            if gate.withholds("\n".join(said)):
                message = WITHHELD if gate.withholds(message) else message
                title = None if gate.withholds(title or "") else title
                context, exc = WITHHELD, None
        report_log(level, message, title, context, exc, **options)

    logs.report_log = judged  # type: ignore[method-assign,assignment]


def guard(redact: Redactor, report: SourceReport) -> None:
    """Keep the secrets out of the log, the report and, under DataHub's own command, its output.

    DataHub masks whole values of environment variables in its own commands. Drivers also quote parts of them: of a
    password written into a URI without percent-encoding, whatever follows the ``@`` is taken for the host and named.

    Args:
        redact: knows the recipe's secrets.
        report: the run's; changed in place.
    """
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
