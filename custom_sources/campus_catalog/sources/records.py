"""Looking into metadata records: their aspects, every text in them, where it stands, and what they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
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

_URN = "urn:li:"
#: of a urn the part before its parentheses, or all of it
_SIMPLE = re.compile(r"urn:li:[A-Za-z]+:[^\s(),\"'/]*")


@dataclass(slots=True)
class Opened:
    """A record looked into.

    Attributes:
        urn: the entity it is about; None where it does not say.
        aspects: what may be changed in place; see ``seal``.
        raw: the proposal that has its aspect as text, if it is such a one.
        value: that text as JSON: of an aspect, a patch, or an aspect nobody here knows.
        opaque: it has something that cannot be looked into.
    """

    urn: str | None
    aspects: list[_Aspect] = field(default_factory=list)
    raw: MetadataChangeProposalClass | None = None
    value: Any = None
    opaque: bool = False

    @property
    def aspect_names(self) -> list[str]:
        """The names of its aspects."""
        if self.raw is not None:
            return [self.raw.aspectName or ""]
        return [getattr(aspect, "ASPECT_NAME", type(aspect).__name__) for aspect in self.aspects]

    @property
    def is_patch(self) -> bool:
        """Whether it changes a part of an aspect."""
        return self.raw is not None and self.raw.changeType == ChangeTypeClass.PATCH

    @property
    def is_removal(self) -> bool:
        """Whether it says nothing but that the entity is gone."""
        return len(self.aspects) == 1 and isinstance(self.aspects[0], StatusClass) and self.aspects[0].removed

    def texts(self) -> list[str]:
        """Every text in its aspects, keys of mappings included; sets ``opaque`` at bytes that are none."""
        out: list[str] = []
        for part in [self.value] if self.raw is not None else self.aspects:
            self.opaque |= not _collect(part, out)
        return out

    def place(self, index: int) -> str:
        """Where the text with this index of ``texts`` stands, in words."""
        number = -1
        for name, part in zip(self.aspect_names, [self.value] if self.raw is not None else self.aspects):
            for path in _paths(part, ()):
                number += 1
                if number == index:
                    return _in_words(name, path)
        return "unknown"

    def seal(self) -> None:
        """Put what was changed in ``aspects`` back into a proposal that has its aspect as text."""
        if self.raw is None or not self.aspects:
            return
        value = pre_json_transform(self.aspects[0].to_obj())
        if value != self.value:
            self.value = value
            self.raw.aspect = GenericAspectClass(JSON_CONTENT_TYPE_BYTES(value), JSON_CONTENT_TYPE)


def JSON_CONTENT_TYPE_BYTES(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


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
    return Opened(getattr(record, "entityUrn", None), opaque=True)
