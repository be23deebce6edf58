"""Personal information: columns recognised, tags and sharing that follow, and profiles without values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    DatasetFieldProfileClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    GlobalTagsClass,
    GlossaryTermsClass,
    HistogramClass,
    OtherSchemaClass,
    QuantileClass,
    SchemaFieldClass,
    SchemaFieldDataTypeClass,
    SchemaMetadataClass,
    StringTypeClass,
    SubTypesClass,
    TagAssociationClass,
    ValueFrequencyClass,
)

from campus_catalog.aspects.common import tag_urn
from campus_catalog.aspects.personal import FOUND_SOURCE
from campus_catalog.register.loader import check_content, load_content
from campus_catalog.register.systems import Register
from campus_catalog.sources.stamping import Stamping
from tests.support.content import campus, new_home, replace, write

PERSONAL = tag_urn("personal-information")
PLANTED = "110101199003077715"
SYSTEM = """
    id: jwxt
    name: 教务管理系统
    platform: postgres
    database: jwxt
    schema: public
    connected: true
    subset: 教育资源管理子集
    unit: 教务处
    persons: [教务处数据管理员]
    sharing: {class: 共享, scope: 校内各单位, purpose: 教学运行}
    rules:
      - match: "pub_*"
        sharing: {class: 共享, scope: 校内各单位, purpose: 通讯录}
    datasets:
      - table: jw_kc
        name: 课程信息
"""


def column(name: str, description: str | None = None, **more: Any) -> SchemaFieldClass:
    type_ = SchemaFieldDataTypeClass(type=StringTypeClass())
    return SchemaFieldClass(fieldPath=name, type=type_, nativeDataType="text", description=description, **more)


def urn_of(table: str) -> str:
    return f"urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.{table},PROD)"


def live(table: str, *columns: SchemaFieldClass) -> list[MetadataChangeProposalWrapper]:
    schema = SchemaMetadataClass(
        schemaName=table, platform="urn:li:dataPlatform:postgres", version=0, hash="",
        platformSchema=OtherSchemaClass(rawSchema=""), fields=list(columns),
    )  # fmt: skip
    aspects = [DatasetPropertiesClass(name=table), schema, SubTypesClass(typeNames=["Table"])]
    return [MetadataChangeProposalWrapper(entityUrn=urn_of(table), aspect=aspect) for aspect in aspects]


def profile(table: str, *columns: str, value: str = PLANTED) -> MetadataChangeProposalWrapper:
    """A profile in which every statistic gives the value away."""
    fields = [
        DatasetFieldProfileClass(
            fieldPath=name, uniqueCount=1, uniqueProportion=1.0, nullCount=0, nullProportion=0.0,
            min=value, max=value, mean=value, median=value, stdev=value,
            quantiles=[QuantileClass(quantile="0.5", value=value)],
            distinctValueFrequencies=[ValueFrequencyClass(value=value, frequency=1)],
            histogram=HistogramClass(boundaries=[value], heights=[1.0]),
            sampleValues=[value],
        )
        for name in columns
    ]  # fmt: skip
    aspect = DatasetProfileClass(timestampMillis=0, rowCount=1, fieldProfiles=fields)
    return MetadataChangeProposalWrapper(entityUrn=urn_of(table), aspect=aspect)


@pytest.fixture
def register(home: Path) -> Register:
    write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    return load_content(home)


def stamp(register: Register, records: list[Any], patching: bool = False) -> tuple[Stamping[Any], list[Any]]:
    stamping: Stamping[Any] = Stamping(register, register.systems["jwxt"], lambda made: made, patching)
    out = [item for record in records for item in stamping.feed(record, record)]
    return stamping, [*out, *stamping.finish()]


def aspects_of(out: list[Any], type_: type) -> list[Any]:
    return [record.aspect for record in out if isinstance(getattr(record, "aspect", None), type_)]


def tags(out: list[Any]) -> set[str]:
    (aspect,) = aspects_of(out, GlobalTagsClass)
    return {association.tag for association in aspect.tags}


def test_column_and_dataset_are_tagged_and_foreign_tags_stay(register: Register) -> None:
    foreign = GlobalTagsClass(tags=[TagAssociationClass(tag=tag_urn("gold"))])
    _, out = stamp(register, live("jw_lxr", column("sjh", "手机号", globalTags=foreign), column("bz", "备注")))

    (schema,) = aspects_of(out, SchemaMetadataClass)
    assert [association.tag for association in schema.fields[0].globalTags.tags] == [tag_urn("gold"), PERSONAL]
    assert schema.fields[1].globalTags is None
    assert PERSONAL in tags(out)


def test_a_table_without_personal_information_is_not_tagged(register: Register) -> None:
    _, out = stamp(register, live("jw_js", column("jsmc", "教室名称")))

    assert tags(out) == {tag_urn("sharing-shared")}


def test_a_table_only_the_systems_defaults_cover_is_shared_on_conditions(register: Register) -> None:
    stamping, out = stamp(register, live("jw_lxr", column("sjh", "手机号")))

    assert tags(out) == {tag_urn("sharing-conditional"), PERSONAL}
    (terms,) = aspects_of(out, GlossaryTermsClass)
    assert "urn:li:glossaryTerm:sharing.conditional" in {term.urn for term in terms.terms}
    assert stamping.report.notes == []


def test_the_next_table_of_the_system_keeps_its_class(register: Register) -> None:
    records = [*live("jw_lxr", column("sjh", "手机号")), *live("jw_js", column("jsmc", "教室名称"))]
    _, out = stamp(register, records)

    found = {record.entityUrn: {tag.tag for tag in record.aspect.tags}
             for record in out if isinstance(record.aspect, GlobalTagsClass)}  # fmt: skip
    assert found[urn_of("jw_js")] == {tag_urn("sharing-shared")}


@pytest.mark.parametrize("comment", ["姓名", "民族码", "政治面貌", "籍贯"])
def test_what_many_tables_hold_and_tells_nobody_apart_does_not_change_the_sharing_class(
    register: Register, comment: str
) -> None:
    _, out = stamp(register, live("jw_js", column("c1", comment)))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}


@pytest.mark.parametrize("comment", ["出生日期", "微信号", "健康状况", "宗教信仰", "学生照片"])
def test_the_other_kinds_do(register: Register, comment: str) -> None:
    _, out = stamp(register, live("jw_js", column("c1", comment)))

    assert tags(out) == {tag_urn("sharing-conditional"), PERSONAL}


def test_an_offices_number_leaves_a_table_as_it_is(register: Register) -> None:
    _, out = stamp(register, live("jw_bm", column("lxdh", "办公电话"), column("sfgk", "手机号是否公开")))

    assert tags(out) == {tag_urn("sharing-shared")}


def test_a_rule_is_nearer_than_the_default_for_personal_information(register: Register) -> None:
    _, out = stamp(register, live("pub_txl", column("sjh", "手机号")))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}


def test_a_stricter_class_of_the_system_is_never_loosened(home: Path) -> None:
    path = write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    replace(path, "{class: 共享, scope: 校内各单位, purpose: 教学运行}", "{class: 不予共享, basis: 涉及个人隐私}")
    _, out = stamp(load_content(home), live("jw_lxr", column("sjh", "手机号")))

    assert tags(out) == {tag_urn("sharing-not-shared"), PERSONAL}


def test_a_declared_table_shared_by_default_is_reported(register: Register) -> None:
    stamping, out = stamp(register, live("jw_kc", column("sjh", "手机号")))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}
    assert [note for note in stamping.report.notes if "jw_kc" in note and "sharing class" in note]


def test_a_declared_table_shared_more_widely_than_its_columns_allow_is_named(register: Register) -> None:
    stamping, _ = stamp(register, [*live("jw_kc", column("sjh", "手机号")), *live("pub_txl", column("sjh", "手机号"))])

    assert stamping.report.wider == ["jwxt.public.jw_kc"]


def test_a_declared_table_that_states_its_class_or_holds_names_only_is_not(home: Path) -> None:
    path = write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    stated = "name: 课程信息\n    sharing: {class: 共享, scope: 校内各单位, purpose: 选课}"
    replace(path, "name: 课程信息", stated)
    stamping, _ = stamp(load_content(home), live("jw_kc", column("sjh", "手机号")))
    assert stamping.report.wider == []
    replace(path, stated, "name: 课程信息")
    stamping, _ = stamp(load_content(home), live("jw_kc", column("xm", "姓名")))
    assert stamping.report.wider == []


def test_the_datasets_tag_says_which_columns_it_is_for_and_what_told(register: Register) -> None:
    _, out = stamp(register, live("jw_lxr", column("xm", "姓名"), column("sjh", "联系电话"), column("dob")))

    (aspect,) = aspects_of(out, GlobalTagsClass)
    (ours,) = (association for association in aspect.tags if association.tag == PERSONAL)
    assert (
        ours.attribution.sourceDetail["columns"]
        == "sjh（手机号，见「联系电话」）、dob（出生日期，见「dob」）、xm（姓名，见「姓名」）"
    )


def test_of_many_columns_the_tag_names_some_and_says_how_many_there_are(register: Register) -> None:
    _, out = stamp(register, live("jw_lxr", *(column(f"c{number}", "手机号") for number in range(20))))

    (aspect,) = aspects_of(out, GlobalTagsClass)
    (ours,) = (association for association in aspect.tags if association.tag == PERSONAL)
    said = ours.attribution.sourceDetail["columns"]
    assert said.startswith("c0（手机号") and said.endswith(" 等 20 个字段") and "c19" not in said


@pytest.mark.parametrize("comment", ["登录密码", "访问令牌", "数据库连接串"])
@pytest.mark.parametrize("class_", ["共享", "有条件共享"])
def test_credentials_are_not_shared_whatever_else_the_table_holds(home: Path, comment: str, class_: str) -> None:
    path = write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    said = "{class: 共享, scope: 校内各单位, purpose: 教学运行}"
    replace(path, said, f"{{class: {class_}, scope: 校内各单位, purpose: 教学运行, basis: 校内规定}}")
    _, out = stamp(load_content(home), live("jw_yh", column("sjh", "手机号"), column("c1", comment)))

    assert tags(out) == {tag_urn("sharing-not-shared"), PERSONAL}


def test_credentials_do_not_undo_what_a_rule_says(register: Register) -> None:
    _, out = stamp(register, live("pub_yh", column("mm", "密码")))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}


def test_a_kind_without_a_class_of_its_own_follows_that_of_the_file(home: Path) -> None:
    write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    text = (home / "glossary" / "personal.yml").read_text(encoding="utf-8")
    own = text[text.index("    sharing:\n") : text.index("  - id: identity-number")]
    replace(home / "glossary" / "personal.yml", own, "")
    _, out = stamp(load_content(home), live("jw_yh", column("mm", "密码")))

    assert tags(out) == {tag_urn("sharing-conditional"), PERSONAL}


def test_without_what_a_kinds_own_class_requires_nothing_is_made_up(home: Path) -> None:
    write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    path = home / "glossary" / "personal.yml"
    (basis,) = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("      basis:")]
    replace(path, f"{basis}\n", "")
    stamping, out = stamp(load_content(home), live("jw_yh", column("mm", "密码")))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}
    assert len(stamping.report.notes) == 1


def test_without_what_the_class_requires_it_is_tagged_and_reported(home: Path) -> None:
    write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    path = home / "glossary" / "personal.yml"
    (basis,) = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("  basis:")]
    replace(path, f"{basis}\n", "")
    stamping, out = stamp(load_content(home), live("jw_lxr", column("sjh", "手机号")))

    assert tags(out) == {tag_urn("sharing-shared"), PERSONAL}
    assert len(stamping.report.notes) == 1


def test_an_undeclared_table_is_tagged_too(home: Path) -> None:
    path = write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    replace(path, "connected: true", "connected: true\ncovers: [jw_*]")
    stamping, out = stamp(load_content(home), live("tmp", column("sjh", "手机号")))

    assert stamping.report.undeclared == ["jwxt.public.tmp"] and stamping.report.stamped == 0
    assert tags(out) == {PERSONAL}


def test_on_a_server_the_found_tag_is_patched_in_under_its_own_mark(register: Register) -> None:
    _, out = stamp(register, live("jw_kc", column("sjh", "手机号")), patching=True)

    patches = [record.aspect.value.decode() for record in out if getattr(record, "aspectName", "") == "globalTags"]
    assert len(patches) == 2
    assert [text for text in patches if FOUND_SOURCE in text and PERSONAL in text]
    assert [text for text in patches if FOUND_SOURCE not in text and PERSONAL not in text]


def test_a_declared_column_is_tagged_by_its_description(home: Path) -> None:
    write(
        home / "ingestion_recipes" / "systems" / "paper.yml",
        """
        id: paper
        name: 登记簿
        platform: paper-archive
        subset: 教育资源管理子集
        unit: 教务处
        persons: [教务处数据管理员]
        sharing: {class: 不予共享, basis: 涉及个人隐私}
        datasets:
          - table: visitors
            name: 来访登记
            fields:
              - {name: a, description: 手机号}
              - {name: b, description: 事由}
        """,
    )
    from campus_catalog.aspects.dataset import declared_aspects

    (entry,) = load_content(home).systems["paper"].datasets
    (schema,) = (aspect for aspect in declared_aspects(entry) if isinstance(aspect, SchemaMetadataClass))
    assert [bool(field.globalTags) for field in schema.fields] == [True, False]


def test_values_of_personal_columns_never_get_through(register: Register) -> None:
    records = [
        *live("jw_lxr", column("jtzz", "住址"), column("bz", "备注")),
        profile("jw_lxr", "jtzz", "bz", value="九号"),
    ]
    _, out = stamp(register, records)

    (found,) = aspects_of(out, DatasetProfileClass)
    personal, other = found.fieldProfiles
    assert "九号" not in str(personal)
    assert (personal.uniqueCount, personal.nullCount) == (1, 0)
    assert other.sampleValues == ["九号"]
    assert found.rowCount == 1


def test_a_profile_before_its_schema_is_stripped_all_the_same(register: Register) -> None:
    records = [profile("jw_lxr", "sjh"), *live("jw_lxr", column("sjh", "手机号"))]
    _, out = stamp(register, records)

    assert aspects_of(out, DatasetProfileClass)
    assert PLANTED not in str(aspects_of(out, DatasetProfileClass))


def test_without_the_schema_no_value_gets_through(register: Register) -> None:
    _, out = stamp(register, [profile("jw_lxr", "bz")])
    _, more = stamp(register, [*live("jw_js", column("jsmc")), profile("jw_js", "unseen")])

    for records in (out, more):
        assert len(aspects_of(records, DatasetProfileClass)) == 1
        assert PLANTED not in str(aspects_of(records, DatasetProfileClass))


def test_a_profile_that_cannot_be_looked_into_is_dropped(register: Register) -> None:
    _, out = stamp(register, [*live("jw_js", column("jsmc")), profile("jw_js", "jsmc").make_mcp()])

    assert "datasetProfile" not in {record.aspectName for record in out}


def test_content_without_personal_yml_is_valid_and_lets_no_value_through(home: Path) -> None:
    (home / "glossary" / "personal.yml").unlink()
    write(home / "ingestion_recipes" / "systems" / "jwxt.yml", SYSTEM)
    _, out = stamp(load_content(home), [*live("jw_js", column("sjh", "手机号")), profile("jw_js", "sjh")])

    assert tags(out) == {tag_urn("sharing-shared")}
    assert PLANTED not in str(aspects_of(out, DatasetProfileClass))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("tag: personal-information\n", "tag: personal\n", "unknown-tag"),
        ("  class: 有条件共享\n", "  class: 有条件\n", "unknown-sharing"),
        ("  instead_of: [公开, 共享]\n", "  instead_of: [公开, 分享]\n", "unknown-sharing"),
        ("      class: 不予共享\n", "      class: 不共\n", "unknown-sharing"),
        ("      instead_of: [公开, 共享, 有条件共享]\n", "      instead_of: [公开, 分享]\n", "unknown-sharing"),
        ("      basis: 密码", "      bases: 密码", "unknown-key"),
        ("  - id: phone\n", "  - id: email\n", "duplicate-id"),
        ("    restricts: false                    # 姓名", "    restrict: false  # 姓名", "unknown-key"),
        ("  flags: [是否", "  flag: [是否", "unknown-key"),
    ],
)
def test_faults_of_personal_yml_are_told_with_their_line(home: Path, old: str, new: str, code: str) -> None:
    path = replace(home / "glossary" / "personal.yml", old, new)
    _, _, problems = check_content(home)

    assert [(problem.file, problem.code) for problem in problems] == [("glossary/personal.yml", code)]
    assert 0 < problems[0].line <= len(path.read_text(encoding="utf-8").splitlines())


def test_the_other_schools_content_needs_no_personal_yml(tmp_path: Path) -> None:
    home = new_home(tmp_path / "other", Path(__file__).resolve().parents[1] / "other_school")
    assert not (home / "glossary" / "personal.yml").exists()
    done = campus("validate", home=home)
    assert done.returncode == 0, done.stdout
