"""Content of another version is called that, once and by everything that reads it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from datahub.configuration.common import ConfigurationError

from campus_catalog import __version__
from campus_catalog.migration.run import STEPS
from campus_catalog.regulation.version import CONTENT_VERSION
from campus_catalog.sources.register import CampusRegisterSource
from campus_catalog.sources.system import CampusSystemSource
from campus_catalog.sources.taxonomy import CampusTaxonomySource
from campus_catalog.sources.transformer import CampusStampTransformer
from tests.support.content import OTHER_SCHOOL, ROOT, campus, context, replace, write

OLD = "[old-content] 内容是第 1 版，现在需要第 2 版，请运行 campus-catalog migrate"
NEWER = "[newer-content] 内容是第 3 版，本程序只能读到第 2 版，请升级 campus-catalog"
READERS = [
    ["validate"],
    ["ingest", "register"],
    ["plan"],
    ["apply", "--yes"],
    ["access", "who", "课程信息", "VIEW_ENTITY_PAGE"],
    ["access", "matrix"],
    ["schedule", "list"],
    ["schedule", "run"],
    ["schedule", "once", "night"],
]


def of_version(home: Path, line: str) -> Path:
    """Make the content of another version by the line that states it."""
    school = home / "glossary" / "school.yml"
    school.write_text(re.sub("content_version: .*\n", line, school.read_text(encoding="utf-8")), encoding="utf-8")
    # faults that another version may well explain
    write(home / "ingestion_recipes" / "systems" / "demo.yml", "id: demo\nnew_key: 1\n")
    write(home / "ingestion_recipes" / "demo.yml", "deployment: {name: x}\nsource: {type: nonsense}\n")
    replace(home / "glossary" / "tags.yml", "tags:\n", "labels:\n")
    return home


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
@pytest.mark.parametrize(("line", "says"), [("", OLD), ("content_version: 1\n", OLD), ("content_version: 3\n", NEWER)])
def test_every_command_that_reads_content_says_the_version_and_nothing_else(
    home: Path, line: str, says: str, arguments: list[str]
) -> None:
    done = campus(*arguments, home=of_version(home, line))
    assert (done.returncode, (done.stdout + done.stderr).splitlines()) == (
        1,
        [f"glossary/school.yml:2: {says}", "1 problem(s)"],
    )


@pytest.mark.parametrize(
    ("plugin", "config"),
    [
        (CampusTaxonomySource, {}),
        (CampusRegisterSource, {}),
        (CampusSystemSource, {"system": "demo", "source": {"type": "file", "config": {"path": "x.json"}}}),
        (CampusStampTransformer, {"system": "demo"}),
    ],
)
@pytest.mark.parametrize(("line", "says"), [("", OLD), ("content_version: 3\n", NEWER)])
def test_every_plugin_says_the_same(home: Path, line: str, says: str, plugin: type, config: dict[str, object]) -> None:
    of_version(home, line)
    with pytest.raises(ConfigurationError) as caught:
        plugin.create({"home": str(home), **config}, context())  # type: ignore[attr-defined]
    assert str(caught.value).splitlines()[1:] == [f"glossary/school.yml:2: {says}"]


@pytest.mark.parametrize("value", ["0", "-1", "two", "'2'", "2.0", "true", "null", "[2]"])
def test_a_value_that_is_no_version_is_invalid(home: Path, value: str) -> None:
    replace(home / "glossary" / "school.yml", "content_version: 2 ", f"content_version: {value} ")
    done = campus("validate", home=home)
    assert done.stdout.splitlines()[0].startswith("glossary/school.yml:2: [invalid] 「content_version」")


@pytest.mark.parametrize("home", [ROOT, OTHER_SCHOOL], ids=["ours", "theirs"])
def test_the_content_we_ship_states_the_version(home: Path) -> None:
    school = yaml.safe_load((home / "glossary" / "school.yml").read_text(encoding="utf-8"))
    assert school["content_version"] == CONTENT_VERSION


def test_schema_and_steps_lead_to_the_same_version() -> None:
    schema = json.loads((ROOT / "docs/reference/schemas/school.schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["content_version"]["const"] == CONTENT_VERSION
    assert "content_version" in schema["required"]
    assert [step.from_version for step in STEPS] == list(range(1, CONTENT_VERSION))


def test_the_changelog_names_the_package_version_with_the_content_version() -> None:
    calls = [node for node in ast.walk(ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")))
             if isinstance(node, ast.keyword) and node.arg == "version"]  # fmt: skip
    (version,) = [ast.literal_eval(node.value) for node in calls]
    assert version == __version__
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## \[(.+?)\].*\n((?:(?!## ).*\n)*)", text, re.MULTILINE))
    assert f"`content_version` {CONTENT_VERSION};" in sections[version]
