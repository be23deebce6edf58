"""``campus-catalog show``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.named import only
from campus_catalog.cli.output import Rows, format_option, print_json

if TYPE_CHECKING:
    from campus_catalog.catalog.describe import Card, Value

_ORIGINS = {
    "stated": "数据集自述",
    "system": "继承自系统",
    "default": "默认（以共享为原则）",
    "catalog": "目录中添加",
    "found": "按列名识别",
}


@click.command("show")
@click.argument("name")
@format_option
@click.pass_obj
def command(settings: Settings, name: str, format_: str) -> None:
    """Show one entity by NAME: its Chinese name, its physical name or the end of it, or its urn.

    Beside each value stands where it comes from: stated for the dataset, by a rule, inherited from the system, or added
    in the catalog. Exits with 1 when there is none of that name, or several.
    """
    from campus_catalog.catalog.describe import describe
    from campus_catalog.catalog.read import open_snapshot

    snapshot = open_snapshot(settings.target, name)
    urn = only(snapshot.find(name), name, f"nothing named '{name}' in {settings.target}", snapshot)
    card = describe(snapshot, urn)
    if format_ == "json":
        print_json(asdict(card))
    else:
        _print(card)


def _origin(value: Value) -> str:
    if value.origin is None:
        return value.text
    label = _ORIGINS.get(value.origin) or f"按规则 {value.origin.removeprefix('rule:')}"
    return f"{value.text}（{label}）"


def _print(card: Card) -> None:
    rows = Rows("项目", "内容", title=f"{card.name}  {card.type}", sentences=("内容",))
    facts = [
        ("物理名称", card.physical if card.physical != card.name else None),
        ("说明", card.description),
        ("数据子集", "、".join(card.subset)),
        ("信息系统", "、".join(card.system)),
        *((type_, "、".join(_origin(owner) for owner in owners)) for type_, owners in card.owners.items()),
        ("标签", "、".join(_origin(tag) for tag in card.tags)),
        ("个人信息字段", card.personal),
        ("保密审查", card.reviewed and f"经审查不涉密（{card.reviewed}）"),
        ("术语", "、".join(_origin(term) for term in card.terms)),
        *((name, _origin(value)) for name, value in card.properties.items()),
        ("数据集", "、".join(card.holds) if card.holds else None),
        ("urn", card.urn),
    ]
    for label, text in facts:
        if text:
            rows.add(label, text)
    rows.print()
    if card.fields:
        columns = Rows("字段", "类型", "主键", "说明", sentences=("说明",), spare=("主键", "类型"))
        for column in card.fields:
            columns.add(column["name"], column["type"], "是" if column["key"] else "", column["description"])
        columns.print()
