"""Personal information: which columns hold it, and how data with such columns is shared. See docs/formats.md.

Recognised by what people wrote, a column's name and its comments; by its values only where a recipe asks for a sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import Field

from campus_catalog.content import Content, Id, Text, Words
from campus_catalog.regulation.checks import CheckName
from campus_catalog.regulation.models import SharingClass, Tag

#: where one word of a column's name ends and the next begins: phoneNo, phone_no, phone-no
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BREAK = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


class Sample(Content):
    """How a kind is told by a sample of values, where a recipe asks for one."""

    check: CheckName = Field(description="取值须通过的校验：公民身份号码、手机号、银行卡号")
    share: float = Field(default=0.8, gt=0, le=1, description="非空取值中须有此比例通过校验")
    distinct: int = Field(default=10, ge=1, description="通过校验的不同取值至少有几个")


class PersonalKind(Content):
    """One kind of personal information and the signs of it."""

    id: Id
    name: Text
    words: Words = Field(default=[], description="字段名或注释中出现即认定的词")
    except_: Words = Field(default=[], alias="except", description="只作为这些词的一部分出现时不算")
    columns: Words = Field(default=[], description="字段名即为或以此结尾（以下划线等分隔）时认定")
    ambiguous: Words = Field(default=[], description="同上，但有多种含义，只在字段没有注释时认定")
    sample: Sample | None = Field(default=None, description="采集配置要求抽样时，取值须通过的校验")
    restricts: bool = Field(default=True, description="含此类字段的数据集是否改用 sharing 的共享方式")


class PersonalSharing(Content):
    """How a dataset with such columns is shared, where only its system's defaults, or nobody, said how."""

    class_: Text = Field(alias="class", description="共享方式")
    instead_of: Words = Field(description="取代的共享方式；没有列出的保持不变")
    scope: Text | None = Field(default=None, description="共享范围")
    purpose: Text | None = Field(default=None, description="共享用途")
    basis: Text | None = Field(default=None, description="依据")


class PersonalInformation(Content):
    """personal.yml."""

    tag: Text
    kinds: list[PersonalKind]
    sharing: PersonalSharing | None = None


@dataclass(frozen=True)
class Personal:
    """personal.yml, its names resolved.

    Attributes:
        sharing: None when the sharing class does not depend on columns.
        instead_of: ids of the sharing classes ``sharing`` takes the place of.
    """

    tag: Tag
    kinds: tuple[PersonalKind, ...]
    sharing: SharingClass | None = None
    instead_of: frozenset[str] = frozenset()
    scope: str | None = None
    purpose: str | None = None
    basis: str | None = None

    def __post_init__(self) -> None:
        # a database repeats its columns over and over; one cache for each content
        object.__setattr__(self, "_find", lru_cache(maxsize=65536)(Finder(self.kinds)))

    def kind_of(self, name: str, *comments: str | None) -> PersonalKind | None:
        """The kind of personal information a column holds, or None.

        Args:
            name: the column's name.
            comments: what is written about it.
        """
        found: PersonalKind | None = self._find(name, tuple(text for text in comments if text))  # type: ignore[attr-defined]
        return found

    def kind(self, id_: str) -> PersonalKind:
        """The kind with this id; what the classifier found by another content than this is a kind too."""
        return next((kind for kind in self.kinds if kind.id == id_), PersonalKind(id=id_, name=id_))

    @property
    def missing(self) -> list[str]:
        """What the sharing class requires and personal.yml does not say."""
        return [key for key in (self.sharing.requires if self.sharing else ()) if not getattr(self, key)]


class Finder:
    """Finds the kind of a column."""

    def __init__(self, kinds: Sequence[PersonalKind]):
        self._kinds = [(kind, _words(kind)) for kind in kinds]

    def __call__(self, name: str, comments: tuple[str, ...]) -> PersonalKind | None:
        """See Personal.kind_of."""
        parts = [part.rstrip("0123456789") for part in _BREAK.split(_HUMP.sub("_", name).lower())]
        folded = "_" + "_".join(part for part in parts if part)
        for kind, words in self._kinds:
            if any(match.group(1) for text in (name, *comments) for match in words.finditer(text)):
                return kind
            if _ends(folded, kind.columns) or (not comments and _ends(folded, kind.ambiguous)):
                return kind
        return None


def _words(kind: PersonalKind) -> re.Pattern[Any]:
    """Group 1 is a word that counts; an exception takes the characters before a word in it can."""
    longest = [sorted(words, key=len, reverse=True) for words in (kind.except_, kind.words)]
    allowed, counting = ("|".join(map(_bounded, words)) for words in longest)
    return re.compile("|".join(filter(None, [allowed, f"({counting or '(?!)'})"])), re.IGNORECASE)


def _bounded(word: str) -> str:
    """Chinese has no spaces between words; an ASCII word counts only as a whole."""
    return rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])" if word.isascii() else re.escape(word)


def _ends(folded: str, words: Sequence[str]) -> bool:
    return any(folded.endswith(f"_{word.lower()}") for word in words)
