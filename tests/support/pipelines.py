"""Running recipes through DataHub's own pipeline, in this process, and comparing what came of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from datahub.ingestion.run.pipeline import Pipeline
from datahub.utilities.server_config_util import set_gms_config

from tests.contract.standin import Standin
from tests.support.live import ROOT, Catalog

EXAMPLES = ROOT / "docs" / "examples"


def example_school(home: Path) -> Path:
    """The repository's glossary with the recipes and systems of docs/examples; returns its home."""
    shutil.copytree(ROOT / "glossary", home / "glossary")
    shutil.copytree(EXAMPLES / "recipes", home / "ingestion_recipes")
    shutil.copytree(EXAMPLES / "systems", home / "ingestion_recipes" / "systems")
    return home


def run_pipeline(source: dict[str, Any], sink: dict[str, Any], **more: Any) -> Pipeline:
    """The pipeline of a recipe, after its run; what failed is in its reports."""
    recipe = {"pipeline_name": "test", "source": source, "sink": sink, **more}
    try:
        pipeline = Pipeline.create(recipe, report_to=None, no_progress=True)
        pipeline.run()
        return pipeline
    finally:
        set_gms_config({})  # a server met once changes what DataHub's sources emit ever after


def rest(gms: Standin, **config: Any) -> dict[str, Any]:
    """The sink that writes to a server."""
    return {"type": "datahub-rest", "config": {"server": gms.url, **config}}


def held(gms: Standin) -> Catalog:
    """Every aspect a server holds, as it was written; run reports and checkpoints aside."""
    reports = ("urn:li:dataHubIngestionSource:", "urn:li:dataHubExecutionRequest:", "urn:li:dataJob:")
    return {
        urn: {name: stored.value for name, stored in gms.store.entity(urn).items()}
        for urn in gms.store.urns()
        if not urn.startswith(reports)
    }
