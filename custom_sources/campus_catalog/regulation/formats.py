"""The formats that are DataHub's own: business-glossary terms, and structured properties.

Stricter than DataHub's reader where that would fail, or go on with something else than was meant: what passes here,
DataHub's own models take. A test holds them to that.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from campus_catalog.content.models import ContentModel, Id, Text

#: DataHub's own ownership types, besides the urns of ours
OWNERSHIP_TYPES = (
    "BUSINESS_OWNER", "CONSUMER", "CUSTOM", "DATAOWNER", "DATA_STEWARD", "DELEGATE", "DEVELOPER", "NONE", "PRODUCER",
    "STAKEHOLDER", "TECHNICAL_OWNER",
)  # fmt: skip
#: the entity types a property may be of that a school has
ENTITY_TYPES = (
    "application", "chart", "container", "corpGroup", "corpuser", "dashboard", "dataFlow", "dataJob", "dataProduct",
    "dataset", "domain", "glossaryNode", "glossaryTerm", "schemaField", "tag",
)  # fmt: skip
OWNERSHIP_TYPE_URN = "urn:li:ownershipType:"
DOMAIN_URN = "urn:li:domain:"


def _first_version(value: Any) -> Any:
    if value not in (1, "1") or isinstance(value, (bool, float)):
        raise ValueError('只能是 1（DataHub 业务术语格式的版本），写作 "1"')
    return value


def _ownership_type(value: str) -> str:
    if value.upper() not in OWNERSHIP_TYPES and not value.startswith(OWNERSHIP_TYPE_URN):
        raise ValueError(f"应为 DataHub 的责任类型（如 DATAOWNER）或 {OWNERSHIP_TYPE_URN}… 的 urn")
    return value


def _domain(value: str) -> str:
    if not value.startswith(DOMAIN_URN):
        raise ValueError(f"应为数据子集的 urn：{DOMAIN_URN} 后接子集的 id")
    return value


def _entity_type(value: str) -> str:
    if value.removeprefix("urn:li:entityType:datahub.") not in ENTITY_TYPES:
        raise ValueError(f"没有名为「{value}」的实体类型，可写 {'、'.join(ENTITY_TYPES)}")
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("应为文本或数字，日期和是非请加引号")
    return value


EntityType = Annotated[Text, AfterValidator(_entity_type)]
#: what DataHub turns into text by itself
Scalar = Annotated[Any, BeforeValidator(_scalar)]


class TermOwners(ContentModel):
    """Who answers for terms and nodes."""

    type: Annotated[Text, AfterValidator(_ownership_type)] = Field(default="DEVELOPER", description="责任类型")
    typeUrn: Annotated[Text, AfterValidator(_ownership_type)] | None = Field(default=None, description="责任类型的 urn")
    users: list[Text] | None = Field(default=None, description="岗位的 id")
    groups: list[Text] | None = Field(default=None, description="单位的 id")


class KnowledgeLink(ContentModel):
    """A page about a term."""

    url: Text = Field(description="网址")
    label: Text = Field(description="显示的文字")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


#: a single entry may be written without brackets
Owners = Annotated[list[TermOwners], BeforeValidator(_listed)]


class Term(ContentModel):
    """A glossary term; the keys are those of DataHub's business-glossary format."""

    id: Id
    name: Text = Field(description="术语的名称")
    description: Text = Field(description="术语的含义")
    term_source: Text | None = None
    source_ref: Text | None = None
    source_url: Text | None = None
    owners: Owners | None = None
    inherits: list[Text] | None = Field(default=None, description="上位术语的 id")
    contains: list[Text] | None = Field(default=None, description="所含术语的 id")
    values: list[Text] | None = Field(default=None, description="取值术语的 id")
    related_terms: list[Text] | None = Field(default=None, description="相关术语的 id")
    custom_properties: dict[Text, Scalar] | None = None
    knowledge_links: list[KnowledgeLink] | None = None
    domain: Annotated[Text, AfterValidator(_domain)] | None = Field(default=None, description="所属数据子集的 urn")


#: the keys of a term that name other terms
TERM_REFERENCES = ("inherits", "contains", "values", "related_terms")


class Node(ContentModel):
    """A glossary node; the keys are those of DataHub's business-glossary format."""

    id: Id
    name: Text = Field(description="节点的名称")
    description: Text = Field(description="节点的含义")
    owners: Owners | None = None
    terms: list[Term] | None = None
    nodes: list[Node] | None = None
    knowledge_links: list[KnowledgeLink] | None = None
    custom_properties: dict[Text, Scalar] | None = None


class TermFile(ContentModel):
    """A file of terms/ in DataHub's business-glossary format."""

    version: Annotated[Any, BeforeValidator(_first_version)]
    source: Text | None = None
    url: Text | None = None
    source_type: Text = "INTERNAL"
    owners: Owners
    nodes: list[Node] | None = None
    terms: list[Term] | None = None


class AllowedValue(ContentModel):
    """A value a property may have."""

    value: Scalar
    description: Text | None = None


class TypeQualifier(ContentModel):
    """What the urns of a property may be of."""

    allowed_types: list[EntityType]


class PropertySettings(ContentModel):
    """Where DataHub's UI shows a property."""

    is_hidden: bool = False
    show_as_asset_badge: bool = False
    show_in_asset_summary: bool = False
    show_in_columns_table: bool = False
    show_in_search_filters: bool = False

    @model_validator(mode="after")
    def _hidden_alone(self) -> PropertySettings:
        if (
            self.is_hidden
            and len(self.model_fields_set & {name for name in type(self).model_fields if getattr(self, name)}) > 1
        ):
            raise ValueError("隐藏的属性不能再要求显示")
        return self


class Property(ContentModel):
    """A structured property in the format of ``datahub properties upsert``."""

    id: Text
    qualified_name: Text | None = None
    urn: Text | None = None
    type: Literal["string", "rich_text", "number", "date", "urn"]
    version: Scalar | None = None
    value_entity_types: list[EntityType] | None = None
    description: Text
    display_name: Text
    entity_types: list[EntityType] = Field(min_length=1)
    cardinality: Literal["SINGLE", "MULTIPLE"] | None = None
    allowed_values: list[AllowedValue] | None = Field(default=None, min_length=1)
    type_qualifier: TypeQualifier | None = None
    immutable: bool | None = None
    structured_property_settings: PropertySettings | None = None

    @property
    def contradicting(self) -> list[tuple[str, str]]:
        """The keys that name another property than ``id`` does, each with what it must say."""
        wanted = {"qualified_name": self.id, "urn": f"urn:li:structuredProperty:{self.id}"}
        return [(key, value) for key, value in wanted.items() if getattr(self, key) not in (None, value)]
