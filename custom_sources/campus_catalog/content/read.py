"""Reading content into models: every fault of every file, each with its line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError, Problem, did_you_mean, relative
from campus_catalog.content.yamlfile import load

_MESSAGES = {
    "missing": "缺少必填项「{key}」",
    "string_type": "「{key}」应为文本，请加引号",
    "string_too_short": "「{key}」不能为空",
    "string_pattern_mismatch": "「{key}」只能用小写英文字母、数字、点、下划线和连字符，并以字母或数字开头",
    "bool_type": "「{key}」应为 true 或 false",
    "bool_parsing": "「{key}」应为 true 或 false",
    "int_type": "「{key}」应为整数",
    "int_parsing": "「{key}」应为整数",
    "greater_than_equal": "「{key}」不能小于 {ge}",
    "less_than_equal": "「{key}」不能大于 {le}",
    "date_parsing": "「{key}」应为日期，如 2026-09-01",
    "date_from_datetime_parsing": "「{key}」应为日期，如 2026-09-01",
    "date_from_datetime_inexact": "「{key}」应为日期，如 2026-09-01",
    "list_type": "「{key}」应为列表",
    "dict_type": "「{key}」应为键值对",
    "model_type": "「{key}」应为键值对",
    "model_attributes_type": "「{key}」应为键值对",
}


Model = TypeVar("Model")


def read(path: Path, kind: type[Model], problems: Problems) -> Model | None:
    """Read one file into a model or list of models.

    Args:
        path: the content file.
        kind: a ``ContentModel``, or a type such as ``list[Tag]``.
        problems: receives every fault.

    Returns:
        The model, or None when it has a fault.
    """
    if _is_missing(path):
        problems.found.append(
            Problem(relative(path, problems.home), 0, "missing-file", "缺少文件，参见 docs/formats.md")
        )
        return None
    try:
        data = load(path, problems.home)
    except ContentError as error:
        problems.extend(error)
        return None
    return validated(data, kind, path, problems)


def validated(data: Any, kind: type[Model], path: Path, problems: Problems) -> Model | None:
    """What a file says, as a model or list of models.

    Args:
        data: what YAML made of the file.
        kind: a ``ContentModel``, or a type such as ``list[Tag]``.
        path: the file.
        problems: receives every fault.

    Returns:
        The model, or None when there is a fault.
    """
    try:
        return TypeAdapter(kind).validate_python({} if data is None else data)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            location = [part for part in fault["loc"] if not isinstance(part, str) or "[" not in part]
            code, message = _translate(fault, location, kind)
            problems.add(path, location, code, message)
        return None


def _is_missing(path: Path) -> bool:
    """Whether there is no such file; what is wrong with one that cannot be looked at, reading it says."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def _translate(fault: Any, location: list[Any], kind: Any) -> tuple[str, str]:
    """A pydantic error as (code, Chinese message)."""
    names = [part for part in location if isinstance(part, str)]
    key = names[-1] if names else "文件"
    type_ = fault["type"]
    if type_ in ("extra_forbidden", "unexpected_keyword_argument"):
        return "unknown-key", f"不认识的键「{key}」{did_you_mean(key, _keys_at(kind, location[:-1]))}"
    if key == "unit" and isinstance(fault.get("input"), list):
        return "two-units", "一个数据集只能有一个责任单位，其余单位请写入共享范围"
    if type_ in ("literal_error", "enum"):
        hint = did_you_mean(str(fault["input"]), _choices(fault))
        return "invalid", f"「{key}」只能是 {fault['ctx']['expected'].replace(' or ', '、')}{hint}"
    if type_ == "value_error":
        return "invalid", f"「{key}」{fault['ctx']['error']}"
    known = _MESSAGES.get(type_)
    message = known.format(key=key, **fault.get("ctx", {})) if known else f"「{key}」有误：{fault['msg']}"
    return ("missing" if type_ == "missing" else "invalid"), message


def _choices(fault: Any) -> list[str]:
    return [word.strip("' ") for word in fault["ctx"]["expected"].replace(" or ", ",").split(",")]


def _keys_at(kind: Any, location: Iterable[Any]) -> list[str]:
    """The keys a model knows at ``location``, to suggest the nearest."""
    for part in location:
        if isinstance(part, int):
            continue
        for name, field in _fields(kind).items():
            if part in (name, field.alias):
                kind = field.annotation
                break
    return [field.alias or name for name, field in _fields(kind).items()]


def _fields(kind: Any) -> dict[str, Any]:
    """The fields of the model or dataclass inside ``kind``."""
    kind = _element(kind)
    fields: dict[str, Any] = getattr(kind, "__pydantic_fields__", {}) if isinstance(kind, type) else {}
    return fields


def _element(kind: Any) -> Any:
    """The model inside list[Model], Optional[Model] or Annotated[...]."""
    while not isinstance(kind, type) or getattr(kind, "__args__", None):
        arguments = [argument for argument in getattr(kind, "__args__", ()) if argument is not type(None)]
        if not arguments:
            return kind
        kind = arguments[0]
    return kind
