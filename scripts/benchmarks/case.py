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

from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.api.source import Source, SourceReport
from datahub.ingestion.run.pipeline import Pipeline
from sinks import CASES, KAFKA

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


def _proposals(folder: Path) -> list[Any]:
    from campus_catalog.sources.common import load_content
    from campus_catalog.sources.register import register_workunits

    return [unit.metadata for system in load_content(str(folder)) for unit in register_workunits(system)]


def recipe(case: str, folder: Path) -> dict[str, Any]:
    """The recipe of a case; what it needs beforehand is made here, before the clock starts."""
    server = {"host_port": os.environ.get("BENCH_HOST_PORT", ""), "database": "bench"}
    login = {"username": "postgres", "password": os.environ.get("BENCH_PASSWORD", "")}
    postgres: dict[str, Any] = {"type": "postgres", "config": {**server, **login}}
    source: dict[str, Any]
    transformers: list[dict[str, Any]] = []
    if case in ("register", *CASES):
        import campus_catalog.sources.register

        source = {"type": "campus-register", "config": {"home": str(folder)}}
    elif case.startswith("stock-"):
        # the same proposals, prebuilt, into DataHub's own Lite sink as it comes
        database = folder / "stock.db"
        if case == "stock-first":
            database.unlink(missing_ok=True)
        PREBUILT.extend(_proposals(folder))
        source = {"type": f"{__name__}.PrebuiltSource", "config": {}}
        sink = {"type": "datahub-lite", "config": {"type": "sqlite", "config": {"file": str(database)}}}
        return {"source": source, "sink": sink}
    elif case == "prebuilt":
        PREBUILT.extend(_proposals(folder))
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
            {
                "type": "simple_add_dataset_properties",
                "config": {"properties": {"scope": "校内各单位", "purpose": "教学"}},
            },
        ]
    sink = json.loads(os.environ.get("BENCH_SINK", '{"type": "blackhole"}'))
    return {"source": source, "transformers": transformers, "sink": sink}


def apply(folder: Path, kind: str) -> dict[str, Any]:
    """Bring a fresh Lite database (``first``) or an unchanged one (``again``) to what the content declares."""
    from campus_catalog.apply.apply import apply_plan
    from campus_catalog.apply.writers import open_writer
    from campus_catalog.catalog.target import parse_target
    from campus_catalog.school import School

    target = parse_target("lite:apply.db", folder)
    if kind == "first":
        target.path.unlink(missing_ok=True)
    wall, cpu = time.perf_counter(), time.process_time()
    applied = apply_plan(School(folder).plan(target), open_writer(target), local=True)
    return taken(len(applied.written), wall, cpu)


def taken(records: int, wall: float, cpu: float, failures: int = 0) -> dict[str, Any]:
    """What was measured since the clocks were read."""
    return {
        "records": records,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "process": time.process_time(),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "failures": failures,
    }


def main(case: str, folder: str) -> None:
    """Run the case and print records, wall and CPU seconds, and peak memory in MB."""
    logging.disable(logging.WARNING)
    if case.startswith("apply-"):
        print(json.dumps(apply(Path(folder), case.removeprefix("apply-"))))
        return
    config = recipe(case, Path(folder))
    if case in ("bare", "chain", "stamped"):
        import datahub.ingestion.source.sql.postgres
    if case == KAFKA:
        import datahub.ingestion.sink.datahub_kafka  # noqa: F401
    wall, cpu = time.perf_counter(), time.process_time()
    pipeline = Pipeline.create(config, report_to=None, no_progress=True)
    pipeline.run()
    written = pipeline.sink.get_report()
    failures = len(pipeline.source.get_report().failures) + len(written.failures)
    print(json.dumps(taken(written.total_records_written, wall, cpu, failures)))


if __name__ == "__main__":
    main(*sys.argv[1:])
