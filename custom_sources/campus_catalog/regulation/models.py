"""The models of the files in ``glossary/``. See docs/formats.md."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from campus_catalog.content.models import ContentModel, Id, Text, Words
from campus_catalog.regulation.classified import Classified

OwnershipRole = Literal["responsible_unit", "responsible_person", "first_responsible_person", "involved_unit"]


class Nodes(ContentModel):
    """Glossary nodes that the register refers to."""

    items: Id = Field(description="其下为各子集数据项的术语节点的 id")
    kinds: Id = Field(description="其下为数据类别的术语节点的 id，登记时的 kind 从中选用")


#: what messages cite an article for
CitedRule = Literal["subset", "responsibility", "sharing", "scope", "undeclared", "classified"]


class SchoolFile(ContentModel):
    """school.yml."""

    content_version: Literal[2] = Field(description="内容格式的版本；旧版内容用 campus-catalog migrate 升级")
    id: Id = Field(description="学校的标识，小写英文；一个目录只接受同一标识的内容，定下后不要再改")
    name: Text = Field(description="学校名称")
    regulation: Text = Field(description="办法的全称")
    nodes: Nodes = Field(description="登记所引用的术语节点")
    articles: dict[CitedRule, Text] = Field(
        default={}, description="校验信息中引用的条款，如 subset: 第三条；办法没有规定的不写"
    )
    classified: Classified = Field(description="据以拒绝登记涉密材料的词")

    @field_validator("content_version", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        if type(value) is not int:
            raise ValueError("应为整数，不加引号和小数点")
        return value

    def cite(self, rule: CitedRule) -> str:
        """The article behind a rule, to end a message with.

        Args:
            rule: the rule.

        Returns:
            The article in brackets; empty where the content names none.
        """
        article = self.articles.get(rule)
        return f"（{article}）" if article else ""


class Article(ContentModel):
    """One article and its text."""

    number: int = Field(description="条的序号，整数，不能重复")
    label: Text = Field(description="条的写法，如 第一条")
    text: Text = Field(description="条文全文")


class Chapter(ContentModel):
    """A chapter of the regulation."""

    title: Text = Field(description="章的标题，如 第一章 总则")
    articles: list[Article] = Field(description="本章各条，按先后")


class RegulationText(ContentModel):
    """regulation.yml."""

    chapters: list[Chapter] = Field(description="各章，按先后")


class Subset(ContentModel):
    """A subset of data (Art. 7): a DataHub domain."""

    id: Id
    number: int = Field(description="子集的序号，整数，目录按它排列")
    name: Text = Field(description="子集的名称")
    aliases: Words = Field(default=[], description="别名，引用时也可以这样写")
    article: Text = Field(description="出自哪一条款，如 第三条（一）")
    description: Text = Field(description="包括哪些数据，末尾注明条款")
    involved: Words = Field(default=[], description="主要涉及的单位，成为子集的涉及单位")
    items_node: Id = Field(description="该子集数据项所在的术语节点的 id")
    explicit: bool = Field(default=False, description="true：其中的数据集须自己写明责任单位和责任人，不能从系统继承")


class Domains(ContentModel):
    """domains.yml."""

    domains: list[Subset] = Field(description="数据子集")


class Unit(ContentModel):
    """A unit of the school, or a group above the units: a DataHub group."""

    id: Id
    name: Text = Field(description="单位的名称")
    aliases: Words = Field(default=[], description="简称、曾用名等，引用时也可以这样写")
    kind: Literal["unit", "group"] = Field(default="unit", description="unit：单位；group：领导小组、办公室等机构")
    parent: Text | None = Field(default=None, description="上级单位或机构；没有则不写")
    description: Text | None = Field(default=None, description="单位的职责，末尾注明条款")
    head: Text | None = Field(default=None, description="负责人的岗位，即第一责任人；没有写明的单位不能作责任单位")


class Organization(ContentModel):
    """organization.yml."""

    units: list[Unit] = Field(description="单位和机构")


class Person(ContentModel):
    """A post (never a person's name): a DataHub user."""

    id: Id
    name: Text = Field(description="岗位的名称，如 设备科科长；不写人员姓名")
    aliases: Words = Field(default=[], description="别名，引用时也可以这样写")
    unit: Text = Field(description="所属单位")
    title: Text | None = Field(default=None, description="职务，如 处长")
    email: Text | None = Field(default=None, description="岗位的邮箱")
    seconded_to: Words = Field(default=[], description="被借用到的别的单位，可为其数据承担责任")


class PeopleFile(ContentModel):
    """people.yml."""

    people: list[Person] = Field(description="岗位")


class OwnershipType(ContentModel):
    """An ownership type and the role it plays in the register."""

    id: Id
    role: OwnershipRole = Field(
        description="在登记中的作用：responsible_unit 责任单位，responsible_person 责任人，"
        "first_responsible_person 第一责任人，involved_unit 涉及单位；每种都要有"
    )
    name: Text = Field(description="责任类型的名称")
    description: Text = Field(description="承担什么责任，末尾注明条款")


class OwnershipTypes(ContentModel):
    """ownership_types.yml."""

    ownership_types: list[OwnershipType] = Field(description="责任类型")


class SharingClass(ContentModel):
    """A sharing class (Art. 4, 12): one term for its meaning, one tag for policies to match on."""

    id: Id
    name: Text = Field(description="共享方式的名称")
    aliases: Words = Field(default=[], description="别名，登记时也可以这样写")
    term: Id = Field(description="说明其含义的术语的 id")
    tag: Id = Field(description="策略据以匹配的标签的 id")
    default: bool = Field(default=False, description="true：没有写明共享方式的数据按此处理；须且只能有一个")
    requires: list[Text] = Field(default=[], description="登记时还须写明的键，如 scope、purpose")


class SharingClasses(ContentModel):
    """sharing.yml."""

    sharing: list[SharingClass] = Field(description="共享方式")


class Tag(ContentModel):
    """A DataHub tag."""

    id: Id
    name: Text = Field(description="标签的名称")
    description: Text | None = Field(default=None, description="标签的含义，末尾注明条款")
    color: Text | None = Field(default=None, description='颜色，如 "#52c41a"')


class Tags(ContentModel):
    """tags.yml."""

    tags: list[Tag] = Field(description="标签")


class Platform(ContentModel):
    """A data platform DataHub does not ship."""

    id: Id
    name: Text = Field(description="平台的名称，如 纸质档案")
    type: Literal["FILE_SYSTEM", "KEY_VALUE_STORE", "MESSAGE_BROKER", "OBJECT_STORE", "OLAP_DATASTORE", "QUERY_ENGINE",
                  "RELATIONAL_DB", "SEARCH_ENGINE", "OTHERS"] = Field(
                      default="OTHERS", description="平台的种类，按 DataHub 的分法；都不合适时用 OTHERS")  # fmt: skip
    delimiter: Text = Field(default=".", description="数据集名称各段之间的分隔符")


class Platforms(ContentModel):
    """platforms.yml."""

    platforms: list[Platform] = Field(default=[], description="DataHub 没有的平台")
