"""The recipes in ``ingestion_recipes/``: finding, ordering and checking them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from campus_catalog.content.layout import RECIPES, SCHEDULE
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError, did_you_mean
from campus_catalog.content.yamlfile import load
from campus_catalog.register.systems import DeclaredSystem, Register
from campus_catalog.regulation.version import CONTENT_VERSION, content_version
from campus_catalog.secrets import find, is_literal
from campus_catalog.variables import missing, names

#: what refers to something comes after it
_ORDER = {"campus-taxonomy": 0, "campus-register": 1}
_KEYS = (
    "pipeline_name",
    "source",
    "sink",
    "transformers",
    "run_id",
    "datahub_api",
    "reporting",
    "failure_log",
    "flags",
)
#: how this package's plugins are named, or their classes
_OURS = ("campus-", "campus_catalog.")
#: stock sources named like the platform they ingest
_SAME_NAME = frozenset("postgres mysql mariadb oracle mssql mongodb clickhouse hive trino".split())


@dataclass(frozen=True)
class Recipe:
    """One recipe file.

    Attributes:
        name: the file's name without ``.yml``.
        path: the file.
        content: what it says, variables not filled in.
    """

    name: str
    path: Path
    content: dict[str, Any]

    @property
    def source_type(self) -> str:
        """Type of the recipe's source."""
        return str((self.content.get("source") or {}).get("type"))

    @property
    def config(self) -> dict[str, Any]:
        """Config of the recipe's source."""
        config = (self.content.get("source") or {}).get("config")
        return config if isinstance(config, dict) else {}

    @property
    def live_type(self) -> str:
        """Type of the source that is read: for campus-system the stock source inside it."""
        inner = self.config.get("source") if self.source_type == "campus-system" else None
        return str(inner.get("type")) if isinstance(inner, dict) else self.source_type

    @property
    def plugins(self) -> list[dict[str, Any]]:
        """The configs of this package's plugins in the recipe; none in a recipe that needs only DataHub's own."""
        transformers = self.content.get("transformers")
        parts = [self.content["source"], *(transformers if isinstance(transformers, list) else ())]
        ours = [part for part in parts if isinstance(part, dict) and str(part.get("type")).startswith(_OURS)]
        return [part["config"] if isinstance(part.get("config"), dict) else {} for part in ours]

    @property
    def variables(self) -> list[str]:
        """Environment variables the recipe needs (those without a default)."""
        return sorted(self.missing({}))

    def missing(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Those of them an environment does not have.

        Args:
            environment: the variables there are.

        Returns:
            The name of each, and what the recipe says of it, or nothing.
        """
        return missing(self.content, environment)


def find_recipes(home: Path) -> tuple[list[Recipe], Problems]:
    """Read every recipe of the content.

    Args:
        home: content folder.

    Returns:
        The recipes in the order to run them, and the faults of files that are none.
    """
    problems = Problems(home)
    recipes = []
    for path in _files(home, problems):
        try:
            content = load(path, home)
        except ContentError as error:
            problems.extend(error)
            continue
        if not isinstance(content, dict) or not isinstance(content.get("source"), dict):
            problems.add(path, [], "recipe", "采集配置须写明 source")
            continue
        recipes.append(Recipe(path.stem, path, content))
    recipes.sort(key=lambda recipe: (_ORDER.get(recipe.source_type, 2), recipe.name))
    return recipes, problems


def _files(home: Path, problems: Problems) -> list[Path]:
    try:
        return RECIPES.files(home)
    except ContentError as error:
        problems.extend(error)
        return []


def check_recipes(recipes: list[Recipe], register: Register | None, problems: Problems) -> None:
    """What would make a recipe fail, or register a dataset under another identity than declared.

    Recipes of content of another version are not judged: what is wrong with them may go with the migration.

    Args:
        recipes: the recipes to look at.
        register: what the units declare; None where it is at fault, and then recipes are not compared with it.
        problems: receives every fault.
    """
    if content_version(problems.home) not in (None, CONTENT_VERSION):
        return
    known = {point.name for point in entry_points(group="datahub.ingestion.source.plugins")}
    for recipe in recipes:
        for key in recipe.content:
            if key == "deployment":
                message = (
                    "datahub ingest -c 不接受带 deployment 的配置，请运行 campus-catalog migrate 移到 "
                    f"{SCHEDULE.path.name}"
                )
                problems.add(recipe.path, [key], "recipe", message)
            elif key not in _KEYS:
                problems.add(recipe.path, [key], "unknown-key", f"不认识的键「{key}」{did_you_mean(key, _KEYS)}")
        _check_type(recipe, recipe.source_type, ["source", "type"], known, problems)
        _check_secrets(recipe, problems)
        if recipe.source_type == "campus-system":
            _check_system(recipe, register, known, problems)


def _check_type(recipe: Recipe, type_: str, location: list[Any], known: set[str], problems: Problems) -> None:
    if type_ not in known and "." not in type_:
        problems.add(
            recipe.path, location, "unknown-source", f"DataHub 没有名为「{type_}」的采集源{did_you_mean(type_, known)}"
        )


def _check_system(recipe: Recipe, register: Register | None, known: set[str], problems: Problems) -> None:
    place = ["source", "config"]
    inner = recipe.config.get("source")
    if not isinstance(inner, dict) or "type" not in inner:
        problems.add(recipe.path, [*place, "source"], "recipe", "campus-system 须写明内部采集源 source.type")
        return
    _check_type(recipe, str(inner["type"]), [*place, "source", "type"], known, problems)
    if register is None:
        return
    id_ = str(recipe.config.get("system"))
    declared = register.systems.get(id_)
    if declared is None:
        message = f"系统「{id_}」未在 systems/ 中登记{did_you_mean(id_, register.systems)}"
        problems.add(recipe.path, [*place, "system"], "unknown-system", message)
        return
    if not declared.system.connected:
        message = f"系统「{declared.name}」有采集配置，须在 {declared.path.name} 中写明 connected: true"
        problems.add(recipe.path, [*place, "system"], "not-connected", message)
    _check_identity(recipe, declared, inner, [*place, "source"], problems)


def _check_identity(
    recipe: Recipe, declared: DeclaredSystem, inner: dict[str, Any], place: list[Any], problems: Problems
) -> None:
    """Declared and live datasets meet on one urn only if platform, instance and environment agree."""
    system, config = declared.system, inner.get("config") or {}
    if inner["type"] in _SAME_NAME and inner["type"] != system.platform:
        message = f"登记的平台是「{system.platform}」，采集源却是「{inner['type']}」，两者的数据集将对不上"
        problems.add(recipe.path, [*place, "type"], "identity", message)
    if inner["type"] == "sqlalchemy" and config.get("platform", system.platform) != system.platform:
        message = f"登记的平台是「{system.platform}」，采集配置却是「{config['platform']}」，两者的数据集将对不上"
        problems.add(recipe.path, [*place, "config", "platform"], "identity", message)
    for key, stated, default in (("platform_instance", system.instance, None), ("env", system.env, "PROD")):
        value = config.get(key, default)
        if isinstance(value, str) and names(value):
            continue
        if value != stated:
            message = f"登记的 {key} 是「{stated or '无'}」，采集配置却是「{value or '无'}」，两者的数据集将对不上"
            problems.add(recipe.path, [*place, "config", key], "identity", message)


def _check_secrets(recipe: Recipe, problems: Problems) -> None:
    for location, text in find(recipe.content):
        if is_literal(text):
            name = f"{recipe.name.upper().replace('-', '_')}_PASSWORD"
            key = next(part for part in reversed(location) if isinstance(part, str))
            message = f"「{key}」不得写明文（变量的默认值也不行），请改用环境变量，如 ${{{name}}}"
            problems.add(recipe.path, location, "secret", message)
