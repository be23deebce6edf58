"""Reading content into models: every fault of every file, each with its line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from campus_catalog.problems import ContentError, Problem, nearest, relative
from campus_catalog.yamlfile import Lines, load

#: where the readers look below the home; a file elsewhere is no content
_PLACES = ("glossary", "glossary/terms", "ingestion_recipes", "ingestion_recipes/systems", "ingestion_recipes/schedule",
           "policies", "policies/access")  # fmt: skip


def content_files(home: Path) -> list[Path]:
    """Every file of the content, sorted."""
    return sorted(path for place in _PLACES for path in (home / place).glob("*.yml") if path.is_file())


class Content(BaseModel):
    """Base of every content model: unknown keys are errors, so a typing mistake never passes silently."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: a list in which a single value may be written without brackets
Words = Annotated[list[Text], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]

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
    "list_type": "「{key}」应为列表",
    "dict_type": "「{key}」应为键值对",
    "model_type": "「{key}」应为键值对",
    "model_attributes_type": "「{key}」应为键值对",
}


class Problems:
    """Collects faults while content is read; knows the line of everything."""

    def __init__(self, home: Path):
        self.home = home
        self.found: list[Problem] = []
        self._lines: dict[Path, Lines] = {}

    def add(self, path: Path, location: Sequence[Any], code: str, message: str) -> None:
        """Record a fault at ``location`` (keys and indexes) of the file ``path``."""
        if path not in self._lines:
            self._lines[path] = Lines(path, self.home)
        self.found.append(Problem(relative(path, self.home), self._lines[path].of(location), code, message))

    def extend(self, error: ContentError) -> None:
        """Take over the faults of another reader."""
        self.found.extend(error.problems)

    def raise_any(self) -> None:
        """Raise ContentError when anything was found."""
        if self.found:
            raise ContentError(self.found)


Model = TypeVar("Model")


def read(path: Path, kind: type[Model], problems: Problems) -> Model | None:
    """Read one file into a model or list of models.

    Args:
        path: the content file.
        kind: a ``Content`` class, or a type such as ``list[Tag]``.
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
        return "unknown-key", f"不认识的键「{key}」{nearest(key, _keys_at(kind, location[:-1]))}"
    if key == "unit" and isinstance(fault.get("input"), list):
        return "two-units", "一个数据集只能有一个责任单位，其余单位请写入共享范围"
    if type_ in ("literal_error", "enum"):
        hint = nearest(str(fault["input"]), _choices(fault))
        return "invalid", f"「{key}」只能是 {fault['ctx']['expected'].replace(' or ', '、')}{hint}"
    if type_ == "value_error":
        return "invalid", f"「{key}」{fault['ctx']['error']}"
    known = _MESSAGES.get(type_)
    message = known.format(key=key, **fault.get("ctx", {})) if known else f"「{key}」有误：{fault['msg']}"
    return ("missing" if type_ == "missing" else "invalid"), message


def _choices(fault: Any) -> list[str]:
    return [word.strip("' ") for word in fault["ctx"]["expected"].replace(" or ", ",").split(",")]


def _keys_at(kind: Any, location: Iterable[Any]) -> list[str]:
    """The keys a model knows at ``location``, to suggest the nearest one."""
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


class Named(Protocol):
    """Anything content refers to by id, name or (where it has any) aliases."""

    id: str
    name: str


Item = TypeVar("Item", bound=Named)


class Names(Generic[Item]):
    """Finds things by id, name or alias.

    Args:
        label: what the things are called in messages, e.g. 单位.
        code: what an unknown one is called, e.g. ``unknown-unit``.
    """

    def __init__(self, label: str, code: str):
        self.label, self.code = label, code
        self._by_word: dict[str, Item] = {}
        self._by_id: dict[str, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, item: Item, path: Path, location: Sequence[Any], problems: Problems) -> None:
        """Register ``item``; a word that already means something else is a fault."""
        if item.id in self._by_id:
            problems.add(path, [*location, "id"], "duplicate-id", f"{self.label} id「{item.id}」重复")
            return
        self._by_id[item.id] = item
        for word in (item.id, item.name, *getattr(item, "aliases", ())):
            other = self._by_word.setdefault(word, item)
            if other is not item:
                message = f"「{word}」已经是{self.label}「{other.name}」的名称或别名，请改用不同的名称"
                problems.add(path, [*location, "name"], "duplicate-name", message)

    def get(self, word: str) -> Item | None:
        """The thing called ``word``, or None."""
        return self._by_word.get(word)

    def find(self, word: str, path: Path, location: Sequence[Any], problems: Problems) -> Item | None:
        """The thing called ``word``; when there is none, a fault that suggests the nearest one."""
        item = self._by_word.get(word)
        if item is None:
            message = f"没有名为「{word}」的{self.label}{nearest(word, self._by_word)}"
            problems.add(path, location, self.code, message)
        return item
