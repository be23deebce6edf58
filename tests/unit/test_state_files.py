"""Where a recipe's state is kept when the recipe does not say: see docs/reference/sources.md."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from campus_catalog.sources.checkpoints import STATE_VARIABLE, with_state

ASKED = {"stateful_ingestion": {"enabled": True}}


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STATE_VARIABLE, raising=False)


def run(graph: object = None, name: str | None = "jwxt") -> Any:
    """The context of a run that writes to a server (``graph``) or to something else."""
    return SimpleNamespace(graph=graph, pipeline_name=name)


def filename(config: dict[str, Any]) -> Path:
    return Path(config["stateful_ingestion"]["state_provider"]["config"]["filename"])


def test_a_run_to_a_server_keeps_it_there(tmp_path: Path) -> None:
    assert with_state(ASKED, str(tmp_path), run(graph=object())) == ASKED


def test_any_other_run_keeps_it_in_the_home_or_the_folder_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filename(with_state(ASKED, str(tmp_path), run())) == tmp_path / ".catalog" / "state" / "jwxt.json"
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "kept"))
    assert filename(with_state(ASKED, "package:content", run())) == tmp_path / "kept" / "jwxt.json"
    assert (tmp_path / "kept").is_dir()


@pytest.mark.parametrize("config", [{}, {"stateful_ingestion": None}, {"stateful_ingestion": {"enabled": False}}])
def test_nothing_is_kept_unasked(config: dict[str, Any], tmp_path: Path) -> None:
    assert with_state(config, str(tmp_path), run()) == config
    assert list(tmp_path.iterdir()) == []


def test_what_the_recipe_says_wins(tmp_path: Path) -> None:
    own = {"type": "file", "config": {"filename": str(tmp_path / "deep" / "own.json")}}
    config = {"stateful_ingestion": {"enabled": True, "state_provider": own}}
    assert with_state(config, str(tmp_path), run()) == config
    assert (tmp_path / "deep").is_dir()


def test_a_run_without_a_name_is_left_to_datahubs_own_message(tmp_path: Path) -> None:
    assert with_state(ASKED, str(tmp_path), run(name=None)) == ASKED
