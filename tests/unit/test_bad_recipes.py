"""What bad recipes and wrong usage get."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.content import FAULT, campus, fault_line, write

SYSTEM = """\
id: demo
name: 示例系统
platform: postgres
database: demo
schema: public
connected: true
subset: 公共管理子集
unit: 党政办公室
persons: [党政办公室数据管理员]
sharing: {scope: 校内各单位, purpose: 查询}
"""
RECIPE = """\
pipeline_name: demo
source:
  type: campus-system
  config:
    system: demo
    source:
      type: postgres
      config:
        host_port: ${DEMO_HOST_PORT}
        username: ${DEMO_USER}
        password: ${DEMO_PASSWORD}
"""
#: name -> (place in the sound recipe, what stands there instead, code, part of the message)
CASES = {
    "unknown source": (
        "type: campus-system",
        f"type: campus-systm {FAULT}",
        "unknown-source",
        "是否应为「campus-system」",
    ),
    "unknown inner source": ("type: postgres", f"type: postgress {FAULT}", "unknown-source", "是否应为「postgres」"),
    "no inner source": (RECIPE[RECIPE.index("    source:\n") :], "", "recipe", "source.type"),
    "literal password": ("${DEMO_PASSWORD}", f"hunter2 {FAULT}", "secret", "不得写明文"),
    "numeric password": ("${DEMO_PASSWORD}", f"123456 {FAULT}", "secret", "不得写明文"),
    "password inside a uri": (
        "password: ${DEMO_PASSWORD}",
        f"sqlalchemy_uri: postgresql://reader:hunter2@db/demo {FAULT}",
        "secret",
        "不得写明文",
    ),
    "token inside an address": (
        "    system: demo",
        f"    home: git+https://t0ken@git.example.edu/content.git {FAULT}\n    system: demo",
        "secret",
        "不得写明文",
    ),
    "unknown system": (
        "system: demo",
        f"system: dem {FAULT}",
        "unknown-system",
        "「dem」未在 systems/ 中登记，是否应为「demo」",
    ),
    "another platform": (
        "type: postgres",
        f"type: mysql {FAULT}",
        "identity",
        "登记的平台是「postgres」，采集源却是「mysql」",
    ),
    "another instance": (
        "        username",
        f"        platform_instance: north {FAULT}\n        username",
        "identity",
        "「north」",
    ),
    "another environment": ("        username", f"        env: DEV {FAULT}\n        username", "identity", "「PROD」"),
    "a deployment block": (
        "pipeline_name: demo",
        f"pipeline_name: demo\ndeployment: {{schedule: x}} {FAULT}",
        "recipe",
        "deployment",
    ),
    "an unknown key": (
        "pipeline_name: demo",
        f"pipelinename: demo {FAULT}",
        "unknown-key",
        "是否应为「pipeline_name」",
    ),
}


@pytest.fixture
def system(home: Path) -> Path:
    return write(home / "ingestion_recipes" / "systems" / "demo.yml", SYSTEM)


def recipe(home: Path, text: str) -> Path:
    return write(home / "ingestion_recipes" / "demo.yml", text)


@pytest.mark.parametrize("name", CASES)
def test_a_recipe_that_cannot_work_is_refused_before_anything_runs(home: Path, system: Path, name: str) -> None:
    old, new, code, says = CASES[name]
    assert RECIPE.count(old) == 1
    path = recipe(home, RECIPE.replace(old, new))
    line = fault_line(path) if FAULT in new else 4
    validated, ingested = campus("validate", home=home), campus("ingest", "demo", home=home)
    message, count = validated.stdout.splitlines()
    assert message.startswith(f"ingestion_recipes/demo.yml:{line}: [{code}] ") and says in message
    assert ingested.stderr.splitlines() == [message, count]
    assert (validated.returncode, ingested.returncode) == (1, 1)
    assert not (home / ".catalog").exists()
    assert "hunter2" not in validated.stdout + ingested.stderr


def test_a_sound_recipe_is_no_fault(home: Path, system: Path) -> None:
    recipe(home, RECIPE)
    done = campus("validate", home=home)
    assert done.returncode == 0, done.stdout


def test_a_recipe_for_a_system_that_is_not_connected_is_refused(home: Path, system: Path) -> None:
    system.write_text(SYSTEM.replace("connected: true\n", ""), encoding="utf-8")
    recipe(home, RECIPE)
    message = campus("validate", home=home).stdout.splitlines()[0]
    assert message.startswith("ingestion_recipes/demo.yml:5: [not-connected] ")
    assert "demo.yml 中写明 connected: true" in message


@pytest.mark.parametrize("text", ["", "[]\n", "source: postgres\n", "pipeline_name: x\n", "source: {config: {}}\n"])
def test_a_file_that_is_no_recipe_is_refused(home: Path, text: str) -> None:
    recipe(home, text)
    done = campus("validate", home=home)
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.startswith("ingestion_recipes/demo.yml:1: [")


def test_a_variable_that_is_not_set_fails_that_recipe_by_name_and_writes_nothing_of_it(
    home: Path, system: Path
) -> None:
    recipe(home, RECIPE)
    done = campus("ingest", "demo", home=home, DEMO_HOST_PORT="127.0.0.1:1", DEMO_USER="u")
    assert done.returncode == 1
    assert "environment variable DEMO_PASSWORD is not set" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "target", "says"),
    [
        (["ingest"], "nonsense", "none of lite:PATH, file:PATH.json, http(s)://HOST[:PORT]"),
        (["ingest"], "file:catalog.db", "file:PATH.json"),
        (["ingest"], "lite:", "lite:PATH"),
        (["ingest"], "http://", "has no host"),
        (["search", "x"], "ftp://host", "none of"),
        (["ingest", "registr"], None, "no recipe named registr; known: taxonomy, register"),
        (["ingst"], None, "No such command 'ingst'. Did you mean 'ingest'?"),
        (["search"], None, "Missing argument"),
        (["search", "x", "--format", "xml"], None, "xml"),
        (["validate", "--loud"], None, "--loud"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(
    home: Path, arguments: list[str], target: str | None, says: str
) -> None:
    done = campus(*arguments, home=home, target=target)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_home_that_is_no_folder_is_wrong_usage(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "home"
    if kind == "file":
        home.write_text("")
    done = campus("validate", home=home)
    assert done.returncode == 2
    assert str(home) in done.stderr and "Traceback" not in done.stderr
