"""The models of the files in ``glossary/``. See docs/formats.md."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, field_validator

from campus_catalog.content.models import ContentModel, Id, Text, Words

#: the one version of the content formats this package reads; ``campus-catalog migrate`` brings older content to it
CONTENT_VERSION = 2

OwnershipRole = Literal["responsible_unit", "responsible_person", "first_responsible_person", "involved_unit"]


class Nodes(ContentModel):
    """Glossary nodes that the register refers to."""

    items: Id
    kinds: Id


class Classified(ContentModel):
    """The words that betray classified material (Art. 20)."""

    words: Words
    except_: Words = Field(default=[], alias="except")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        allowed = "|".join(map(re.escape, sorted(self.except_, key=len, reverse=True)))
        refused = "|".join(map(re.escape, sorted(self.words, key=len, reverse=True)))
        return re.compile(f"(?:{allowed})|({refused})" if allowed else f"({refused})", re.IGNORECASE)

    def word_in(self, *texts: str | None) -> str | None:
        """The first word in ``texts`` that marks them as classified, or None."""
        for text in texts:
            for match in self._pattern.finditer(text or ""):
                if match.group(1):
                    return match.group(1)
        return None


#: what messages cite an article for
CitedRule = Literal["subset", "responsibility", "sharing", "scope", "undeclared", "classified"]


class SchoolFile(ContentModel):
    """school.yml."""

    content_version: Literal[2] = Field(description="内容格式的版本；旧版内容用 campus-catalog migrate 升级")
    id: Id
    name: Text
    regulation: Text
    nodes: Nodes
    articles: dict[CitedRule, Text] = {}
    classified: Classified

    @field_validator("content_version", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        if type(value) is not int:
            raise ValueError("应为整数，不加引号和小数点")
        return value

    def cite(self, rule: CitedRule) -> str:
        """The article behind a rule, in brackets, to end a message with; empty where the content names none."""
        article = self.articles.get(rule)
        return f"（{article}）" if article else ""


class Article(ContentModel):
    """One article and its text."""

    number: int
    label: Text
    text: Text


class Chapter(ContentModel):
    """A chapter of the regulation."""

    title: Text
    articles: list[Article]


class RegulationText(ContentModel):
    """regulation.yml."""

    chapters: list[Chapter]


class Subset(ContentModel):
    """A subset of data (Art. 7): a DataHub domain."""

    id: Id
    number: int
    name: Text
    aliases: Words = []
    article: Text
    description: Text
    involved: Words = []
    items_node: Id
    explicit: bool = False


class Domains(ContentModel):
    """domains.yml."""

    domains: list[Subset]


class Unit(ContentModel):
    """A unit of the school, or a group above the units: a DataHub group."""

    id: Id
    name: Text
    aliases: Words = []
    kind: Literal["unit", "group"] = "unit"
    parent: Text | None = None
    description: Text | None = None
    head: Text | None = None


class Organization(ContentModel):
    """organization.yml."""

    units: list[Unit]


class Person(ContentModel):
    """A post (never a person's name): a DataHub user."""

    id: Id
    name: Text
    aliases: Words = []
    unit: Text
    title: Text | None = None
    email: Text | None = None
    seconded_to: Words = []


class PeopleFile(ContentModel):
    """people.yml."""

    people: list[Person]


class OwnershipType(ContentModel):
    """An ownership type and the role it plays in the register."""

    id: Id
    role: OwnershipRole
    name: Text
    description: Text


class OwnershipTypes(ContentModel):
    """ownership_types.yml."""

    ownership_types: list[OwnershipType]


class SharingClass(ContentModel):
    """A sharing class (Art. 4, 12): one term for its meaning, one tag for policies to match on."""

    id: Id
    name: Text
    aliases: Words = []
    term: Id
    tag: Id
    default: bool = False
    requires: list[Text] = []


class SharingClasses(ContentModel):
    """sharing.yml."""

    sharing: list[SharingClass]


class Tag(ContentModel):
    """A DataHub tag."""

    id: Id
    name: Text
    description: Text | None = None
    color: Text | None = None


class Tags(ContentModel):
    """tags.yml."""

    tags: list[Tag]


class Platform(ContentModel):
    """A data platform DataHub does not ship."""

    id: Id
    name: Text
    type: Literal["FILE_SYSTEM", "KEY_VALUE_STORE", "MESSAGE_BROKER", "OBJECT_STORE", "OLAP_DATASTORE", "QUERY_ENGINE",
                  "RELATIONAL_DB", "SEARCH_ENGINE", "OTHERS"] = "OTHERS"  # fmt: skip
    delimiter: Text = "."


class Platforms(ContentModel):
    """platforms.yml."""

    platforms: list[Platform] = []


class Term(ContentModel):
    """A glossary term; the keys are those of DataHub's business-glossary format."""

    id: Id
    name: Text
    description: Text
    term_source: Any = None
    source_ref: Any = None
    source_url: Any = None
    owners: Any = None
    inherits: list[str] = []
    contains: list[str] = []
    values: list[str] = []
    related_terms: list[str] = []
    custom_properties: dict[str, Any] = {}
    knowledge_links: Any = None
    domain: Any = None


class Node(ContentModel):
    """A glossary node; the keys are those of DataHub's business-glossary format."""

    id: Id
    name: Text
    description: Text
    owners: Any = None
    terms: list[Term] = []
    nodes: list[Node] = []
    knowledge_links: Any = None
    custom_properties: dict[str, Any] = {}


class TermFile(ContentModel):
    """A file of terms/ in DataHub's business-glossary format."""

    version: Any
    source: Any = None
    url: Any = None
    source_type: Any = None
    owners: Any
    nodes: list[Node] = []
    terms: list[Term] = []


class Property(ContentModel):
    """A structured property in the format of ``datahub properties upsert``."""

    id: Text
    qualified_name: Any = None
    urn: Any = None
    type: Text
    version: Any = None
    value_entity_types: Any = None
    description: Text
    display_name: Text
    entity_types: list[str]
    cardinality: Any = None
    allowed_values: Any = None
    type_qualifier: Any = None
    immutable: Any = None
    structured_property_settings: Any = None

    @field_validator("entity_types")
    @classmethod
    def _not_empty(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("不能为空")
        return value
