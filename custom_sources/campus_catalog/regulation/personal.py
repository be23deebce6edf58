"""Personal information: which columns hold it, and how data with such columns is shared. See docs/formats.md.

Recognised by what people wrote, a column's name and its comments; by its values only where a recipe asks for a sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pydantic import Field, create_model

from campus_catalog.content.models import ContentModel, Id, Text, Words
from campus_catalog.regulation.models import SharingClass, Tag
from campus_catalog.regulation.personal_numbers import CheckName
from campus_catalog.regulation.personal_signs import Finder, Recognised
from campus_catalog.regulation.statements import Statements


class Sample(ContentModel):
    """How a kind is told by a sample of values, where a recipe asks for one."""

    check: CheckName = Field(description="取值须通过的校验：公民身份号码、手机号、银行卡号")
    share: float = Field(default=0.8, gt=0, le=1, description="非空取值中须有此比例通过校验")
    distinct: int = Field(default=10, ge=1, description="通过校验的不同取值至少有几个")


class PersonalSharing(ContentModel):
    """How a dataset with such columns is shared, where only its system's defaults, or nobody, said how."""

    class_: Text = Field(alias="class", description="共享方式")
    instead_of: Words = Field(description="取代的共享方式；没有列出的保持不变")


class PersonalKind(ContentModel):
    """One kind of personal information and the signs of it."""

    id: Id
    name: Text = Field(description="种类的名称，如 手机号")
    words: Words = Field(default=[], description="字段名或注释中出现即认定的词")
    endings: Words = Field(
        default=[],
        description="注释（或中文字段名）的首个短语以此结尾时认定的词；词前加 = 表示首个短语就是这个词",
    )
    tails: Words = Field(default=[], description="endings 之后可以再有的词，如 码、ID；英文的也可在字段名末尾")
    except_: Words = Field(
        default=[],
        alias="except",
        description="只作为这些词的一部分出现时不算；注释中只有这些词、或字段名以此结尾时，字段名也不算",
    )
    columns: Words = Field(
        default=[],
        description="字段名即为或以此结尾（以下划线等分隔）时认定；词前加 * 表示不必分隔，加 = 表示字段名就是这个词；"
        "中文注释中一个自己的词也没有的，不算",
    )
    ambiguous: Words = Field(default=[], description="同上，但有多种含义，只在字段没有注释或注释以 confirms 印证时认定")
    confirms: Words = Field(
        default=[],
        description="注释的首个短语以此结尾，即印证 ambiguous 的字段名；含有即不与 columns 相左；= 同 endings",
    )
    after_person: Words = Field(default=[], description="字段名末尾的这些词，紧接在 hints 的 persons 之后时认定")
    anyone: bool = Field(default=False, description="不论归谁都算：hints 的 others、prefixes、tables 不作用于此种类")
    sample: Sample | None = Field(default=None, description="采集配置要求抽样时，取值须通过的校验")
    restricts: bool = Field(default=True, description="含此类字段的数据集是否改用 sharing 的共享方式")
    sharing: PersonalSharing | None = Field(default=None, description="此种类自己的共享方式；不写则用文件的 sharing")


class PersonalHints(ContentModel):
    """What tells, for every kind, that a column only speaks of personal information, or of nobody's."""

    flags: Words = Field(
        default=[], description="注释或字段名的首个短语含这些词，即是否类字段，不认定；英文的是字段名的第一个词"
    )
    options: Words = Field(default=[], description="首个短语以这些词结尾时，其后列举的只是选项，不再看")
    silent: Words = Field(default=[], description="首个短语以这些词结尾的注释没有说字段是什么，如同没有注释")
    others: Words = Field(default=[], description="紧接在认定词之前时，说的是单位或物品，不算；字段名也不算")
    prefixes: Words = Field(default=[], description="字段名以这些词开头，或这些词紧接在认定词之前时，不按字段名认定")
    tails: Words = Field(default=[], description="各种类的 endings 之后都可以再有的词，如 信息、内容")
    suffixes: Words = Field(default=[], description="字段名末尾的这些词（以下划线等分隔）略去再看")
    persons: Words = Field(default=[], description="指人的词：其后的号码、地址等是这个人的")
    tables: Words = Field(
        default=[],
        description="表名或表的说明以这些词结尾、又不含 persons 的，说的是单位或物品：其中只有 words 和 persons 的才算",
    )
    table_suffixes: Words = Field(default=[], description="表名或表的说明末尾的这些词略去再看")


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
    """The model of personal.yml where these keys may be said beside a sharing class.

    Args:
        statements: the keys of the regulation.

    Returns:
        ``PersonalInformation``, every ``sharing`` in it with a field for each of those keys.
    """
    beside: dict[str, Any] = {key.id: key.field for key in statements.within("sharing")}
    sharing = _with(PersonalSharing, **beside)
    kind = _with(PersonalKind, sharing=sharing | None)
    return _with(PersonalInformation, kinds=list[kind], sharing=sharing | None)  # type: ignore[valid-type]


def _with(model: type[Any], **fields: Any) -> type[Any]:
    """A model with other or further fields; the type of one it has may stand alone."""
    there = model.model_fields
    definitions: dict[str, Any] = {
        name: (field_, there[name]) if name in there else field_ for name, field_ in fields.items()
    }
    new: type[Any] = create_model(model.__name__, __base__=model, __doc__=model.__doc__, **definitions)
    return new


@dataclass(frozen=True)
class Restriction:
    """How data with personal information is shared: a ``sharing`` of personal.yml, its names resolved.

    Attributes:
        instead_of: ids of the sharing classes ``sharing`` takes the place of.
        beside: what is said beside the class, by key.
    """

    sharing: SharingClass
    instead_of: frozenset[str]
    beside: Mapping[str, str | None]

    @property
    def missing(self) -> list[str]:
        """What the sharing class requires and personal.yml does not say."""
        return [key for key in self.sharing.requires if not self.beside.get(key)]


@dataclass(frozen=True)
class Personal:
    """personal.yml, its names resolved.

    Attributes:
        restriction: None when the sharing class does not depend on columns.
        restrictions: those of the kinds that have one of their own, by the kind's id.
    """

    tag: Tag
    kinds: tuple[PersonalKind, ...]
    hints: PersonalHints = field(default_factory=PersonalHints)
    restriction: Restriction | None = None
    restrictions: Mapping[str, Restriction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # a database repeats its columns over and over; one cache for each content
        finder = Finder(self.kinds, self.hints)
        object.__setattr__(self, "_find", lru_cache(maxsize=65536)(finder))
        object.__setattr__(self, "_about", lru_cache(maxsize=65536)(finder.about))

    def find(self, name: str, *comments: str | None, table: Sequence[str] = ()) -> Recognised | None:
        """What a column holds, and what told it.

        Args:
            name: the column's name.
            comments: what is written about it; None and empty ones do not count.
            table: what its table is called, and what is written about it.

        Returns:
            What was found, or None.
        """
        said = tuple(text for text in comments if text and text.strip())
        about = self._about(tuple(table))  # type: ignore[attr-defined]
        found: Recognised | None = self._find(name, said, about)  # type: ignore[attr-defined]
        return found

    def kind_of(self, name: str, *comments: str | None, table: Sequence[str] = ()) -> PersonalKind | None:
        """The kind of personal information a column holds.

        Args:
            name: the column's name.
            comments: what is written about it; None and empty ones do not count.
            table: what its table is called, and what is written about it.

        Returns:
            The kind, or None.
        """
        found = self.find(name, *comments, table=table)
        return found.kind if found else None

    def kind(self, id_: str) -> PersonalKind:
        """The kind with this id.

        Args:
            id_: the id.

        Returns:
            The kind; what the classifier found by another content than this is a kind too.
        """
        return next((kind for kind in self.kinds if kind.id == id_), PersonalKind(id=id_, name=id_))
