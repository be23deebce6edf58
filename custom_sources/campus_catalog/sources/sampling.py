"""Recognition by sample in ``campus-system``: what a recipe need not write, and what a run must say of it."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from datahub.configuration.common import ConfigurationError
from datahub.ingestion.api.source import Source, SourceReport
from datahub.ingestion.source.common.data_reader import DataReader

from campus_catalog.sources.classifier import CLASSIFIER_TYPE

#: How a run's report says that a column was recognised by its values only.
SAMPLED = "recognised by sample: say so in the column's comment or in the register, and no row need be read for it"
UNSAMPLED = "not recognised by sample: no rows could be read"
#: an error number or SQLSTATE, which tells nothing of the rows
_CODE = re.compile(r"\d{1,5}|[0-9A-Z]{5}")


def with_classifier(config: dict[str, Any], home: str) -> dict[str, Any]:
    """A stock source's config, completed where it asks for classification; otherwise as it is.

    Our classifier need not be named and gets ``home``. One process does the work unless the recipe says otherwise:
    DataHub starts its worker processes anew for every table, which takes longer than the checks.

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


def tell_unsampled(source: Source, report: SourceReport) -> None:
    """Make the source's report name every table whose sample could not be read."""
    make = getattr(source, "make_data_reader", None)
    if make is None:
        return

    def guarded(*args: Any, **options: Any) -> DataReader | None:
        reader = make(*args, **options)
        return None if reader is None else _Reader(reader, report)

    source.make_data_reader = guarded  # type: ignore[attr-defined]


class _NotReadError(Exception):
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
