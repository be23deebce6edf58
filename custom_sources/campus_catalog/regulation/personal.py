"""Personal information: which columns hold it, and how data with such columns is shared. See docs/formats.md.

Recognised by what people wrote, a column's name and its comments; by its values only where a recipe asks for a sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pydantic import Field, create_model

from campus_catalog.content.models import ContentModel, Id, Text, Words
from campus_catalog.regulation.models import SharingClass, Tag
from campus_catalog.regulation.personal_numbers import CheckName
from campus_catalog.regulation.statements import Statements

#: where one word of a column's name ends and the next begins: phoneNo, phone_no, phone-no
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BREAK = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
#: a comment begins with a remark in brackets, and its first phrase ends where a list, a remark or a sentence begins
_REMARK = re.compile(r"^\s*[(（\[【][^)）\]】]*[)）\]】]")
_PHRASE = re.compile(r"[^\s,，。;；:：、/|(（)）\[【\]】]+")
_DIGITS = "0123456789"
_COUNTER = f"{_DIGITS}一二三"


class Sample(ContentModel):
    """How a kind is told by a sample of values, where a recipe asks for one."""

    check: CheckName = Field(description="取值须通过的校验：公民身份号码、手机号、银行卡号")
    share: float = Field(default=0.8, gt=0, le=1, description="非空取值中须有此比例通过校验")
    distinct: int = Field(default=10, ge=1, description="通过校验的不同取值至少有几个")


class PersonalKind(ContentModel):
    """One kind of personal information and the signs of it."""

    id: Id
    name: Text = Field(description="种类的名称，如 手机号")
    words: Words = Field(default=[], description="字段名或注释中出现即认定的词")
    endings: Words = Field(default=[], description="注释（或中文字段名）的首个短语以此结尾时认定的词")
    except_: Words = Field(
        default=[], alias="except", description="只作为这些词的一部分出现时不算；注释中只有这些词时，字段名也不算"
    )
    columns: Words = Field(default=[], description="字段名即为或以此结尾（以下划线等分隔）时认定")
    ambiguous: Words = Field(default=[], description="同上，但有多种含义，只在字段没有注释或注释以 confirms 印证时认定")
    confirms: Words = Field(default=[], description="注释的首个短语以此结尾，即印证 ambiguous 的字段名")
    sample: Sample | None = Field(default=None, description="采集配置要求抽样时，取值须通过的校验")
    restricts: bool = Field(default=True, description="含此类字段的数据集是否改用 sharing 的共享方式")


class PersonalHints(ContentModel):
    """What tells, for every kind, that a column only speaks of personal information, or of nobody's."""

    flags: Words = Field(default=[], description="注释或字段名的首个短语含这些词，即是否类字段，不认定")
    others: Words = Field(default=[], description="紧接在认定词之前时，说的是单位或物品，不算；字段名也不算")
    prefixes: Words = Field(default=[], description="字段名以这些词开头（以下划线等分隔）时，不按字段名认定")
    suffixes: Words = Field(default=[], description="字段名末尾的这些词（以下划线等分隔）略去再看")


class PersonalSharing(ContentModel):
    """How a dataset with such columns is shared, where only its system's defaults, or nobody, said how."""

    class_: Text = Field(alias="class", description="共享方式")
    instead_of: Words = Field(description="取代的共享方式；没有列出的保持不变")


class PersonalInformation(ContentModel):
    """personal.yml."""

    tag: Text = Field(description="标签的 id 或名称，打在含个人信息的字段和数据集上")
    kinds: list[PersonalKind] = Field(description="要识别的种类，在前的优先")
    hints: PersonalHints = Field(
        default_factory=PersonalHints, description="各种类共用：哪些字段看上去像、其实不含个人信息"
    )
    sharing: PersonalSharing | None = Field(default=None, description="含个人信息的数据集改用的共享方式；不写则不改")


@cache
def personal_model(statements: Statements) -> type[PersonalInformation]:
    """The model of personal.yml where these keys may be said beside the sharing class.

    Args:
        statements: the keys of the regulation.

    Returns:
        ``PersonalInformation``, its ``sharing`` with a field for each of those keys.
    """
    beside: dict[str, Any] = {key.id: key.field for key in statements.within("sharing")}
    sharing = create_model("PersonalSharing", __base__=PersonalSharing, __doc__=PersonalSharing.__doc__, **beside)
    field_: Any = (
        sharing | None,
        Field(default=None, description=PersonalInformation.model_fields["sharing"].description),
    )
    return create_model(
        "PersonalInformation", __base__=PersonalInformation, __doc__=PersonalInformation.__doc__, sharing=field_
    )


@dataclass(frozen=True)
class Personal:
    """personal.yml, its names resolved.

    Attributes:
        sharing: None when the sharing class does not depend on columns.
        instead_of: ids of the sharing classes ``sharing`` takes the place of.
        beside: what is said beside the class, by key.
    """

    tag: Tag
    kinds: tuple[PersonalKind, ...]
    hints: PersonalHints = field(default_factory=PersonalHints)
    sharing: SharingClass | None = None
    instead_of: frozenset[str] = frozenset()
    beside: Mapping[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # a database repeats its columns over and over; one cache for each content
        object.__setattr__(self, "_find", lru_cache(maxsize=65536)(Finder(self.kinds, self.hints)))

    def kind_of(self, name: str, *comments: str | None) -> PersonalKind | None:
        """The kind of personal information a column holds.

        Args:
            name: the column's name.
            comments: what is written about it; None and empty ones do not count.

        Returns:
            The kind, or None.
        """
        found: PersonalKind | None = self._find(name, tuple(text for text in comments if text and text.strip()))  # type: ignore[attr-defined]
        return found

    def kind(self, id_: str) -> PersonalKind:
        """The kind with this id.

        Args:
            id_: the id.

        Returns:
            The kind; what the classifier found by another content than this is a kind too.
        """
        return next((kind for kind in self.kinds if kind.id == id_), PersonalKind(id=id_, name=id_))

    @property
    def missing(self) -> list[str]:
        """What the sharing class requires and personal.yml does not say."""
        return [key for key in (self.sharing.requires if self.sharing else ()) if not self.beside.get(key)]


class Finder:
    """Finds the kind of a column."""

    def __init__(self, kinds: Sequence[PersonalKind], hints: PersonalHints):
        self._flags = hints.flags
        self._prefixes, self._suffixes = (
            {word.lower() for word in words} for words in (hints.prefixes, hints.suffixes)
        )
        self._signs = [_Signs(kind, hints.others) for kind in kinds]

    def __call__(self, name: str, comments: tuple[str, ...]) -> PersonalKind | None:
        """See Personal.kind_of."""
        folded = self._folded(name)
        # of an ASCII name the last words count, as `columns` says, and not where a phrase ends
        phrases = ["" if name.isascii() else _first_phrase(name), *map(_first_phrase, comments)]
        flags = [any(word in phrase for word in self._flags) for phrase in phrases]
        texts = zip((name, *comments), phrases, flags, strict=True)
        said = [(text, phrase) for text, phrase, flag in texts if not flag]
        for signs in self._signs:
            found = [counts for text, phrase in said for counts in signs.read(text, phrase)]
            if any(found):
                return signs.kind
            if found or any(flags):
                continue  # what people wrote says what the name does not mean
            if folded.endswith(signs.columns):
                return signs.kind
            if folded.endswith(signs.ambiguous) and (not comments or any(map(signs.confirmed_by, phrases[1:]))):
                return signs.kind
        return None

    def _folded(self, name: str) -> str:
        """A column's words, each after an underscore, without counters and suffixes; none after a prefix."""
        parts = [part for part in _BREAK.split(_HUMP.sub("_", name).lower()) if part.strip(_DIGITS)]
        while len(parts) > 1 and not {parts[-1], parts[-1].rstrip(_DIGITS)}.isdisjoint(self._suffixes):
            parts.pop()
        if len(parts) > 1 and parts[0] in self._prefixes:
            return ""
        return "".join("_" + part.rstrip(_DIGITS) for part in parts)


class _Signs:
    """What people write that tells a kind; in every pattern group 1 is what counts, the rest only looks like it."""

    def __init__(self, kind: PersonalKind, others: Sequence[str]):
        self.kind = kind
        self.columns, self.ambiguous = (
            tuple(f"_{word.lower()}" for word in words) for words in (kind.columns, kind.ambiguous)
        )
        own = _any_of([*kind.words, *kind.endings, *kind.confirms])
        never = "|".join(filter(None, [_any_of(kind.except_), _any_of(others) and own and f"{_any_of(others)}{own}"]))
        self._anywhere = _pattern(never, _any_of(kind.words))
        self._ending = _pattern(never, _any_of(kind.endings) and f"{_any_of(kind.endings)}$")
        self._confirming = _pattern(never, _any_of(kind.confirms) and f"{_any_of(kind.confirms)}$")

    def read(self, text: str, phrase: str) -> Iterator[bool]:
        """True for everything in a text that counts, False for everything that only looks like it.

        Args:
            text: a comment, or the column's name.
            phrase: its first phrase.
        """
        for pattern, where in ((self._anywhere, text), (self._ending, phrase)):
            for match in pattern.finditer(where):
                yield match.group(1) is not None

    def confirmed_by(self, phrase: str) -> bool:
        """Whether a comment with this first phrase confirms an ambiguous name."""
        return any(match.group(1) for match in self._confirming.finditer(phrase))


def _pattern(never: str, counting: str) -> re.Pattern[str]:
    """An exception takes the characters before a word in it can."""
    return re.compile("|".join(filter(None, [never, f"({counting or '(?!)'})"])), re.IGNORECASE)


def _any_of(words: Sequence[str]) -> str:
    """Any of these words, the longest first; nothing where there are none."""
    longest = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(_bounded, longest))})" if words else ""


def _bounded(word: str) -> str:
    """Chinese has no spaces between words; an ASCII word counts only as a whole."""
    return rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])" if word.isascii() else re.escape(word)


def _first_phrase(text: str) -> str:
    """What a comment says first, in which Chinese puts last what the thing is; without a counter at its end."""
    phrase = _PHRASE.search(_REMARK.sub("", text))
    return phrase.group().rstrip(_COUNTER) if phrase else ""
