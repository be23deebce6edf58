"""Reads ``glossary/terms/``: the terms of all files, and whether everything they name is there.

The files are DataHub's business-glossary format, so a reference is accepted if DataHub's reader takes it for the term
it means: the id of a term, or within a file the names that lead to it, joined by dots.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_catalog.content.names import Names
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import ContentError, did_you_mean
from campus_catalog.content.read import validated
from campus_catalog.content.yamlfile import load
from campus_catalog.regulation.formats import (
    DOMAIN_URN,
    OWNERSHIP_TYPE_URN,
    TERM_REFERENCES,
    Node,
    Owners,
    Term,
    TermFile,
)
from campus_catalog.regulation.models import OwnershipType, Person, Subset, Unit

_TERM = "urn:li:glossaryTerm:"


@dataclass(frozen=True)
class _Placed:
    """A term or node, and where it stands: below which nodes, and in which file."""

    item: Term | Node
    above: tuple[str, ...]
    path: Path
    location: tuple[Any, ...]
    names: str


class Terms:
    """The glossary terms of all files.

    Args:
        files: the files, in order.
        problems: receives every fault.

    Attributes:
        by_id: every term.
        nodes: ids of all nodes.
        data: what each sound file says, for DataHub's reader.
        broken: whether a file has a fault of form.
    """

    def __init__(self, files: list[Path], problems: Problems):
        self._problems = problems
        self.by_id: dict[str, Term] = {}
        self.nodes: set[str] = set()
        self.data: dict[Path, Any] = {}
        self.broken = False
        self._placed: list[_Placed] = []
        self._files: dict[Path, TermFile] = {}
        for path in files:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            data = load(path, self._problems.home)
        except ContentError as error:
            self._problems.extend(error)
            self.broken = True
            return
        model = validated(data, TermFile, path, self._problems)
        if model is None:
            self.broken = True
            return
        self.data[path], self._files[path] = data, model
        self._walk(model, (), path, (), "")

    def _walk(
        self, node: TermFile | Node, above: tuple[str, ...], path: Path, location: tuple[Any, ...], names: str
    ) -> None:
        for index, term in enumerate(node.terms or []):
            place = (*location, "terms", index)
            if term.id in self.by_id:
                self._problems.add(path, [*place, "id"], "duplicate-id", f"术语 id「{term.id}」重复")
            self.by_id[term.id] = term
            self._placed.append(_Placed(term, above, path, place, f"{names}{term.name}"))
        for index, child in enumerate(node.nodes or []):
            place = (*location, "nodes", index)
            if child.id in self.nodes:
                self._problems.add(path, [*place, "id"], "duplicate-id", f"节点 id「{child.id}」重复")
            self.nodes.add(child.id)
            self._placed.append(_Placed(child, above, path, place, f"{names}{child.name}"))
            self._walk(child, (*above, child.id), path, place, f"{names}{child.name}.")

    def below(self, node: str, label: str, code: str) -> Names[Term]:
        """The terms anywhere below a node, findable by id and name.

        Args:
            node: id of the node.
            label: what the terms are called in messages.
            code: of the problem that there is none of a name.

        Returns:
            The terms. Two may have one name, as long as nobody refers to it.
        """
        names: Names[Term] = Names(label, code, ambiguous=True)
        for one in self._placed:
            if isinstance(one.item, Term) and node in one.above:
                names.add(one.item, one.path, one.location, self._problems)
        return names

    def check(
        self, units: Names[Unit], people: Names[Person], subsets: Names[Subset], types: dict[str, OwnershipType]
    ) -> None:
        """Find what names something that is not there: terms, owners, ownership types, domains.

        Args:
            units: the school's units.
            people: its posts.
            subsets: its subsets of data.
            types: its ownership types.
        """
        known = _Known(
            {unit.id for unit in units}, {person.id for person in people}, {one.id for one in types.values()}
        )
        domains = {f"{DOMAIN_URN}{subset.id}" for subset in subsets}
        for path, model in self._files.items():
            self._check_owners(model.owners, path, (), known)
        for one in self._placed:
            self._check_owners(one.item.owners, one.path, one.location, known)
            if isinstance(one.item, Term):
                self._check_references(one.item, one)
                if one.item.domain is not None and one.item.domain not in domains:
                    message = f"没有 urn 为「{one.item.domain}」的数据子集{did_you_mean(one.item.domain, domains)}"
                    self._problems.add(one.path, (*one.location, "domain"), "unknown-subset", message)

    def _check_references(self, term: Term, placed: _Placed) -> None:
        paths = {one.names for one in self._placed if one.path == placed.path and isinstance(one.item, Term)}
        for key in TERM_REFERENCES:
            for index, word in enumerate(getattr(term, key) or []):
                if word in self.by_id or word in paths:
                    continue
                message = f"terms/ 中没有 id 为「{word}」的术语{self._meant(word)}"
                self._problems.add(placed.path, (*placed.location, key, index), "unknown-term", message)

    def _meant(self, word: str) -> str:
        """The id of the term a name or urn stands for, or the nearest id."""
        by_name = [term.id for term in self.by_id.values() if word in (term.name, f"{_TERM}{term.id}")]
        return f"，请写 id「{by_name[0]}」" if by_name else did_you_mean(word, self.by_id)

    def _check_owners(self, owners: Owners | None, path: Path, place: tuple[Any, ...], known: _Known) -> None:
        for position, one in enumerate(owners or []):
            at = (*place, "owners", *([position] if position else []))
            for key, words, code in (
                ("users", known.people, "unknown-person"),
                ("groups", known.units, "unknown-unit"),
            ):
                label = "岗位" if key == "users" else "单位"
                for index, word in enumerate(getattr(one, key) or []):
                    if word not in words:
                        message = f"没有 id 为「{word}」的{label}{did_you_mean(word, words)}"
                        self._problems.add(path, (*at, key, index), code, message)
            for key in ("type", "typeUrn"):
                urn = getattr(one, key)
                if (
                    urn
                    and urn.startswith(OWNERSHIP_TYPE_URN)
                    and urn.removeprefix(OWNERSHIP_TYPE_URN) not in known.types
                ):
                    near = did_you_mean(urn, [f"{OWNERSHIP_TYPE_URN}{id_}" for id_ in known.types])
                    message = f"没有 urn 为「{urn}」的责任类型{near}"
                    self._problems.add(path, (*at, key), "unknown-ownership-type", message)


@dataclass(frozen=True)
class _Known:
    """Ids that owners may name."""

    units: set[str]
    people: set[str]
    types: set[str]
