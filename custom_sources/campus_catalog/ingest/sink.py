"""A DataHub sink for a local catalog."""

from __future__ import annotations

from typing import Any

from datahub.configuration.common import ConfigModel
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.api.common import RecordEnvelope
from datahub.ingestion.api.sink import Sink, SinkReport, WriteCallback
from datahub.metadata.schema_classes import MetadataChangeEventClass

from campus_catalog.ingest.waiting import Waiting

#: how a recipe names this sink
SINK_TYPE = "campus_catalog.ingest.sink.StoreSink"


class StoreSinkConfig(ConfigModel):
    """What keeps the records aside; it stays the caller's to write and close."""

    waiting: Any


class StoreSink(Sink[StoreSinkConfig, SinkReport]):
    """Keeps every record aside. Patches are refused by name: a local catalog cannot apply them."""

    def __post_init__(self) -> None:
        self.waiting: Waiting = self.config.waiting

    def write_record_async(self, record_envelope: RecordEnvelope[Any], write_callback: WriteCallback) -> None:
        """Take one record; a failure is reported, not raised.

        Args:
            record_envelope: the record: a proposal or a snapshot.
            write_callback: is told whether it was taken; not of what a local catalog does not take.
        """
        record = record_envelope.record
        try:
            if isinstance(record, MetadataChangeProposalWrapper):
                self.waiting.add(record)
            elif isinstance(record, MetadataChangeEventClass):
                for proposal in mcps_from_mce(record):
                    self.waiting.add(proposal)
            else:
                what = f"{getattr(record, 'changeType', type(record).__name__)} {getattr(record, 'aspectName', '')}"
                self.report.report_warning(f"not written, a local catalog takes whole aspects only: {what}")
                return
        except Exception as error:  # the pipeline goes on and the run ends as failed
            self.report.report_failure(f"{getattr(record, 'entityUrn', record)}: {error}")
            write_callback.on_failure(record_envelope, error, {})
            return
        self.report.report_record_written(record_envelope)
        write_callback.on_success(record_envelope, {})
