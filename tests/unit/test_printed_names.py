"""Every command prints names and comments as text, whatever stands in them."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from campus_catalog.cli.matrix import _cell
from campus_catalog.cli.output import LogFormatter, Rows
from campus_catalog.content.printable import printable
from tests.support.content import ROOT, campus, new_home, replace, write
from tests.support.scheduling import schedule
from tests.support.terminal import on_terminal

#: rich's markup and emoji codes, a terminal's title and colours, bidi overrides, an end of line, half of a pair
HOSTILE = "[/x][red]:cd:\x1b]0;owned\x07\x1b[31m\u202e\u2066\r\n\x9b2J\u2028\ufeff"
SHOWN = printable(HOSTILE)
CLI = ROOT / "custom_sources" / "campus_catalog" / "cli"


def test_what_cannot_be_seen_is_written_as_python_writes_it() -> None:
    assert SHOWN == r"[/x][red]:cd:\x1b]0;owned\x07\x1b[31m\u202e\u2066\r\n\x9b2J\u2028\ufeff"
    assert printable("\ud800\U000e0041") == r"\ud800\U000e0041"
    for text in ("学籍　信息", "𠮷·ཨ 1é", "e\u0301", ""):
        assert printable(text) == text
    assert printable("a\r\nb\tc", keep="\n") == "a\\r\nb\\tc"


def test_no_command_prints_past_the_one_place() -> None:
    """What is printed otherwise is not made printable: only ``output`` and ``main`` may."""
    found = []
    for path in sorted(CLI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or path.stem in ("output", "main"):
                continue
            called = ast.unparse(node.func)
            texts = [ast.unparse(argument) for argument in node.args]
            if called in ("print", "click.secho") or (called == "click.echo" and "encode" not in "".join(texts)):
                found.append(f"{path.name}:{node.lineno} {called}")
            if called == "Console" and not any(keyword.arg == "stderr" for keyword in node.keywords):
                found.append(f"{path.name}:{node.lineno} {called}")
    assert found == []


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose register, recipes and live system have such names, and its catalog ``c.json``."""
    home = new_home(tmp_path_factory.mktemp("hostile"))
    shutil.copytree(ROOT / "policies", home / "policies")
    live = home / "live.db"
    with sqlite3.connect(live) as connection:
        connection.execute(f'CREATE TABLE "t{HOSTILE}" ("c{HOSTILE}" TEXT)')
    connection.close()
    common: dict[str, Any] = {
        "unit": "学工处", "subset": "学生管理子集", "persons": ["学工处数据管理员"], "kind": "业务数据",
        "sharing": {"class": "共享", "scope": "校内各单位", "purpose": "教育管理"},
    }  # fmt: skip
    systems: list[dict[str, Any]] = [
        {"id": "paper", "name": "纸本" + HOSTILE, "platform": "excel", "datasets": [
            {"table": "data/[grades.xlsx]" + HOSTILE, "name": "成绩" + HOSTILE, "description": "说明" + HOSTILE,
             "fields": [{"name": "f" + HOSTILE, "type": "text", "description": "列" + HOSTILE}]}]},
        {"id": "live", "name": "实况", "platform": "sqlite", "schema": "main", "connected": True, "covers": ["none_*"]},
    ]  # fmt: skip
    for one in systems:
        text = yaml.safe_dump({**common, **one}, allow_unicode=True)
        write(home / "ingestion_recipes" / "systems" / f"{one['id']}.yml", text)
    source = {"type": "sqlalchemy", "config": {"platform": "sqlite", "connect_uri": f"sqlite:///{live}"}}
    recipe = {
        "pipeline_name": "live",
        "source": {"type": "campus-system", "config": {"system": "live", "source": source}},
    }
    write(home / "ingestion_recipes" / "live.yml", yaml.safe_dump(recipe))
    done = campus("ingest", "taxonomy", "register", home=home, target=f"file:{home}/c.json")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def lines_of(home: Path, *arguments: str) -> list[str]:
    """What a command prints, looked through for anything a terminal would obey."""
    done = campus(*arguments, home=home, target=f"file:{home}/c.json")
    text = done.stdout.removeprefix("\ufeff").replace("\r\n", "\n") + done.stderr  # as Excel has its files
    assert "Internal error" not in text and "Traceback" not in text
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    return text.split("\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "成绩"),
        ("show", "成绩" + HOSTILE),
        ("show", "说明"),  # suggests it
        ("show", "没有" + HOSTILE),
        ("access", "who", "成绩" + HOSTILE),
        ("access", "can", "学工处", "成绩" + HOSTILE, "read"),
        ("access", "can", "没有" + HOSTILE, "成绩" + HOSTILE, "read"),
        ("access", "matrix"),
        ("access", "matrix", "--format", "csv"),
        ("access", "diff", "--from", "catalog"),
        ("ingest", "live", "--strict"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]).encode("unicode_escape").decode()[:30],
)
def test_a_command_prints_names_as_text(school: Path, arguments: tuple[str, ...]) -> None:
    text = "".join(lines_of(school, *arguments))
    if arguments not in (("access", "matrix"), ("access", "diff", "--from", "catalog")):  # folded; without a difference
        assert SHOWN in text


@pytest.mark.parametrize("name", ["search 成绩", "show 成绩" + HOSTILE])
def test_json_can_be_read_back_and_is_printable(school: Path, name: str) -> None:
    command, _, word = name.partition(" ")
    lines = lines_of(school, command, word, "--format", "json")
    found = json.loads("\n".join(lines))
    assert (found[0] if command == "search" else found)["name"] == "成绩" + HOSTILE


def test_plan_and_apply_print_what_the_catalog_has(school: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(school, home)
    lines_of(home, "apply", "--yes")
    records = (home / "c.json").read_text(encoding="utf-8")
    stolen = json.dumps("说明" + HOSTILE, ensure_ascii=False)[1:-1], json.dumps("别的" + HOSTILE)[1:-1]
    changed = records.replace(*stolen)
    if changed == records:
        changed = records.replace(json.dumps("说明" + HOSTILE)[1:-1], stolen[1])
    assert changed != records
    (home / "c.json").write_text(changed, encoding="utf-8")
    for command in (["plan"], ["apply", "--yes"]):
        assert any(SHOWN in line and line.startswith("    ") for line in lines_of(home, *command))


def test_a_name_is_no_formula_of_a_spreadsheet() -> None:
    assert [_cell(name) for name in ("=1+1", "@x", "-1", "a=b")] == ["'=1+1", "'@x", "'-1", "a=b"]


def test_problems_of_content_stay_on_their_line(home: Path) -> None:
    path = write(
        home / "ingestion_recipes" / "systems" / "x.yml",
        yaml.safe_dump({"id": "x", "name": "x", "platform": "excel", "unit": "学" + HOSTILE}),
    )
    assert any(f"没有名为「学{SHOWN}」的单位" in line for line in lines_of(home, "validate"))
    path.rename(path.with_name(f"x{HOSTILE.replace('/', '')}.yml"))
    assert any(SHOWN.replace("/", "") in line for line in lines_of(home, "validate"))


def test_doctor_names_recipes_as_text(home: Path) -> None:
    name = f"r{HOSTILE.replace('/', '')}"
    write(home / "ingestion_recipes" / f"{name}.yml", "source: {type: file, config: {path: '${NO_SUCH_PLACE}'}}\n")
    assert printable(name) in "".join(lines_of(home, "doctor"))


def test_a_migration_prints_lines_as_text(home: Path) -> None:
    replace(home / "glossary" / "school.yml", "content_version: 2 ", "content_version: 1 # \u202e ")
    assert r"-content_version: 1 # \u202e" in "".join(lines_of(home, "migrate", "--dry-run"))


def test_a_run_on_the_schedule_tells_reasons_as_text(school: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(school, home)
    schedule(home, {"id": "live", "command": "ingest --strict live"})
    lines = lines_of(home, "schedule", "once", "live")
    assert any(SHOWN in line for line in lines)
    assert any(SHOWN in line for line in lines_of(home, "schedule", "status"))
    lines_of(home, "schedule", "list")
    (log,) = (home / ".catalog" / "runs" / "live").glob("*.log")
    assert [line for line in log.read_text(encoding="utf-8").split("\n") if not line.isprintable()] == []
    report = json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))
    assert SHOWN in report["reason"]  # which is what the webhook is told


def test_the_log_of_a_run_holds_names_as_text(school: Path) -> None:
    lines_of(school, "ingest", "live")
    log = (school / ".catalog" / "logs" / "ingest.log").read_text(encoding="utf-8")
    assert log and [line for line in log.split("\n") if not line.replace("\t", "").isprintable()] == []


def test_no_line_of_a_name_looks_like_a_record_of_the_log() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "table %s", ("a\n2026-01-01 ERROR forged\x1b[0m",), None)
    first, second = LogFormatter("%(levelname)s %(message)s").format(record).split("\n")
    assert (first, second) == ("INFO table a", "    2026-01-01 ERROR forged\\x1b[0m")


def test_on_a_terminal_nothing_of_a_name_is_obeyed(school: Path) -> None:
    """Colours are rich's own; the title of the window, and where the cursor is, are nobody's."""
    program = str(Path(sys.executable).with_name("campus-catalog"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CAMPUS_")}
    place = ["--home", str(school), "--target", f"file:{school}/c.json"]
    code, text = on_terminal([program, *place, "show", "成绩" + HOSTILE], clean)
    assert code == 0
    assert "\x1b]" not in text and "\x9b" not in text and "\u202e" not in text and "\x07" not in text
    assert ":cd:" in text and "[/x]" in text


def test_a_narrow_terminal_leaves_columns_out_and_breaks_no_word() -> None:
    rows = Rows("name", "kind", "text", "place", sentences=("text",), spare=("kind", "place"))
    rows.add("a-name", "a-kind", "a sentence that may well be broken into some lines", "a.place.that.is.long")
    for width, columns in ((67, "name kind text place"), (66, "name text place"), (57, "name text")):
        table = rows.fitted(width)
        assert [column.header for column in table.columns] == columns.split()
        printed = io.StringIO()
        Console(file=printed, width=width).print(table)
        assert max(map(len, printed.getvalue().splitlines())) <= width
        assert ("a.place.that.is.long" in printed.getvalue()) == ("place" in columns)
