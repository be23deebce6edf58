"""Version 1 of the content, as far as a step reads it. Today's models may change, this does not.

Each recipe has the ``deployment:`` block that ``datahub ingest deploy`` reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_catalog.content.layout import Kind
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError
from campus_catalog.content.yamlfile import load

RECIPES = Kind("ingestion_recipes", "The recipes, each with its deployment.", (".yml",))
BLOCK = "deployment"
#: the keys of the block: those of DataHub's DeployOptions (datahub/utilities/ingest_utils.py)
KEYS = ("name", "schedule", "time_zone", "cli_version", "executor_id", "extra_pip", "extra_env")
#: what DataHub takes for the time zone of a block that names none
ZONE = "UTC"
#: what refers to something comes after it
_ORDER = {"campus-taxonomy": 0, "campus-register": 1}


@dataclass(frozen=True)
class Recipe:
    """One recipe file."""

    name: str
    path: Path
    content: dict[str, Any]

    @property
    def block(self) -> Any:
        """What it says of its deployment."""
        return self.content[BLOCK]


def find_recipes(home: Path, problems: Problems) -> list[Recipe]:
    """Every recipe.

    Args:
        home: content folder.
        problems: receives the faults of files that are none.

    Returns:
        Those that can be read, in the order to run them.

    Raises:
        ContentError: their folder cannot be looked into.
    """
    recipes = []
    for path in RECIPES.files(home):
        try:
            content = load(path, home)
        except ContentError as error:
            problems.extend(error)
            continue
        if not isinstance(content, dict) or not isinstance(content.get("source"), dict):
            problems.add(path, [], "recipe", "采集配置须写明 source")
            continue
        recipes.append(Recipe(path.stem, path, content))
    return sorted(recipes, key=lambda recipe: (_ORDER.get(str(recipe.content["source"].get("type")), 2), recipe.name))
