"""Runs one benchmark case in a process of its own and prints what it took as JSON.

Imports are made before the clock starts: they are the same for every case and would flatter every ratio.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ["DATAHUB_TELEMETRY_ENABLED"] = "false"

from datahub.ingestion.api.common import PipelineContext  # noqa: E402
from datahub.ingestion.api.source import Source, SourceReport  # noqa: E402
from datahub.ingestion.run.pipeline import Pipeline  # noqa: E402

PREBUILT: list[Any] = []


class PrebuiltSource(Source):
    """Yields proposals built before the clock started: what the pipeline alone costs."""

    def __init__(self, ctx: PipelineContext):
        super().__init__(ctx)
        self.report = SourceReport()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: PipelineContext) -> PrebuiltSource:
        """Build the source from a recipe."""
        return cls(ctx)

    def get_workunits_internal(self) -> Any:
        """The proposals as work units."""
        return (proposal.as_workunit() for proposal in PREBUILT)

    def get_report(self) -> SourceReport:
        """Counts."""
        return self.report


def recipe(case: str, folder: Path) -> dict[str, Any]:
    """The recipe of a case; what it needs beforehand is made here, before the clock starts."""
    postgres = {"type": "postgres", "config": {"host_port": os.environ.get("BENCH_HOST_PORT", ""), "database": "bench"}}
    postgres["config"] |= {"username": "postgres", "password": os.environ.get("BENCH_PASSWORD", "")}
    source: dict[str, Any]
    transformers: list[dict[str, Any]] = []
    if case == "register":
        import campus_catalog.sources.register  # noqa: F401

        source = {"type": "campus-register", "config": {"home": str(folder)}}
    elif case == "prebuilt":
        from campus_catalog.sources.common import load_content
        from campus_catalog.sources.register import register_workunits

        PREBUILT.extend(unit.metadata for system in load_content(str(folder)) for unit in register_workunits(system))
        source = {"type": f"{__name__}.PrebuiltSource", "config": {}}
    elif case == "peer":
        source = {"type": "yaml", "config": {"path": str(folder)}}
    elif case == "stamped":
        import campus_catalog.sources.system  # noqa: F401

        source = {"type": "campus-system", "config": {"home": str(folder), "system": "live", "source": postgres}}
    else:
        source = postgres
    if case == "chain":
        transformers = [
            {
                "type": "simple_add_dataset_ownership",
                "config": {"owner_urns": ["urn:li:corpGroup:g", "urn:li:corpuser:p", "urn:li:corpuser:h"]},
            },
            {"type": "simple_add_dataset_terms", "config": {"term_urns": ["urn:li:glossaryTerm:t"]}},
            {"type": "simple_add_dataset_tags", "config": {"tag_urns": ["urn:li:tag:t"]}},
            {"type": "simple_add_dataset_properties", "config": {"properties": {"scope": "校内各单位", "purpose": "教学"}}},
        ]
    return {"source": source, "transformers": transformers, "sink": {"type": "blackhole"}}


def main(case: str, folder: str) -> None:
    """Run the case and print records, wall and CPU seconds, and peak memory in MB."""
    logging.disable(logging.WARNING)
    config = recipe(case, Path(folder))
    if case in ("bare", "chain", "stamped"):
        import datahub.ingestion.source.sql.postgres  # noqa: F401
    wall, cpu = time.perf_counter(), time.process_time()
    pipeline = Pipeline.create(config, report_to=None, no_progress=True)
    pipeline.run()
    result = {
        "records": pipeline.sink.get_report().total_records_written,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "failures": len(pipeline.source.get_report().failures),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
