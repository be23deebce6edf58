"""Version 1 to 2: the schedule leaves the recipes.

In version 1 each recipe had the ``deployment:`` block that ``datahub ingest deploy`` reads. The stock
``datahub ingest -c`` refuses such a recipe, so the schedule has a file of its own since.
"""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from campus_catalog.content import edit
from campus_catalog.content.models import Id
from campus_catalog.content.plaintext import check_secrets
from campus_catalog.content.problems import ContentError, did_you_mean
from campus_catalog.content.read import read
from campus_catalog.content.yamlfile import load
from campus_catalog.migration.stage import NOT_REWRITABLE, Stage
from campus_catalog.migration.v1 import BLOCK, KEYS, ZONE, Recipe, find_recipes
from campus_catalog.migration.v2 import SCHEDULE, Entry, Options, ScheduleFile

_FILE = SCHEDULE.path.name


class _Recipe(BaseModel):
    """A recipe whose block is checked as what the entry says."""

    model_config = ConfigDict(extra="allow")
    deployment: Options | None = None


def move_deployments(stage: Stage) -> None:
    """Move every recipe's block into an entry of schedule.yml; an entry the recipe has already wins.

    Args:
        stage: the content to change; receives what stands against it.
    """
    recipes = find_recipes(stage.home, stage.problems)
    blocks = {recipe.name: recipe for recipe in recipes if BLOCK in recipe.content}
    if not blocks or stage.problems.found:
        return
    path = stage.home / SCHEDULE.path
    schedule = read(path, ScheduleFile, stage.problems) if path.exists() else ScheduleFile()
    if schedule is None:
        return
    moved = [recipe for recipe in blocks.values() if _to_move(recipe, schedule, stage)]
    if stage.problems.found:
        return
    if moved:
        _add_entries(moved, stage)
    for recipe in blocks.values():
        text = stage.text(recipe.path)
        block = edit.item(text, BLOCK)
        means = {key: value for key, value in recipe.content.items() if key != BLOCK}
        stage.write(recipe.path, edit.without(text, block) if block else text, means)


def _to_move(recipe: Recipe, schedule: ScheduleFile, stage: Stage) -> bool:
    """Whether the recipe's block becomes an entry; what stands against it is noted."""
    problems, block = stage.problems, recipe.block
    if isinstance(block, dict):
        for key in block:
            if key not in KEYS:
                message = f"「{key}」在 {_FILE} 中没有对应的键，请先删去或改正{did_you_mean(key, KEYS)}"
                problems.add(recipe.path, [BLOCK, key], "unknown-key", message)
    file = read(recipe.path, _Recipe, problems)
    if file is None or file.deployment is None:
        return False
    check_secrets(file.deployment.variables, file.deployment.extra_pip, recipe.path, [BLOCK], problems)
    _note_source(recipe, file.deployment, stage)
    entries = [entry for entry in schedule.complete() if entry.recipe == recipe.name]
    if entries:
        _compare(recipe, file.deployment, entries[0], schedule, stage)
        return False
    _check_id(recipe, schedule, stage)
    if _without_zone(recipe):
        stage.notes.append(
            f"{recipe.name}: the block named no time zone, which DataHub reads as UTC: so does the entry"
        )
    return True


def _without_zone(recipe: Recipe) -> bool:
    block = recipe.block
    return bool(block.get("schedule")) and "time_zone" not in block


def _check_id(recipe: Recipe, schedule: ScheduleFile, stage: Stage) -> None:
    try:
        TypeAdapter(Id).validate_python(recipe.name)
    except ValidationError:
        message = f"文件名「{recipe.name}」不能作定时项的 id：只能用小写英文字母、数字、点、下划线和连字符，请先改名"
        stage.problems.add(recipe.path, [BLOCK], "invalid", message)
    if any(entry.id == recipe.name for entry in schedule.entries):
        message = f"{_FILE} 中 id「{recipe.name}」已用于别的定时项，请先改名"
        stage.problems.add(recipe.path, [BLOCK], "duplicate-id", message)


def _note_source(recipe: Recipe, block: Options, stage: Stage) -> None:
    """What the stock command made of the block stands in DataHub under another urn than the entry's."""
    from datahub.emitter.mce_builder import datahub_guid

    if block.name is not None:
        urn = f"urn:li:dataHubIngestionSource:deploy-{datahub_guid({'name': block.name})}"
        stage.notes.append(
            f"{recipe.name}: if `datahub ingest deploy` installed it, delete {urn} in DataHub, or it runs twice"
        )


def _compare(recipe: Recipe, block: Options, entry: Entry, schedule: ScheduleFile, stage: Stage) -> None:
    for key in KEYS:
        said, kept = getattr(block, key), getattr(entry, key)
        if key == "time_zone":
            said, kept = said or ZONE, kept or schedule.time_zone
            if block.schedule is None:
                continue
        elif key not in block.model_fields_set:
            continue
        if said != kept:
            stage.notes.append(f"{recipe.name}: {_FILE} keeps {key}: {kept}; the block's {key}: {said} is gone")


def _add_entries(recipes: list[Recipe], stage: Stage) -> None:
    for recipe in recipes:
        _check_lines(recipe, stage)
    if stage.problems.found:
        return
    path = stage.home / SCHEDULE.path
    text = stage.text(path) if path.exists() else ""
    content: dict[str, Any] = (load(path, stage.home) if path.exists() else None) or {}
    listed = edit.item(text, "entries")
    indent = listed.inner if listed and listed.inner is not None else 2
    lines = [" " * indent + line if line else "" for recipe in recipes for line in _entry_lines(recipe, stage)]
    means = {**content, "entries": [*(content.get("entries") or []), *map(_entry, recipes)]}
    stage.write(path, _with_lines(text, listed, lines, bool(content.get("entries"))), means)


def _check_lines(recipe: Recipe, stage: Stage) -> None:
    """Name the recipe whose block does not come out as its entry; in the whole schedule it could not be told which."""
    alone = stage.home / "entry.yml"  # the stage is a copy that goes
    alone.write_text("\n".join(_entry_lines(recipe, stage)), encoding="utf-8")
    try:
        said = load(alone, stage.home)
    except ContentError:
        said = None
    if said != [_entry(recipe)]:
        stage.problems.add(recipe.path, [BLOCK], "invalid", NOT_REWRITABLE)


def _with_lines(text: str, listed: edit.Item | None, lines: list[str], more: bool) -> str:
    """The schedule's text with the lines of further entries below ``entries``."""
    end = edit.newline(text)
    added = "".join(f"{line}{end}" for line in lines)
    if listed is not None and more:
        place = edit.lines_end(text, listed)
        head, tail = text[:place], text[place:]
    else:
        head, tail = (edit.without(text, listed) if listed else text), ""
        added = f"entries:{end}{added}"
    if head and not head.endswith("\n"):
        head += end
    return f"{head}{added}{tail}"


def _entry(recipe: Recipe) -> dict[str, Any]:
    """What the entry says."""
    zone = {"time_zone": ZONE} if _without_zone(recipe) else {}
    return {"id": recipe.name, "recipe": recipe.name, **zone, **recipe.block}


def _plain(value: str) -> str:
    """A text as YAML, in quotes only where it would be read as a number or the like."""
    return value if yaml.safe_load(value) == value else f'"{value}"'


def _entry_lines(recipe: Recipe, stage: Stage) -> list[str]:
    """The entry as it is written: the block's own lines, comments, order and quotes as they were."""
    text = stage.text(recipe.path)
    block = edit.item(text, BLOCK)
    if block is None:
        return []  # the whole recipe is in braces: writing it will say so
    head = {"id": recipe.name, "recipe": recipe.name}
    if _without_zone(recipe):
        head["time_zone"] = ZONE
    written = [f"{key}: {_plain(value)}" for key, value in head.items()]
    first, *inner = edit.value_lines(text, block)
    if block.inner is None:
        return [f"- {{{', '.join(written)}, {first.removeprefix('{')}", *inner]
    lines = [*written, *inner]
    lines[0] = f"{lines[0]}  {first}".rstrip()  # the comment beside the key
    return [f"- {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]
