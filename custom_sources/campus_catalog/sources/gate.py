"""The gate (Art. 20): what is refused as classified, and with it whatever names it or is made of it.

Nothing is let through because its type is not known here: every text of every record is judged.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from datahub.metadata.urns import DatasetUrn

from campus_catalog.content.text import folded
from campus_catalog.register.identity import plain
from campus_catalog.regulation.classified import Classified
from campus_catalog.regulation.personal_numbers import holds_number
from campus_catalog.sources.entities import PassingEntity
from campus_catalog.sources.records import Opened

#: why something made of a refused table is refused with it
MADE_OF, NAMES = "made of a refused table", "names what is refused"
IN_CONTAINER = "in a refused container"
#: kinds of entities whose urns tell a person nothing; they go without being named
_NAMELESS = frozenset({"query", "schemaField", "assertion", "dataProcessInstance"})
#: kinds of entities that are there because a source has found them, and not because somebody has made them
_OWN = frozenset({"dataset", "container", "dataFlow", "dataJob", "query", "chart", "dashboard", "schemaField"})
_DATASET, _CONTAINER = "urn:li:dataset:", "urn:li:container:"
_PLATFORM = re.compile(r"urn:li:(?:dataPlatform:|dataFlow:\()([^,()]+)")
_QUOTES = re.compile(r"[\"`\[\]]")


class Found(NamedTuple):
    """A word of classified material and where it stood, or that something could not be looked into."""

    word: str
    place: str

    def __str__(self) -> str:
        return f"{self.word}: {self.place}" if self.word else self.place


class Gate:
    """Judges records by their texts, and entities by what they name.

    Args:
        classified: the words.
        platform: of the system, for statements of which nothing else tells their dialect.
        met: urns of the entities met so far; it grows.

    Attributes:
        refused: urns of everything refused.
        own: those of them whose existence the source answers for.
    """

    def __init__(self, classified: Classified, platform: str | None, met: Container[str]):
        self._classified = classified
        self._platform = platform
        self._met = met
        self.refused: set[str] = set()
        self.own: set[str] = set()
        self._tables: list[str] = []
        self._small: set[str] = set()
        self._by_table: dict[str, list[tuple[str, str]]] = {}

    def judge(self, opened: Opened, texts: list[str]) -> Found | None:
        """Look for a word of classified material in a record.

        Args:
            opened: the record.
            texts: all of its texts.

        Returns:
            What was found, or None.
        """
        found = self._classified.find(texts)
        if found is not None:
            return Found(shown(found.word), opened.place(found.position))
        if opened.opaque:
            return Found("", f"{', '.join(opened.names) or 'a record'} cannot be looked into")
        return None

    def holds_word(self, text: str) -> bool:
        """Whether a text has a word of classified material.

        Args:
            text: any.

        Returns:
            Whether it has one that nothing around it excuses.
        """
        return self._classified.word_in(text) is not None

    def withholds(self, text: str) -> bool:
        """Whether a text of a report or a log must not be said.

        Args:
            text: any.

        Returns:
            Whether it has a word of classified material, or a person's number.
        """
        return self.holds_word(text) or holds_number(text)

    def judge_name(self, urn: str) -> Found | None:
        """Look for a word of classified material in a urn.

        Args:
            urn: of an entity.

        Returns:
            What was found, or None.
        """
        found = self._classified.find([urn])
        return Found(shown(found.word), "name") if found else None

    def refuse(self, entity: PassingEntity[Any], why: object) -> str:
        """Refuse an entity.

        Args:
            entity: nothing of it is held any more.
            why: the word and its place, or another reason.

        Returns:
            How a report says it; nothing where a person would not know it by its name.
        """
        entity.refused = True
        entity.held.clear()
        self.refused.add(entity.urn)
        if entity.primary and entity.kind in _OWN:
            self.own.add(entity.urn)
        self._small.add(entity.urn.lower())
        if entity.urn.startswith(_DATASET):
            self._tables.append(called(entity.urn))
        if entity.kind in _NAMELESS and not (isinstance(why, Found) and not why.word):
            return ""
        return f"{shown(plain(entity.name) or entity.urn)} ({why})"

    def know(self, urns: Iterable[str]) -> None:
        """Tell which datasets there are, all of them, before ``reason`` is asked.

        Args:
            urns: of all entities met.
        """
        for urn in urns:
            if urn.startswith(_DATASET):
                name = called(urn)
                self._by_table.setdefault(_table(name), []).append((name, urn))

    def is_refused(self, urn: str) -> bool:
        """Whether a urn is that of something refused, also where lineage has other capitals than the table.

        Args:
            urn: as something else names it.

        Returns:
            Whether it is.
        """
        return urn in self.refused or (urn not in self._met and urn.lower() in self._small)

    def reason(self, entity: PassingEntity[Any]) -> str | None:
        """Why an entity must go with something refused, though nothing of its own refuses it.

        Args:
            entity: something that waited until everything was known.

        Returns:
            The reason, or None.
        """
        if not self.refused:
            return None
        named = [urn for urn in entity.names - (entity.made_of or set()) if self.is_refused(urn)]
        if named:
            return IN_CONTAINER if any(urn.startswith(_CONTAINER) for urn in named) else NAMES
        if entity.is_plain:  # a table is not made of what was once put into it
            return None
        made_of_refused = any(map(self.is_refused, entity.made_of or ()))
        if made_of_refused and entity.kind != "query":  # of a query it is known that it is, where its text says so
            return MADE_OF
        # of a procedure only some statements give lineage
        is_unsure = made_of_refused or entity.made_of is None or entity.kind == "dataJob"
        if is_unsure and any(self.names_refused(sql, entity) for sql in entity.statements):
            return MADE_OF
        return "names a refused table" if self._mentions_refused(entity.texts) else None

    def names_refused(self, sql: str, entity: PassingEntity[Any]) -> bool:
        """Whether a statement names a refused table, as a whole identifier.

        Args:
            sql: the statement.
            entity: what it belongs to; a table without a schema is first one beside it.

        Returns:
            Whether it does; also where the statement cannot be read and has the table's name as a word.
        """
        small = folded(sql).lower()
        if not any(_table(name) in small for name in self._tables):
            return False
        platform = _PLATFORM.search(entity.urn)
        named = _named_tables(sql, platform[1] if platform else self._platform or "")
        if named is None:
            return any(_stands_in(_table(name), small) for name in self._tables)
        return any(self._means_refused(".".join(parts), entity) for parts in named)

    def _means_refused(self, said: str, entity: PassingEntity[Any]) -> bool:
        """Whether a table's name, as a statement says it, is that of a refused one and of no other it may mean."""
        beside = plain(entity.name).rpartition(".")[0] if entity.kind == "dataset" else ""
        for exact in (True, False):  # two tables may differ in capitals only
            meant = [(name, urn) for name, urn in self._by_table.get(_table(said), []) if _ends_with(name, said, exact)]
            if meant:
                known = [urn for _, urn in meant if urn in (entity.made_of or ())]
                known = known or [urn for name, urn in meant if beside and name == f"{beside}.{said}"]
                return any(urn in self.refused for urn in known or [urn for _, urn in meant])
        return False

    def _mentions_refused(self, texts: list[str]) -> bool:
        """Whether texts say a refused table's name with its schema: without it, it may be any word."""
        for text in texts:
            small = _QUOTES.sub("", folded(text)).lower()
            for name in self._tables:
                parts = _QUOTES.sub("", name).lower().split(".")
                if len(parts) > 1 and any(_stands_in(part, small) for part in {".".join(parts[-2:]), ".".join(parts)}):
                    return True
        return False


def _named_tables(sql: str, platform: str) -> set[tuple[str, ...]] | None:
    """See ``sqlnames.named_tables``; None, too, where no source is installed that has statements to read."""
    try:
        from campus_catalog.sources.sqlnames import named_tables
    except ModuleNotFoundError:  # sqlglot comes with DataHub's sources of SQL
        return None
    return named_tables(sql, platform)


def shown(text: str) -> str:
    """A name as it may be printed: on one line, with what cannot be seen spelt out.

    Args:
        text: from a live system.
    """
    return "".join(
        char if char.isprintable() and folded(char) else char.encode("unicode_escape").decode() for char in text
    )


def called(urn: str) -> str:
    """What a person calls an entity by: the last part of its urn that is no environment, after its kind."""
    kind, _, rest = urn.removeprefix("urn:li:").partition(":")
    if urn.startswith(_DATASET):
        return plain(DatasetUrn.from_string(urn).name)
    return f"{kind} {unquote(rest.rsplit(',', 1)[-1].removesuffix(')'))}" if rest else urn


def _table(name: str) -> str:
    """The last part of a name, in small letters."""
    return name.rsplit(".", 1)[-1].lower()


def _ends_with(name: str, said: str, exact: bool) -> bool:
    if not exact:
        name, said = name.lower(), said.lower()
    return name == said or name.endswith(f".{said}")


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a whole identifier."""
    return name in text and re.search(rf"(?<![\w$.]){re.escape(name)}(?![\w$])", text, re.ASCII) is not None
