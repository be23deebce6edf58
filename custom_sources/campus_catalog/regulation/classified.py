"""The words that betray classified material (Art. 20), judged as a person would. See docs/formats.md.

A word alone does not tell: 是否涉密 is a flag, 密级（1普通 2秘密 3机密） a list of options, 本表不含涉密 a denial. The
words, and what around them excuses them, are content (``classified`` in school.yml); how the two are read is here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import Field

from campus_catalog.content.models import ContentModel, Words
from campus_catalog.content.text import HAN, folded

#: where a Latin word of a name begins and ends: isSecret and is_secret, not unsecret
_START, _END = r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))", r"(?:(?![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
_JOINT = r"[\s_.\-]*"
#: what stands between options, and the code of one
_SEP = r"[\s、,;?/|.:=\-—–~_·&+()\[\]{}<>\"'“”‘’《》【】「」→*#和或与及]"
_CODE = r"(?<![A-Za-z0-9])(?:[0-9]{1,3}|[A-Za-z]{1,2}[0-9]{0,2})(?![A-Za-z0-9])"
_GAP = rf"{_SEP}{{0,4}}(?:{_CODE})?{_SEP}{{0,4}}"
#: how a list of options may end: 等, 四级, 等级别
_TAIL = rf"等?(?:[一二三四五六七两几0-9][级种类档个]?)?(?:级别|等级|级|类|档)?(?![{HAN}])"
_QUOTE = r"[\s\"'“”‘’《》「」:]*"
#: the items of a list are told apart by a mark, or by the code before each
_MARKS = re.compile(r"[、/|;]")
_CODES = re.compile(rf"(?<![0-9A-Za-z])(?:[0-9]{{1,3}}|[A-Z])[\s.:\-=、]*(?=[{HAN}])")
_LONGEST_ITEM = 10
#: what may stand between the name of a list and its first item, and how far the list may go
_OPENER = re.compile(rf"\s*[:(\[{{=]\s*|\s*(?={_CODE})|\s+")
_UNTIL = re.compile(r"[^。;)\]}]{0,400}")
#: what marks an escape of addresses, JSON and HTML, and how it is read
_ESCAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("%", unquote),
    ("\\u", lambda text: re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)),
    ("&#", html.unescape),
)


class HarmlessWhen(ContentModel):
    """What around the words tells a person that nothing classified is there."""

    before: Words = Field(default=[], description="紧接在词之前时不算：询问和否定，如 是否、不、不得")
    between: Words = Field(default=[], description="可以夹在 before 与词之间的词，如 涉及、含有、任何")
    after: Words = Field(default=[], description="紧接在词之后时不算，如 标志、与否、审查")
    forbids: Words = Field(default=[], description="在词之后、同一分句中出现时不算，如 不得录入")
    labels: Words = Field(default=[], description="选项列表的名称，如 密级、类别；其后列出的选项不算")
    options: Words = Field(default=[], description="密级的各种选项；两个以上并列即选项列表，不算")
    flags: Words = Field(default=[], description="是否的各种写法；词之后两个以上并列即是否标志，不算")


class WordFound(NamedTuple):
    """A word that betrays classified material, and which of the texts it stands in."""

    position: int
    word: str


class Classified(ContentModel):
    """The words that betray classified material (Art. 20)."""

    words: Words = Field(description="表明涉密的词；名称、注释或说明中出现即拒绝登记；英文词须整词出现")
    names: Words = Field(
        default=[], description="拼音等表明涉密的词；只在不含空格的名称中作为整词（以下划线等分隔）出现时算"
    )
    except_: Words = Field(default=[], alias="except", description="含有上述词而并不涉密的词，如 非涉密")
    harmless_when: HarmlessWhen = Field(
        default_factory=HarmlessWhen, description="词的前后文表明并不涉密：询问、否定、选项列表、标志"
    )

    def word_in(self, *texts: str | None) -> str | None:
        """The first word that marks texts as classified.

        Args:
            texts: names, comments, descriptions; None counts as empty.

        Returns:
            The word as it stands there, or None.
        """
        found = self.find([text for text in texts if text])
        return found.word if found else None

    def find(self, texts: Sequence[str]) -> WordFound | None:
        """The first word that marks one of many texts as classified; each is judged by itself.

        Args:
            texts: names, comments, anything.

        Returns:
            The word and the text it is in, or None.
        """
        if not self._may_hold(texts):
            return None
        for index, text in enumerate(texts):
            for reading in _readings(text):
                word = self._word(reading)
                if word is not None:
                    return WordFound(index, word)
        return None

    def _may_hold(self, texts: Sequence[str]) -> bool:
        """Whether it is worth looking closely. Most texts of a catalog are ASCII, of which little needs to be asked."""
        latin = " ".join([text for text in texts if text.isascii()])
        other = " ".join([text for text in texts if not text.isascii()])
        readings = [latin if latin.isprintable() else folded(latin), folded(other)]
        readings += [folded(unescape(text)) for mark, unescape in _ESCAPES for text in (latin, other) if mark in text]
        for reading in readings:
            small = reading.lower()
            for word in self._latin:
                if word in small:
                    return True
            if not reading.isascii() and self._chinese.search(reading):
                return True
        return False

    def _word(self, text: str) -> str | None:
        harmless: bytearray | None = None
        for pattern in (self._words,) if re.search(r"\s", text) else (self._words, self._names):
            for match in pattern.finditer(text):
                if not match.group(1):
                    continue
                start, end = match.span(1)
                harmless = self._contexts.listed(text) if harmless is None else harmless
                if not (harmless[start] and harmless[end - 1]) and not self._contexts.excuse(text, start, end):
                    return match.group(1)
        return None

    @cached_property
    def _latin(self) -> list[str]:
        """The longest part of each Latin word, in small letters."""
        words = [word.lower() for word in [*self.words, *self.names] if word.isascii()]
        return list({max(re.split(r"[\s_]+", word), key=len): None for word in words})

    @cached_property
    def _chinese(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(folded(word)) for word in self.words if not word.isascii()) or "(?!)")

    @cached_property
    def _words(self) -> re.Pattern[str]:
        """Group 1 is what counts; an exception takes the characters before a word in it can."""
        return re.compile(
            "|".join(filter(None, [_any_of(self.except_), f"({_any_of(self.words, whole=True) or '(?!)'})"]))
        )

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile("|".join(filter(None, [_any_of(self.except_), f"({_any_of(self.names) or '(?!)'})"])))

    @cached_property
    def _contexts(self) -> _Contexts:
        return _Contexts(self)

    def holds(self, text: str) -> bool:
        """Whether a text has one of the words at all, whatever stands around it.

        Args:
            text: folded.

        Returns:
            Whether it has.
        """
        return any(match.group(1) for match in self._words.finditer(text))


class _Contexts:
    """What around a word excuses it."""

    def __init__(self, classified: Classified):
        when, never = classified.harmless_when, "(?!)"
        between = f"(?:(?:{_any_of(when.between) or never})[、和或及/]?){{0,4}}"
        option, flag = _any_of(when.options) or never, _any_of(when.flags) or never
        self._holds = classified.holds
        self._plain = frozenset(word.lower() for word in map(folded, when.options) if not classified.holds(word))
        self._before = re.compile(f"(?:{_any_of(when.before) or never}){_JOINT}{between}{_QUOTE}$")
        self._after = re.compile(f"{_JOINT}{_QUOTE}(?:{_any_of(when.after) or never})")
        self._forbids = re.compile(f"[^,。;!?]{{0,10}}?(?:{_any_of(when.forbids) or never})")
        self._asks = re.compile(_any_of(when.before) or never)
        self._flags = re.compile(
            rf"([{HAN}]{{0,6}}?){_SEP}{{0,3}}(?:{_CODE}{_SEP}{{0,2}})?(?:{flag})(?:{_GAP}(?:{flag}))+(?![{HAN}])"
        )
        self._option = re.compile(option)
        self._options = re.compile(rf"(?:{_CODE}{_SEP}{{0,3}})?(?:{option})(?:{_GAP}(?:{option}))+{_TAIL}")
        self._label = re.compile(_any_of(when.labels) or never)
        self._labelled = re.compile(rf"(?:{_any_of(when.labels) or never}){_SEP}{{0,4}}(?:{_CODE}{_SEP}{{0,2}})?$")

    def excuse(self, text: str, start: int, end: int) -> bool:
        """Whether what stands next to the word from ``start`` to ``end`` excuses it."""
        return bool(
            self._before.search(text[max(0, start - 24) : start])
            or self._after.match(text, end)
            or self._forbids.match(text, end)
            or self._is_flag(text, end)
        )

    def _is_flag(self, text: str, end: int) -> bool:
        """涉密课题（0否 1是）; not 涉密人员是否在岗（0否 1是）, which asks something else."""
        flags = self._flags.match(text, end)
        return flags is not None and not self._asks.search(flags.group(1))

    def listed(self, text: str) -> bytearray:
        """Which characters of a text belong to a list of options."""
        inside = bytearray(len(text))
        for run in self._options.finditer(text):
            if self._are_levels(run, text):
                inside[run.start() : run.end()] = b"\1" * len(run.group())
        for label in self._label.finditer(text):
            opener = _OPENER.match(text, label.end())
            if opener is None:
                continue
            listed = _UNTIL.match(text, opener.end()).group()  # type: ignore[union-attr]  # matches anything
            items = _items(listed)
            if len(items) > 1 and max(map(len, items)) <= _LONGEST_ITEM and not all(map(self._holds, items)):
                inside[opener.end() : opener.end() + len(listed)] = b"\1" * len(listed)
        return inside

    def _are_levels(self, run: re.Match[str], text: str) -> bool:
        """密级（1普通 2秘密 3机密）, 普通、内部、秘密; not 机密、绝密文件, nor 内部机密."""
        before = text[max(0, run.start() - 24) : run.start()]
        if self._labelled.search(before):
            return True
        if before and re.match(f"[{HAN}]", before[-1]):
            return False
        if re.search(_CODE, run.group()):
            return True
        options = self._option.findall(run.group().lower())
        return len(options) > 2 and (not self._plain.isdisjoint(options) or run.group() == text)


def _readings(text: str) -> Iterator[str]:
    """A text folded, and what it says where it is written in escapes."""
    yield folded(text)
    for mark, unescape in _ESCAPES:
        if mark in text:
            yield folded(unescape(text))


def _items(listed: str) -> list[str]:
    """The items of a list; a single comma goes on with the sentence."""
    if _CODES.match(listed):
        return [item for item in _CODES.split(listed) if item]
    comma = listed.count(",") > 1 and not _MARKS.search(listed)
    return [item for item in (listed.split(",") if comma else _MARKS.split(listed)) if item]


def _any_of(words: Sequence[str], whole: bool = False) -> str:
    """Any of these words, the longest first; nothing where there are none."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(_pattern(word, whole) for word in longest)


def _pattern(word: str, whole: bool) -> str:
    """Chinese has no blanks between words; a Latin word counts only as a whole one, of a text or of a name in it."""
    if not word.isascii():
        return re.escape(folded(word))
    if word.isdigit():
        return rf"(?<![0-9]){word}(?![0-9])"
    joined = _JOINT.join(map(re.escape, re.split(r"[\s_]+", word)))
    return rf"(?<![A-Za-z0-9_])(?i:{joined})(?![A-Za-z0-9_])" if whole else f"{_START}(?i:{joined}){_END}"
