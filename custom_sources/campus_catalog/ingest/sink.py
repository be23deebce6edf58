"""A DataHub sink that writes into a store, counting what changed."""

from __future__ import annotations

from typing import Any

from datahub.configuration.common import ConfigModel
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.api.common import RecordEnvelope
from datahub.ingestion.api.sink import Sink, SinkReport, WriteCallback
from datahub.metadata.schema_classes import MetadataChangeEventClass, StatusClass

from campus_catalog.catalog.store import Store

#: how a recipe names this sink
SINK_TYPE = "campus_catalog.ingest.sink.StoreSink"


class StoreSinkConfig(ConfigModel):
    """The open store; it stays the caller's to commit and close."""

    store: Any


class StoreSink(Sink[StoreSinkConfig, SinkReport]):
    """Puts every record into the store. Patches are refused by name: a local catalog cannot apply them."""

    def __post_init__(self) -> None:
        self.store: Store = self.config.store

    def write_record_async(self, record_envelope: RecordEnvelope[Any], write_callback: WriteCallback) -> None:
        """Put one record; a failure is reported, not raised.

        Args:
            record_envelope: the record: a proposal or a snapshot.
            write_callback: is told whether it was written; not of what a local catalog does not take.
        """
        record = record_envelope.record
        try:
            if isinstance(record, MetadataChangeProposalWrapper):
                self._put(record)
            elif isinstance(record, MetadataChangeEventClass):
                for proposal in mcps_from_mce(record):
                    self.store.put(proposal)
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

    def _put(self, proposal: MetadataChangeProposalWrapper) -> None:
        """Put one aspect; that an entity is gone says nothing where it never was."""
        assert proposal.entityUrn
        gone = isinstance(proposal.aspect, StatusClass) and proposal.aspect.removed
        if not gone or self.store.get(proposal.entityUrn) is not None:
            self.store.put(proposal)
