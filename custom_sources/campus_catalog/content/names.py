"""Finding the things that content refers to by id, name or alias."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from campus_catalog.content.places import Place, Problems
from campus_catalog.content.problems import did_you_mean


class Named(Protocol):
    """Anything content refers to by id, name or (where it has any) aliases."""

    id: str
    name: str


Item = TypeVar("Item", bound=Named)
Thing = TypeVar("Thing")


class Names(Generic[Item]):
    """Finds things by id, name or alias.

    Args:
        label: what the things are called in messages, e.g. 单位.
        code: what an unknown one is called, e.g. ``unknown-unit``.
        ambiguous: whether several may have one name, as long as nobody refers to it.
    """

    def __init__(self, label: str, code: str, ambiguous: bool = False):
        self.label, self.code = label, code
        self._ambiguous = ambiguous
        self._several: dict[str, list[str]] = {}
        self._by_word: dict[str, Item] = {}
        self._by_id: dict[str, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, item: Item, path: Path, location: Sequence[Any], problems: Problems) -> None:
        """Register ``item``; a word that already means something else is a fault.

        Args:
            item: what can be found from now on by its id, its name and its aliases.
            path: the file that declares it.
            location: keys and indexes that lead to it there.
            problems: receives the fault.
        """
        if item.id in self._by_id:
            problems.add(path, [*location, "id"], "duplicate-id", f"{self.label} id「{item.id}」重复")
            return
        self._by_id[item.id] = item
        for word in (item.id, item.name, *getattr(item, "aliases", ())):
            other = self._by_word.setdefault(word, item)
            if other is not item and self._ambiguous:
                self._several.setdefault(word, [other.id]).append(item.id)
            elif other is not item:
                message = f"「{word}」已经是{self.label}「{other.name}」的名称或别名，请改用不同的名称"
                problems.add(path, [*location, "name"], "duplicate-name", message)

    def get(self, word: str) -> Item | None:
        """Look up a word.

        Args:
            word: an id, a name or an alias.

        Returns:
            The thing called so, or None; also where several are.
        """
        if word in self._by_id:
            return self._by_id[word]
        return None if word in self._several else self._by_word.get(word)

    def find(self, word: str, path: Path, location: Sequence[Any], problems: Problems) -> Item | None:
        """Look up a word of the content; one that is unknown, or means several things, is a fault.

        Args:
            word: an id, a name or an alias.
            path: the file in which it is written.
            location: keys and indexes that lead to it there.
            problems: receives the fault.

        Returns:
            The thing called so, or None.
        """
        item = self.get(word)
        if item is None and word in self._several:
            ids = "、".join(self._several[word])
            problems.add(path, location, "ambiguous", f"「{word}」是几个{self.label}的名称，请写 id：{ids}")
        elif item is None:
            message = f"没有名为「{word}」的{self.label}{did_you_mean(word, self._by_word)}"
            problems.add(path, location, self.code, message)
        return item


class Lookup(Generic[Thing]):
    """Things found by any of several words; a word that means two things finds nothing.

    Args:
        label: what the things are called in messages, e.g. 单位.
        code: what an unknown one is called, e.g. ``unknown-unit``.
        items: every thing with the words it may be called by.
    """

    def __init__(self, label: str, code: str, items: Iterable[tuple[Sequence[str], Thing]]):
        self.label, self.code = label, code
        pairs = [(word, item) for words, item in items for word in dict.fromkeys(words)]
        count = Counter(word for word, _ in pairs)
        self._by_word = {word: item for word, item in pairs if count[word] == 1}

    def get(self, word: str) -> Thing | None:
        """Look up a word.

        Args:
            word: one of the words.

        Returns:
            The thing called so; None when there is none, or more than one.
        """
        return self._by_word.get(word)

    def find(self, word: str, place: Place, problems: Problems) -> Thing | None:
        """Look up a word of the content; one that finds nothing is a fault that suggests the nearest.

        Args:
            word: one of the words.
            place: where it is written.
            problems: receives the fault.

        Returns:
            The thing called so, or None.
        """
        if word not in self._by_word:
            message = f"没有名为「{word}」的{self.label}{did_you_mean(word, self._by_word)}"
            problems.add(place.path, place.location, self.code, message)
        return self._by_word.get(word)
