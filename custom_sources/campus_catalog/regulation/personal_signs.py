"""Finds in a column's name and comments the signs of personal information. See docs/design/personal.md.

Which words are signs is content (``glossary/personal.yml``); here stands how names and comments are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from campus_catalog.content.text import visible

if TYPE_CHECKING:
    from campus_catalog.regulation.personal import PersonalHints, PersonalKind

#: what a table is about, where that tells something of its columns
About = Literal["people", "things", ""]
#: where one word of a name ends and the next begins: phoneNo, SSNNumber, parent1phone, phone_no, phone-no
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[0-9])(?=[A-Za-z])")
_BREAK = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
#: a comment begins with a remark in brackets, and its first phrase ends where a list, a remark or a sentence begins
_REMARK = re.compile(r"^\s*[(\[【][^)\]】]*[)\]】]")
_PHRASE = re.compile(r"[^\s,。;:、/|*?!\"'“”(\[【)\]】]+")
_DIGITS = "0123456789"
#: shorter names are not taken apart, and longer words are not looked for in them
_SHORTEST, _LONGEST = 6, 16
_COUNTER = f"{_DIGITS}一二三"
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")


@dataclass(frozen=True)
class Recognised:
    """What was found in a column.

    Attributes:
        kind: what it holds.
        sign: the words of its name or comment that told.
    """

    kind: PersonalKind
    sign: str


@dataclass(frozen=True)
class _Said:
    """What people wrote of a column.

    Attributes:
        text: all of it; of a list of options only what they are options of.
        phrase: its first phrase, in which Chinese puts last what the thing is.
        parts: its characters and every two that follow each other, small: what it cannot hold need not be looked for.
    """

    text: str
    phrase: str
    parts: frozenset[str]


class Finder:
    """Finds the kind of a column.

    Args:
        kinds: in order of preference.
        hints: what tells for every kind that a column only looks alike.
    """

    def __init__(self, kinds: Sequence[PersonalKind], hints: PersonalHints):
        self._flags, first_words = _by_script(hints.flags)
        self._first_words = frozenset(first_words)
        self._options, self._option_names = _by_script(hints.options)
        self._silent = tuple(hints.silent)
        self._suffixes = frozenset(word.lower() for word in hints.suffixes)
        self._things, self._persons = _by_script(hints.tables), _by_script(hints.persons)
        self._table_suffixes = _by_script(hints.table_suffixes)
        self._signs = [_Signs(kind, hints) for kind in kinds]
        self._vocabulary = _vocabulary(kinds, hints)
        self._ends = frozenset(tail[-2:] for signs in self._signs for tail in signs.tails)

    def __call__(self, name: str, comments: tuple[str, ...], about: About) -> Recognised | None:
        """See ``Personal.find``.

        Args:
            name: the column's name.
            comments: what is written about it.
            about: what its table is about.
        """
        name = visible(name)
        words = self._words(name)
        forms = self._forms(words)
        # of an ASCII name the last words count, as `columns` says, and not where a phrase ends
        texts = [visible(text) for text in (comments if name.isascii() else (name, *comments))]
        phrases = [_first_phrase(text) for text in texts]
        flags = [any(word in phrase for word in self._flags) for phrase in phrases]
        said = [self._said(*both) for *both, flag in zip(texts, phrases, flags, strict=True) if not flag]
        telling = [one for one in said if not one.phrase.endswith(self._silent)]
        if words and words[-1] in self._option_names:
            said = []  # they tell what there is to choose from
        for signs in self._signs:
            read = [sign for one in said for sign in signs.read(one, about)]
            found = next(filter(None, read), "")
            if forms and not read and not any(flags):  # else what people wrote says what the name does not mean
                found = signs.named(forms, telling, about)
            if found:
                return Recognised(signs.kind, found)
        return None

    def about(self, table: tuple[str, ...]) -> About:
        """What a table is about: what its name or description ends with tells.

        Args:
            table: its name, and what is written about it.
        """
        texts = [visible(text) for text in table]
        ends = [end for text in texts for end in self._ends_of(text)]
        if any(end in self._persons[1] or end.endswith(self._persons[0]) for end in ends):
            return "people"
        people = any(word in text for text in texts for word in self._persons[0])
        people = people or any(word in self._persons[1] for text in texts for word in self._words(_last(text)))
        things = any(end in self._things[1] or end.endswith(self._things[0]) for end in ends)
        return "things" if things and not people else ""

    def _ends_of(self, text: str) -> tuple[str, ...]:
        """The last word of a table's name, with and without a plural, or its description; without what says nothing."""
        chinese, ascii_ = self._table_suffixes
        if not text.isascii():
            phrase = _first_phrase(text)
            while phrase not in chinese and phrase.endswith(chinese):
                phrase = phrase.removesuffix(next(filter(phrase.endswith, chinese)))
            return (phrase,)
        words = [word.rstrip(_DIGITS) for word in self._words(_last(text))]
        while len(words) > 1 and words[-1] in ascii_:
            words.pop()
        last = words[-1] if words else ""
        return (last, last.removesuffix("s"), last.removesuffix("es"), last.removesuffix("ies") + "y")

    def _words(self, name: str) -> list[str]:
        """The words of a name; one that is several known ones without a break (contactnumber) is taken apart."""
        parts = [part for part in _BREAK.split(_HUMP.sub("_", name).lower()) if part]
        return [word for part in parts for word in self._apart(part)]

    def _apart(self, glued: str) -> list[str]:
        if len(glued) < _SHORTEST or glued in self._vocabulary:
            return [glued]
        words_up_to: list[list[str]] = [[] for _ in range(len(glued) + 1)]
        for start in range(len(glued)):
            if start and not words_up_to[start]:
                continue
            for end in range(min(start + _LONGEST, len(glued)), start + 1, -1):
                if not words_up_to[end] and glued[start:end] in self._vocabulary:
                    words_up_to[end] = [*words_up_to[start], glued[start:end]]
        return words_up_to[-1] or [glued]

    def _said(self, text: str, phrase: str) -> _Said:
        text = phrase if phrase.endswith(self._options) else text
        small = text.lower()
        return _Said(text, phrase, frozenset(small).union(map("".join, pairwise(small))))

    def _forms(self, words: Sequence[str]) -> list[str]:
        """A column's name as ``_form`` writes it, then without one suffix after the other.

        Nothing where its first word says that it is a flag, or where no sign ends so.
        """
        words = [word for word in words if word.strip(_DIGITS)]
        if len(words) > 1 and words[0] in self._first_words:
            return []
        forms = [_form(words)]
        while len(words) > 1 and not self._suffixes.isdisjoint((words[-1], words[-1].rstrip(_DIGITS))):
            words.pop()
            forms.append(_form(words))
        return forms if any(form[-2:] in self._ends for form in forms) else []


class _Signs:
    """The signs of one kind.

    In every pattern group 1 is what counts, the rest only looks like it.
    """

    def __init__(self, kind: PersonalKind, hints: PersonalHints):
        self.kind = kind
        others, self._owners = _by_script([] if kind.anyone else [*hints.others, *hints.prefixes])
        self._chinese_persons, self._persons = _by_script(hints.persons)
        _, own = _by_mark([*kind.words, *kind.endings, *kind.confirms])
        foreign = _any_of(others) and _any_of(own) and f"{_any_of(others)}{_any_of(own)}"
        self._never = "|".join(filter(None, [_any_of(kind.except_), foreign]))
        names = [word.lstrip("=*") for word in (*kind.columns, *kind.ambiguous)]
        self._own = re.compile(_any_of([*own, *names]) or "(?!)", re.IGNORECASE)
        self._anywhere = self._pattern(_any_of(kind.words))
        tails = _any_of([*kind.tails, *hints.tails])
        self._ending, self._confirming = (self._at_end(words, tails) for words in (kind.endings, kind.confirms))
        every = (*kind.words, *kind.endings, *kind.except_)
        self._starts = frozenset(word.lstrip("=")[:2].lower() for word in every)
        self._exceptions = tuple(f"_{word}" for word in _by_script(kind.except_)[1])
        self._strong, self._weak, self._of_person = map(
            self._tails, (kind.columns, kind.ambiguous, [f"*{word}" for word in kind.after_person])
        )
        self.tails = tuple(sorted({*self._strong, *self._weak, *self._of_person}, key=len, reverse=True))

    def read(self, said: _Said, about: About) -> Iterator[str]:
        """Everything in a text that counts, and an empty text for everything that only looks like it.

        Args:
            said: a comment, or the column's name.
            about: what the table is about; where it is things, only `words` count, and what is a person's.
        """
        if self._starts.isdisjoint(said.parts):
            return
        for match in self._anywhere.finditer(said.text):
            yield match.group(1) or ""
        foreign = self._foreign(about) and not any(map(said.phrase.count, self._chinese_persons))
        for match in self._ending.finditer(said.phrase):
            yield "" if foreign else match.group(1) or ""

    def named(self, forms: Sequence[str], said: Sequence[_Said], about: About) -> str:
        """What of a name counts, if anything.

        Args:
            forms: see ``Finder._forms``.
            said: the comments that say anything. One must confirm an ambiguous name, and one of those in Chinese any.
            about: what the table is about; where it is things, only what is a person's counts.
        """
        ending = [form for form in forms if form.endswith(self.tails)]
        if not ending or forms[0].endswith(self._exceptions):
            return ""
        confirmed = not said or any(match[1] for one in said for match in self._confirming.finditer(one.phrase))
        chinese = [one.text for one in said if _CHINESE.search(one.phrase)]
        agreed = confirmed or not chinese or any(map(self._own.search, chinese))
        for form in ending:
            for tail in filter(form.endswith, self.tails):
                if tail[0] == "^" and form is not forms[0]:
                    continue  # the whole name is meant
                before = form.removesuffix(tail).strip("^_").split("_")
                theirs = self._is_person(before[-1]) or (about == "people" and before == [""] and confirmed)
                enough = agreed if tail in self._strong else confirmed if tail in self._weak else theirs and agreed
                foreign = self._foreign(about) or not self._owners.isdisjoint((before[0], before[-1]))
                if enough and (theirs or not foreign):
                    return tail.strip("^_")
        return ""

    def _is_person(self, word: str) -> bool:
        return word in self._persons or word.removesuffix("s") in self._persons

    def _foreign(self, about: About) -> bool:
        return about == "things" and not self.kind.anyone

    def _tails(self, words: Sequence[str]) -> frozenset[str]:
        """What the forms of names end with that count by these words; see ``PersonalKind.columns``."""
        more = ["", *(f"_{tail.lower()}" for tail in self.kind.tails if tail.isascii())]
        marks = {"=": "^_", "*": ""}
        return frozenset(
            f"{marks.get(word[0], '_')}{word.lstrip('=*').lower()}{tail}" for word in words for tail in more
        )

    def _at_end(self, words: Sequence[str], tails: str) -> re.Pattern[str]:
        whole, ending = (_any_of(some) for some in _by_mark(words))
        any_ = "|".join(filter(None, [ending, whole and f"^{whole}"]))
        return self._pattern(any_ and f"(?:{any_}){tails and f'{tails}?'}$")

    def _pattern(self, counting: str) -> re.Pattern[str]:
        """An exception takes the characters before a word in it can."""
        return re.compile("|".join(filter(None, [self._never, f"({counting or '(?!)'})"])), re.IGNORECASE)


def _by_script(words: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Words in Chinese, and ASCII words in small letters, which are read in names."""
    chinese = tuple(word for word in words if not word.isascii())
    return chinese, frozenset(word.lower() for word in words if word.isascii())


def _by_mark(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that must be the whole phrase, without their mark, and the others."""
    return [word[1:] for word in words if word.startswith("=")], [word for word in words if not word.startswith("=")]


def _vocabulary(kinds: Sequence[PersonalKind], hints: PersonalHints) -> frozenset[str]:
    """Every word of a name that is a sign or a hint, but not the initials of one or two: those are in any word."""
    signs = [word for kind in kinds for word in (*kind.columns, *kind.ambiguous, *kind.after_person, *kind.tails)]
    words = [part for word in (*signs, *hints.persons, *hints.prefixes, *hints.suffixes) for part in word.split("_")]
    known = {word.lstrip("=*").lower() for word in words if word.isascii()}
    return frozenset(word for word in known if len(word) > 2) | {"id", "no"}


def _last(text: str) -> str:
    """The last part of a table's name."""
    return text.rsplit(".", 1)[-1]


def _form(words: Sequence[str]) -> str:
    """A name's words, each after an underscore, without counters, and a mark where it begins."""
    return "^" + "".join("_" + word.rstrip(_DIGITS) for word in words)


def _any_of(words: Sequence[str]) -> str:
    """Any of these words, the longest first; nothing where there are none.

    Chinese has no spaces between words; an ASCII word counts only as a whole. Where one of each begins, the Chinese one
    is longer. The bounds stand once around all ASCII words: around each of them, they take long to compile.
    """
    longest = sorted(words, key=len, reverse=True)
    chinese = "|".join(re.escape(word) for word in longest if not word.isascii())
    ascii_ = "|".join(re.escape(word) for word in longest if word.isascii())
    bounded = ascii_ and f"(?<![0-9a-z])(?:{ascii_})(?![0-9a-z])"
    return f"(?:{'|'.join(filter(None, [chinese, bounded]))})" if words else ""


def _first_phrase(text: str) -> str:
    """What a comment says first, in which Chinese puts last what the thing is; without a counter at its end."""
    phrase = _PHRASE.search(_REMARK.sub("", text))
    return phrase.group().rstrip(_COUNTER) if phrase else ""
