"""Content and databases of a given size for the benchmarks."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
UNIT, PERSON, SUBSET, ITEM = "教务处", "教务处数据管理员", "教育资源管理子集", "课程安排"


def register(home: Path, datasets: int, fields: int, per_file: int = 500) -> None:
    """A home whose register declares so many datasets, in files of ``per_file``."""
    shutil.copytree(ROOT / "glossary", home / "glossary", dirs_exist_ok=True)
    folder = home / "ingestion_recipes" / "systems"
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, datasets, per_file):
        number = start // per_file
        lines = [
            f"id: s{number}\nname: 系统{number}\nplatform: oracle\ndatabase: db{number}",
            f"schema: main\nsubset: {SUBSET}",
            f"unit: {UNIT}\npersons: [{PERSON}]\nsharing: {{class: 共享, scope: 校内各单位, purpose: 教学}}",
            "kind: 业务数据\ndata_standard: JY/T 1006\nbackup: 每日全量\ndatasets:",
        ]
        for index in range(start, min(start + per_file, datasets)):
            lines.append(f"  - table: t_{index}\n    name: 数据集{index}\n    description: 第 {index} 个数据集的说明")
            lines.append(f"    items: [{ITEM}]\n    fields:")
            for column in range(fields):
                lines.append(f"      - {{name: col_{column}, type: varchar(20), description: 第 {column} 个字段}}")
        (folder / f"s{number}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def peer(folder: Path, datasets: int, fields: int, per_file: int = 500) -> None:
    """The same datasets in the YAML of ``datahub-yaml-source``."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [
        {
            "fieldPath": f"col_{column}",
            "type": "string",
            "nativeDataType": "varchar(20)",
            "description": f"第 {column} 个字段",
        }
        for column in range(fields)
    ]
    base = [
        {"kind": "DATA_PLATFORM", "name": "oracle", "displayName": "Oracle"},
        {"kind": "DOMAIN", "name": "teaching", "displayName": SUBSET},
        {"kind": "TAG", "name": "sharing-shared"},
        {"kind": "GLOSSARY_TERM", "name": "course"},
        {"kind": "GLOSSARY_TERM", "name": "shared"},
    ]
    (folder / "base.yml").write_text(yaml.safe_dump_all(base, allow_unicode=True), encoding="utf-8")
    for start in range(0, datasets, per_file):
        documents = [
            {
                "kind": "DATASET",
                "name": f"db{start // per_file}.main.t_{index}",
                "platform": "oracle",
                "displayName": f"数据集{index}",
                "description": f"第 {index} 个数据集的说明",
                "domains": "teaching",
                "owners": [{"owner": "urn:li:corpGroup:academic-affairs-office", "type": "BUSINESS_OWNER"}],
                "tags": ["sharing-shared"],
                "glossaryTerms": ["course", "shared"],
                "schema": {"fields": columns},
            }
            for index in range(start, min(start + per_file, datasets))
        ]
        text = yaml.dump_all(documents, Dumper=_NoAliases, allow_unicode=True)
        (folder / f"s{start // per_file}.yml").write_text(text, encoding="utf-8")


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def tables(count: int, columns: int) -> str:
    """SQL of a PostgreSQL database with so many commented tables."""
    out = []
    for table in range(count):
        body = ", ".join(f"c{column} varchar(20)" for column in range(columns))
        out.append(f"CREATE TABLE t_{table} (id integer PRIMARY KEY, {body});")
        out.append(f"COMMENT ON TABLE t_{table} IS '第 {table} 张表';")
        out += [f"COMMENT ON COLUMN t_{table}.c{column} IS '第 {column} 列';" for column in range(columns)]
    return "\n".join(out)


def live_system(home: Path) -> None:
    """A home whose register covers the database of ``tables`` by its defaults and one rule."""
    shutil.copytree(ROOT / "glossary", home / "glossary", dirs_exist_ok=True)
    folder = home / "ingestion_recipes" / "systems"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "live.yml").write_text(
        "id: live\nname: 系统\nplatform: postgres\ndatabase: bench\nschema: public\nconnected: true\n"
        f"subset: {SUBSET}\nunit: {UNIT}\npersons: [{PERSON}]\nkind: 业务数据\n"
        "sharing: {class: 共享, scope: 校内各单位, purpose: 教学}\n"
        "data_standard: JY/T 1006\nbackup: 每日全量\noperation_log: 180 天\n"
        f"rules:\n  - {{match: 't_1*', items: [{ITEM}]}}\n",
        encoding="utf-8",
    )
