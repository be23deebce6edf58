"""Reads ``glossary/`` into a :class:`Regulation` and checks that everything it names exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campus_catalog.content import layout
from campus_catalog.content.names import Names
from campus_catalog.content.places import Problems
from campus_catalog.content.problems import did_you_mean
from campus_catalog.content.read import read
from campus_catalog.regulation.formats import Property, Term
from campus_catalog.regulation.models import (
    Article,
    Chapter,
    Domains,
    Organization,
    OwnershipType,
    OwnershipTypes,
    PeopleFile,
    Person,
    Platform,
    Platforms,
    RegulationText,
    SchoolFile,
    SharingClass,
    SharingClasses,
    Subset,
    Tag,
    Tags,
    Unit,
)
from campus_catalog.regulation.personal import (
    Personal,
    PersonalInformation,
    PersonalSharing,
    Restriction,
    personal_model,
)
from campus_catalog.regulation.statements import STATEMENTS, Statements
from campus_catalog.regulation.terms import Terms
from campus_catalog.regulation.version import check_version

_ROLES = ("responsible_unit", "responsible_person", "first_responsible_person", "involved_unit")


@dataclass
class Regulation:
    """Everything in ``glossary/``, names resolved.

    Attributes:
        path: the glossary folder.
        terms: every glossary term by id; ``items`` and ``kinds`` are the ones a register may name.
        statements: what a declaration may state.
        term_files: the files below ``terms/``, in order, and what they say, for DataHub's reader.
        personal: how personal information is recognised; None when the content has no personal.yml.
    """

    path: Path
    school: SchoolFile
    chapters: list[Chapter]
    subsets: Names[Subset]
    units: Names[Unit]
    people: Names[Person]
    ownership_types: dict[str, OwnershipType]
    sharing: Names[SharingClass]
    tags: Names[Tag]
    platforms: list[Platform]
    properties: list[Property]
    terms: dict[str, Term]
    items: Names[Term]
    kinds: Names[Term]
    statements: Statements
    term_files: dict[Path, Any] = field(default_factory=dict)
    personal: Personal | None = None

    @property
    def articles(self) -> Iterator[Article]:
        """Every article in order."""
        return (article for chapter in self.chapters for article in chapter.articles)

    @property
    def default_sharing(self) -> SharingClass:
        """The class of data that states none: sharing is the rule (Art. 4)."""
        return next(sharing for sharing in self.sharing if sharing.default)

    def unit_of(self, person: Person) -> Unit:
        """The unit a post belongs to.

        Args:
            person: a post of the regulation.

        Returns:
            The unit.
        """
        unit = self.units.get(person.unit)
        assert unit is not None  # checked when loading
        return unit

    def head_of(self, unit: Unit) -> Person | None:
        """The unit's first responsible person (Art. 5).

        Args:
            unit: a unit of the regulation.

        Returns:
            The post, or None when it has none.
        """
        return self.people.get(unit.head) if unit.head else None

    def answers_for(self, person: Person, unit: Unit) -> bool:
        """Whether a post may answer for a unit's data.

        Args:
            person: the post.
            unit: the unit.

        Returns:
            True where it belongs to the unit or is seconded to it.
        """
        return any(self.units.get(word) is unit for word in (person.unit, *person.seconded_to))


def load_regulation(home: Path) -> Regulation:
    """Read the content of ``home/glossary``.

    Args:
        home: content folder.

    Returns:
        The regulation.

    Raises:
        ContentError: with every fault of every file, or that there is no content at all.
        VersionError: the content is of another version.
    """
    layout.require_content(home)
    check_version(home)
    problems = Problems(home)
    regulation = _Loader(home, problems).load()
    problems.raise_any()
    assert regulation is not None
    return regulation


class _Loader:
    def __init__(self, home: Path, problems: Problems):
        self.home = home
        self.problems = problems
        self.statements = STATEMENTS

    def _file(self, kind: layout.Kind, model: Any) -> Any:
        return read(self.home / kind.path, model, self.problems)

    def load(self) -> Regulation | None:
        school = self._file(layout.SCHOOL, SchoolFile)
        text = self._file(layout.REGULATION, RegulationText)
        files = {
            "domains": (layout.DOMAINS, self._file(layout.DOMAINS, Domains)),
            "units": (layout.ORGANIZATION, self._file(layout.ORGANIZATION, Organization)),
            "people": (layout.PEOPLE, self._file(layout.PEOPLE, PeopleFile)),
            "ownership_types": (layout.OWNERSHIP_TYPES, self._file(layout.OWNERSHIP_TYPES, OwnershipTypes)),
            "sharing": (layout.SHARING, self._file(layout.SHARING, SharingClasses)),
            "tags": (layout.TAGS, self._file(layout.TAGS, Tags)),
        }
        platforms = (
            self._file(layout.PLATFORMS, Platforms) if (self.home / layout.PLATFORMS.path).exists() else Platforms()
        )
        properties = self._file(layout.PROPERTIES, list[Property])
        has_personal = (self.home / layout.PERSONAL.path).exists()
        personal = self._file(layout.PERSONAL, personal_model(self.statements)) if has_personal else None
        terms = Terms(layout.TERMS.files(self.home), self.problems)
        if school is None or text is None or platforms is None or properties is None or terms.broken:
            return None
        if any(model is None for _, model in files.values()) or (has_personal and personal is None):
            return None
        named = {
            key: self._names(label, code, self.home / files[key][0].path, getattr(files[key][1], key), key)
            for key, label, code in (
                ("domains", "数据子集", "unknown-subset"),
                ("units", "单位", "unknown-unit"),
                ("people", "岗位", "unknown-person"),
                ("ownership_types", "责任类型", "unknown-ownership-type"),
                ("sharing", "共享方式", "unknown-sharing"),
                ("tags", "标签", "unknown-tag"),
            )
        }
        regulation = Regulation(
            path=self.home / layout.SCHOOL.top,
            school=school,
            chapters=text.chapters,
            subsets=named["domains"],
            units=named["units"],
            people=named["people"],
            ownership_types={type_.role: type_ for type_ in named["ownership_types"]},
            sharing=named["sharing"],
            tags=named["tags"],
            platforms=platforms.platforms,
            properties=properties,
            terms=terms.by_id,
            items=terms.below(school.nodes.items, "数据项", "unknown-item"),
            kinds=terms.below(school.nodes.kinds, "数据类别", "unknown-kind"),
            statements=self.statements,
            term_files=terms.data,
        )
        if personal is not None:
            regulation.personal = self._personal(personal, regulation)
        self._check(regulation, terms)
        return regulation

    def _personal(self, content: PersonalInformation, regulation: Regulation) -> Personal | None:
        path = self.home / layout.PERSONAL.path
        seen: set[str] = set()
        own: dict[str, Restriction] = {}
        for index, kind in enumerate(content.kinds):
            place = ("kinds", index)
            if kind.id in seen:
                self.problems.add(path, [*place, "id"], "duplicate-id", f"个人信息类别 id「{kind.id}」重复")
            seen.add(kind.id)
            restriction = self._restriction(kind.sharing, (*place, "sharing"), regulation)
            if restriction is not None:
                own[kind.id] = restriction
        tag = regulation.tags.find(content.tag, path, ["tag"], self.problems)
        restriction = self._restriction(content.sharing, ("sharing",), regulation)
        return Personal(tag, tuple(content.kinds), content.hints, restriction, own) if tag else None

    def _restriction(
        self, sharing: PersonalSharing | None, place: tuple[Any, ...], regulation: Regulation
    ) -> Restriction | None:
        if sharing is None:
            return None
        path = self.home / layout.PERSONAL.path
        class_ = regulation.sharing.find(sharing.class_, path, [*place, "class"], self.problems)
        replaced = [
            regulation.sharing.find(word, path, [*place, "instead_of", index], self.problems)
            for index, word in enumerate(sharing.instead_of)
        ]
        beside = {key.id: getattr(sharing, key.id) for key in self.statements.within("sharing")}
        return Restriction(class_, frozenset(item.id for item in replaced if item), beside) if class_ else None

    def _names(self, label: str, code: str, path: Path, items: list[Any], key: str) -> Names[Any]:
        names: Names[Any] = Names(label, code)
        for index, item in enumerate(items):
            names.add(item, path, [key, index], self.problems)
        return names

    def _check(self, regulation: Regulation, terms: Terms) -> None:
        self._check_articles(regulation)
        self._check_subsets(regulation, terms)
        self._check_people(regulation)
        self._check_sharing(regulation)
        self._check_vocabulary(regulation, terms)

    def _check_articles(self, regulation: Regulation) -> None:
        seen: set[int] = set()
        for i, chapter in enumerate(regulation.chapters):
            for j, article in enumerate(chapter.articles):
                if article.number in seen:
                    location = ["chapters", i, "articles", j, "number"]
                    message = f"第 {article.number} 条重复"
                    self.problems.add(self.home / layout.REGULATION.path, location, "duplicate-id", message)
                seen.add(article.number)

    def _check_subsets(self, regulation: Regulation, terms: Terms) -> None:
        path = self.home / layout.DOMAINS.path
        for index, subset in enumerate(regulation.subsets):
            for position, word in enumerate(subset.involved):
                regulation.units.find(word, path, ["domains", index, "involved", position], self.problems)
            if subset.items_node not in terms.nodes:
                message = f"terms/ 中没有节点「{subset.items_node}」"
                self.problems.add(path, ["domains", index, "items_node"], "unknown-node", message)

    def _check_people(self, regulation: Regulation) -> None:
        path = self.home / layout.PEOPLE.path
        for index, person in enumerate(regulation.people):
            regulation.units.find(person.unit, path, ["people", index, "unit"], self.problems)
            for position, word in enumerate(person.seconded_to):
                regulation.units.find(word, path, ["people", index, "seconded_to", position], self.problems)
        path = self.home / layout.ORGANIZATION.path
        for index, unit in enumerate(regulation.units):
            if unit.parent:
                regulation.units.find(unit.parent, path, ["units", index, "parent"], self.problems)
                self._check_ancestors(regulation, unit, path, index)
            if not unit.head:
                continue
            head = regulation.people.find(unit.head, path, ["units", index, "head"], self.problems)
            if head and not regulation.answers_for(head, unit):
                cited = regulation.school.cite("responsibility")
                message = f"负责人「{head.name}」属于「{head.unit}」，不是「{unit.name}」的岗位{cited}"
                self.problems.add(path, ["units", index, "head"], "person-outside-unit", message)

    def _check_ancestors(self, regulation: Regulation, unit: Unit, path: Path, index: int) -> None:
        seen, above = {unit.id}, regulation.units.get(unit.parent or "")
        while above is not None:
            if above.id in seen:
                self.problems.add(path, ["units", index, "parent"], "cycle", f"「{unit.name}」的上级形成了循环")
                return
            seen.add(above.id)
            above = regulation.units.get(above.parent or "")

    def _check_sharing(self, regulation: Regulation) -> None:
        path = self.home / layout.SHARING.path
        statable = [key.id for key in regulation.statements if key.within]
        for index, sharing in enumerate(regulation.sharing):
            if sharing.term not in regulation.terms:
                message = f"terms/ 中没有术语「{sharing.term}」"
                self.problems.add(path, ["sharing", index, "term"], "unknown-term", message)
            for position, word in enumerate(sharing.requires):
                if word not in statable:
                    message = f"「requires」只能是 {'、'.join(statable)}{did_you_mean(word, statable)}"
                    self.problems.add(path, ["sharing", index, "requires", position], "invalid", message)
            if not any(tag.id == sharing.tag for tag in regulation.tags):
                message = f"{layout.TAGS.path.name} 中没有标签「{sharing.tag}」"
                self.problems.add(path, ["sharing", index, "tag"], "unknown-tag", message)
        if sum(sharing.default for sharing in regulation.sharing) != 1:
            message = f"须且只能有一个默认共享方式（default: true）{regulation.school.cite('sharing')}"
            self.problems.add(path, ["sharing"], "default-sharing", message)

    def _check_vocabulary(self, regulation: Regulation, terms: Terms) -> None:
        for role in _ROLES:
            if role not in regulation.ownership_types:
                message = f"缺少承担 {role} 的责任类型"
                self.problems.add(self.home / layout.OWNERSHIP_TYPES.path, [], "missing", message)
        for index, definition in enumerate(regulation.properties):
            for key, value in definition.contradicting:
                message = f"「{key}」须为「{value}」，与 id 一致"
                self.problems.add(self.home / layout.PROPERTIES.path, [index, key], "invalid", message)
        defined = {definition.id for definition in regulation.properties}
        for name in regulation.statements.properties:
            if name not in defined:
                self.problems.add(self.home / layout.PROPERTIES.path, [], "missing", f"缺少结构化属性「{name}」")
        terms.check(regulation.units, regulation.people, regulation.subsets, regulation.ownership_types)
        nodes = regulation.school.nodes
        for key, node in (("items", nodes.items), ("kinds", nodes.kinds)):
            if node not in terms.nodes:
                location = ["nodes", key]
                self.problems.add(
                    self.home / layout.SCHOOL.path, location, "unknown-node", f"terms/ 中没有节点「{node}」"
                )
