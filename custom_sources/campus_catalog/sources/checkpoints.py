"""Where a run remembers what it registered, so that the next one can tell what has gone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from datahub.configuration.common import ConfigurationError
from datahub.ingestion.api.common import PipelineContext

from campus_catalog.errors import first_line
from campus_catalog.home.find import find_home

#: Environment variable naming the folder of state files.
STATE_VARIABLE = "CAMPUS_CATALOG_STATE"
_FOLDER = Path(".catalog", "state")


def with_state(config: dict[str, Any], home: str, ctx: PipelineContext) -> dict[str, Any]:
    """A source's config, completed where it asks for stateful ingestion and does not say where the state is kept.

    A run that writes to a server keeps it there, which is DataHub's default. DataHub has none for other runs; they get
    a file named after the pipeline, so that one recipe does for a server, its executor and a local catalog.

    Args:
        config: the config with ``stateful_ingestion``.
        home: the content's home; one that is not a folder has no place for files.
        ctx: the run's.

    Returns:
        The config itself, or a completed copy.

    Raises:
        ConfigurationError: there is no place for it, or the state file is damaged.
    """
    said = config.get("stateful_ingestion")
    if not isinstance(said, dict) or not said.get("enabled"):
        return config
    provider = said.get("state_provider")
    if provider is None and ctx.graph is None and ctx.pipeline_name:
        provider = {"type": "file", "config": {"filename": str(_folder(home) / f"{ctx.pipeline_name}.json")}}
        config = {**config, "stateful_ingestion": {**said, "state_provider": provider}}
    if isinstance(provider, dict) and provider.get("type") == "file":
        _prepare((provider.get("config") or {}).get("filename"))
    return config


def _folder(home: str) -> Path:
    if os.environ.get(STATE_VARIABLE):
        return Path(os.environ[STATE_VARIABLE])
    found = find_home(home)
    if found.origin:
        raise ConfigurationError(
            "stateful_ingestion has nowhere to keep its state: this run writes to no server, and its content is in no "
            f"folder; set {STATE_VARIABLE} to a folder that stays, or name the server as datahub_api in the recipe"
        )
    return found.folder / _FOLDER


def _prepare(filename: str | None) -> None:
    """Make the file's folder, which DataHub does not and would fail after the run; refuse a damaged file."""
    if not filename:
        return
    path = Path(filename)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the folder for the state, {path.parent}, cannot be made: {error.strerror}") from None
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"what earlier runs left in {path} cannot be read ({first_line(error)}); put back a copy of it, or move it "
            "away: then the next run marks nothing as removed"
        ) from None
