"""Declared personal information: the register's own columns decide tag and sharing class."""

from __future__ import annotations

from pathlib import Path

from datahub.metadata.schema_classes import GlobalTagsClass

from campus_catalog.aspects.register import register_aspects
from campus_catalog.register.loader import load_content
from tests.support.content import replace, write

SYSTEM = """
    id: paper
    name: 登记簿
    platform: paper-archive
    subset: 教育资源管理子集
    unit: 教务处
    persons: [教务处数据管理员]
    sharing: {class: 共享, scope: 校内各单位, purpose: 登记}
    datasets:
      - table: visitors
        name: 来访登记
        fields:
          - {name: a, description: 手机号}
      - table: rooms
        name: 教室
        fields:
          - {name: b, description: 教室名称}
      - table: duty
        name: 值班电话
        sharing: {class: 共享, scope: 校内各单位, purpose: 值班联系}
        fields:
          - {name: c, description: 手机号}
"""


def tags(home: Path) -> dict[str, list[str]]:
    found = {}
    for item in register_aspects(load_content(home).systems["paper"]):
        if item.urn.startswith("urn:li:dataset:") and isinstance(item.aspect, GlobalTagsClass):
            found[item.urn.split(",")[1]] = [tag.tag.rsplit(":", 1)[1] for tag in item.aspect.tags]
    return found


def test_a_declared_dataset_is_tagged_and_shared_on_conditions_unless_it_states_its_class(home: Path) -> None:
    write(home / "ingestion_recipes" / "systems" / "paper.yml", SYSTEM)

    assert tags(home) == {
        "visitors": ["sharing-conditional", "personal-information"],
        "rooms": ["sharing-shared"],
        "duty": ["sharing-shared", "personal-information"],
    }


def test_of_a_connected_system_the_live_source_writes_the_tag(home: Path) -> None:
    path = write(home / "ingestion_recipes" / "systems" / "paper.yml", SYSTEM)
    replace(path, "name: 登记簿\n", "name: 登记簿\nconnected: true\n")

    assert tags(home)["visitors"] == ["sharing-conditional"]
