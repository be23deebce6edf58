"""DataHub's pipeline, which remembers what it wrote only after the catalog has it."""

from __future__ import annotations

import logging
from pathlib import Path

from datahub.ingestion.run.pipeline import Pipeline
from datahub.ingestion.source.state_provider.file_ingestion_checkpointing_provider import (
    FileIngestionCheckpointingProvider,
)

logger = logging.getLogger(__name__)


class CatalogPipeline(Pipeline):
    """A pipeline whose state is kept by :meth:`commit_state`, not at the end of ``run``.

    DataHub keeps the state of stateful ingestion before a transaction of ours ends, and also when the sink failed. A
    run that is killed or rolled back then would have forgotten the datasets it did not come to mark as removed.
    """

    def process_commits(self) -> None:
        """Do nothing: see :meth:`commit_state`."""

    def _warn_old_cli_version(self) -> None:
        """Do nothing. DataHub asks PyPI and GitHub at every run, up to two seconds, if the server's client is newer."""

    def commit_state(self) -> None:
        """Keep the state for the next run; call it once the catalog has what the run wrote.

        Raises:
            OSError: a state file cannot be written; the old one is as it was.
        """
        if self.sink.get_report().failures:
            logger.warning("the state is not kept: the catalog did not take everything")
            return
        remembering = self.ctx.checkpointers.values()
        providers = [one for one in remembering if isinstance(one, FileIngestionCheckpointingProvider)]
        files = [Path(provider.config.filename) for provider in providers]
        drafts = [path.with_name(f".{path.name}.new") for path in files]
        for provider, draft in zip(providers, drafts, strict=True):
            provider.config.filename = str(draft)
        try:
            super().process_commits()
            for path, draft in zip(files, drafts, strict=True):
                if draft.exists():  # a run without anything to remember writes none
                    draft.replace(path)
        finally:
            for draft in drafts:
                draft.unlink(missing_ok=True)
