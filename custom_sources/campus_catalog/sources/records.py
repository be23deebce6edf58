"""Looking into metadata records: their aspects, every text in them, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from avrogen.dict_wrapper import DictWrapper
from datahub.emitter.aspect import ASPECT_MAP, JSON_CONTENT_TYPE, JSON_PATCH_CONTENT_TYPE
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.serialization_helper import post_json_transform, pre_json_transform
from datahub.metadata.schema_classes import (
    ChangeTypeClass,
    GenericAspectClass,
    MetadataChangeEventClass,
    MetadataChangeProposalClass,
    StatusClass,
    _Aspect,
)


@dataclass(slots=True)
class Opened:
    """A record looked into.

    Attributes:
        urn: the entity it is about; None where it does not say.
        aspects: what may be changed in place; see ``seal``.
        raw: the proposal that has its aspect as text, if it is such a one.
        value: that text as JSON: an aspect, a patch, or an aspect nobody here knows.
        opaque: it has something that cannot be looked into.
    """

    urn: str | None
    aspects: list[_Aspect] = field(default_factory=list)
    raw: MetadataChangeProposalClass | None = None
    value: Any = None
    opaque: bool = False

    @property
    def names(self) -> list[str]:
        """The names of its aspects."""
        if self.raw is not None:
            return [self.raw.aspectName or ""]
        return [getattr(aspect, "ASPECT_NAME", type(aspect).__name__) for aspect in self.aspects]

    @property
    def is_removal(self) -> bool:
        """Whether it says nothing but that the entity is gone."""
        return len(self.aspects) == 1 and isinstance(self.aspects[0], StatusClass) and self.aspects[0].removed

    def texts(self) -> list[str]:
        """Every text in it, keys of mappings included; finds out what is ``opaque``.

        Returns:
            The texts, in the order of ``paths``.
        """
        out: list[str] = []
        for part in self._parts():
            if not _collect(part, out):
                self.opaque = True
        return out

    def paths(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The way to each text.

        Yields:
            The aspect and the keys that lead to it, in the order of ``texts``.
        """
        for name, part in zip(self.names, self._parts(), strict=True):
            yield from ((name, path) for path in _paths(part, ()))

    def place(self, index: int) -> str:
        """Where a text stands.

        Args:
            index: of the text, in ``texts``.

        Returns:
            The place in words, without anything of the text.
        """
        return next((_in_words(*path) for number, path in enumerate(self.paths()) if number == index), "somewhere")

    def _parts(self) -> list[Any]:
        return [self.value] if self.raw is not None else list(self.aspects)

    def seal(self) -> None:
        """Put what was changed in ``aspects`` back into a proposal that has its aspect as text."""
        if self.raw is None or not self.aspects:
            return
        value = pre_json_transform(self.aspects[0].to_obj())
        if value != self.value:
            self.rewrite(value)

    def rewrite(self, value: Any) -> None:
        """Give a proposal that has its aspect as text another one.

        Args:
            value: the text as JSON.
        """
        assert self.raw is not None and self.raw.aspect is not None
        self.value = value
        text = json.dumps(value, ensure_ascii=False).encode()
        self.raw.aspect = GenericAspectClass(value=text, contentType=self.raw.aspect.contentType)


def look_into(record: Any) -> Opened:
    """Look into a metadata record.

    Args:
        record: a proposal (upsert or patch, as object or as text), a snapshot, or anything else of the stream.

    Returns:
        What it says.
    """
    if isinstance(record, MetadataChangeProposalWrapper):
        return Opened(record.entityUrn, [record.aspect] if record.aspect is not None else [])
    if isinstance(record, MetadataChangeEventClass):
        return Opened(record.proposedSnapshot.urn, cast("list[_Aspect]", record.proposedSnapshot.aspects))
    if isinstance(record, MetadataChangeProposalClass):
        return _look_into_text(record)
    if isinstance(record, DictWrapper):
        return Opened(getattr(record, "urn", None), [cast(_Aspect, record)])
    return Opened(None, opaque=True)


def _look_into_text(record: MetadataChangeProposalClass) -> Opened:
    opened = Opened(record.entityUrn, raw=record)
    if record.aspect is None and record.entityKeyAspect is None:
        return opened
    try:
        if record.entityKeyAspect is not None:  # what the entity is called stands there
            opened.value = [json.loads(record.entityKeyAspect.value)]
        if record.aspect is None:
            return opened
        if record.aspect.contentType not in (JSON_CONTENT_TYPE, JSON_PATCH_CONTENT_TYPE):
            raise ValueError(record.aspect.contentType)
        value = json.loads(record.aspect.value)
    except (ValueError, RecursionError):  # no JSON, or none of UTF-8
        opened.opaque = True
        return opened
    opened.value = value if opened.value is None else [*opened.value, value]
    known = ASPECT_MAP.get(record.aspectName or "")
    if known is not None and record.entityKeyAspect is None and record.changeType != ChangeTypeClass.PATCH:
        try:
            opened.aspects = [known.from_obj(post_json_transform(value))]
        except Exception:  # of another release: its texts are judged all the same
            opened.aspects = []
    return opened


def _collect(value: Any, out: list[str]) -> bool:
    """Add every text of a value; False when there is something that cannot be looked into."""
    if isinstance(value, str):
        out.append(value)
        return True
    if isinstance(value, DictWrapper):
        fine = True
        for part in value._inner_dict.values():
            kind = part.__class__
            if kind is str:
                out.append(part)
            elif part is not None and kind is not bool and kind is not int and not _collect(part, out):
                fine = False
        return fine
    if isinstance(value, dict):
        fine = True
        for key, part in value.items():
            out.append(str(key))
            fine = _collect(part, out) and fine
        return fine
    if isinstance(value, (list, tuple)):
        fine = True
        for part in value:
            fine = _collect(part, out) and fine
        return fine
    if isinstance(value, (bytes, bytearray)):
        try:
            out.append(value.decode())
        except UnicodeDecodeError:
            return False
        return True
    return value is None or isinstance(value, (bool, int, float))


def _paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keys that lead to each text, in the order of ``_collect``."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, DictWrapper):
        for key, part in value._inner_dict.items():
            yield from _paths(part, (*path, key))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield path
            yield from _paths(part, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _paths(part, path)
    elif isinstance(value, (bytes, bytearray)):
        try:
            value.decode()
        except UnicodeDecodeError:
            return
        yield path


#: aspect, last key ("" for any) -> what people call the place
_PLACES = {
    ("datasetProperties", "name"): "table name",
    ("datasetProperties", "qualifiedName"): "table name",
    ("datasetProperties", "description"): "table comment",
    ("schemaMetadata", "fieldPath"): "column name",
    ("schemaMetadata", "description"): "column comment",
    ("schemaMetadata", ""): "columns",
    ("viewProperties", ""): "view definition",
    ("dataTransformLogic", ""): "procedure text",
    ("queryProperties", "value"): "query text",
    ("datasetProfile", ""): "value in a profile",
    ("datasetUsageStatistics", ""): "usage",
    ("globalTags", ""): "tag",
    ("glossaryTerms", ""): "term",
    ("structuredProperties", ""): "structured property",
    ("upstreamLineage", ""): "lineage",
    ("dataJobInputOutput", ""): "lineage",
    ("container", ""): "container",
}
#: the same of keys, whatever the aspect
_KEYS = {"customProperties": "custom property", "globalTags": "tag", "glossaryTerms": "term", "name": "name",
         "description": "comment", "displayName": "name", "title": "name"}  # fmt: skip


def _in_words(aspect: str, path: tuple[str, ...]) -> str:
    """What people call a place; a mapping's own keys may be what must not be said."""
    last = path[-1] if path else ""
    for key in ("customProperties", "globalTags", "glossaryTerms"):
        if key in path:
            return _KEYS[key]
    return _PLACES.get((aspect, last)) or _PLACES.get((aspect, "")) or _KEYS.get(last) or f"aspect {aspect}"
