"""The documentation says what the code does: generated pages are current, examples are valid, links lead somewhere."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from datahub.configuration.common import ConfigurationError
from datahub.ingestion.source.source_registry import source_registry
from jsonschema import Draft202012Validator

from campus_catalog.cli.main import COMMANDS, cli
from campus_catalog.content import layout
from campus_catalog.content.problems import Problem
from campus_catalog.ingest.recipes import find_recipes
from campus_catalog.register.loader import check_content
from campus_catalog.register.systems import Register
from campus_catalog.school import School
from tests.support.content import whole_home

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [*READMES, *sorted(DOCS.rglob("*.md"))]
#: the others are in DataHub's formats
CONTENT = sorted(
    path for kind in layout.KINDS if kind not in (layout.PROPERTIES, layout.TERMS, layout.RECIPES)
    for path in kind.files(ROOT)
)  # fmt: skip
CODE = ROOT / "custom_sources" / "campus_catalog"

SYSTEM, MAIL, RECIPE = (f"ingestion_recipes/{name}.yml" for name in ("systems/jwxt", "systems/mail", "jwxt"))
DOMAINS, UNITS, SHARING = (f"glossary/{name}.yml" for name in ("domains", "organization", "sharing"))
SCHOOL, ITEMS = "glossary/school.yml", "glossary/terms/items.yml"
SHIPPED, EVERYONE, OWNERS, INVOLVED, CENTER = (
    f"policies/access/{name}.yml"
    for name in ("10-datahub", "20-everyone", "30-owners", "40-involved-units", "50-information-center")
)
INVARIANTS = "policies/invariants.yml"
#: code -> file, text in it, text instead of it: what makes the problem that the pages of problems show
FAULTS: dict[str, tuple[str, str, str]] = {
    "yaml": (SYSTEM, "name: 教务管理系统\n", "name: [教务管理系统\n"),
    "duplicate-key": (SYSTEM, "name: 教务管理系统\n", "name: 教务管理系统\nname: 教务\n"),
    "too-large": (SYSTEM, "", ""),
    "unreadable": (SYSTEM, "", ""),
    "encoding": (SYSTEM, "name: 教务管理系统\n", "name: 教务系统\n"),
    "missing-file": ("glossary/tags.yml", "", ""),
    "no-content": ("glossary/school.yml", "", ""),
    "unread-file": (SYSTEM, "", ""),
    "old-content": (SCHOOL, "content_version: 2 ", "# "),
    "newer-content": (SCHOOL, "content_version: 2 ", "content_version: 3 "),
    "unknown-key": (SYSTEM, "unit: 教务处\n", "units: 教务处\n"),
    "missing": (SYSTEM, "name: 教务管理系统\n", ""),
    "invalid": (SYSTEM, "id: jwxt\n", "id: 教务\n"),
    "two-units": (SYSTEM, "unit: 教务处\n", "unit: [教务处, 学工处]\n"),
    "duplicate-id": (SYSTEM, "id: jwxt\n", "id: cwxt\n"),
    "duplicate-name": (UNITS, "aliases: [教务]", "aliases: [财务处]"),
    "duplicate-dataset": (SYSTEM, "- table: jw_kc\n", "- table: jw_zy\n"),
    "duplicate-field": (SYSTEM, "{name: zymc,", "{name: zydm,"),
    "unknown-unit": (SYSTEM, "unit: 教务处\n", "unit: 教务处室\n"),
    "unknown-person": (SYSTEM, "persons: [教务处数据管理员]\n", "persons: [教务处管理员]\n"),
    "unknown-subset": (SYSTEM, "subset: 教育资源管理子集\n", "subset: 教育资源子集\n"),
    "unknown-kind": (SYSTEM, "kind: 业务数据\n", "kind: 业务\n"),
    "unknown-item": (SYSTEM, "items: [教学计划]\n", "items: [教学计画]\n"),
    "unknown-sharing": (SYSTEM, "  class: 共享\n", "  class: 共享吧\n"),
    "unknown-platform": (MAIL, "platform: mail-system\n", "platform: mail\n"),
    "ambiguous": (ITEMS, "name: 学校概况\n", "name: 教学计划\n"),
    "unknown-node": (DOMAINS, "items_node: items.staff\n", "items_node: items.stuff\n"),
    "unknown-term": (SHARING, "term: sharing.open\n", "term: sharing.opened\n"),
    "unknown-tag": (SHARING, "tag: sharing-open\n", "tag: sharing-opened\n"),
    "default-sharing": (SHARING, "default: true\n", "default: false\n"),
    "cycle": (UNITS, "parent: null\n", "parent: 党政办公室\n"),
    "no-head": (UNITS, "head: 教务处处长\n", "head: null\n"),
    "person-outside-unit": (SYSTEM, "persons: [教务处数据管理员]\n", "persons: [学工处数据管理员]\n"),
    "missing-subset": (SYSTEM, "subset: 教育资源管理子集\n", ""),
    "missing-unit": (SYSTEM, "unit: 教务处\n", ""),
    "missing-persons": (SYSTEM, "persons: [教务处数据管理员]\n", ""),
    "missing-scope": (SYSTEM, "  scope: 校内各单位\n", ""),
    "missing-purpose": (SYSTEM, "  purpose: 教学运行与质量分析\n", ""),
    "missing-basis": (SYSTEM, "      basis: 涉及学生个人申诉，", "      # "),
    "explicit-subset": (SYSTEM, "subset: 教育资源管理子集\n", "subset: 其他数据资产\n"),
    "classified": (SYSTEM, "name: 课程信息\n", "name: 涉密课程信息\n"),
    "recipe": (RECIPE, "pipeline_name: jwxt\n", "pipeline_name: jwxt\ndeployment: {name: jwxt}\n"),
    "unknown-source": (RECIPE, "type: postgres\n", "type: postgresql\n"),
    "unknown-system": (RECIPE, "system: jwxt\n", "system: jwxtt\n"),
    "not-connected": (SYSTEM, "connected: true\n", "connected: false\n"),
    "identity": (SYSTEM, "platform: postgres\n", "platform: mysql\n"),
    "secret": (RECIPE, "password: ${CAMPUS_PG_PASSWORD}", "password: abc123"),
    "unknown-privilege": (EVERYONE, "- VIEW_ENTITY_PAGE\n", "- VIEW_ENTITY_PAGES\n"),
    "privilege-type": (EVERYONE, "- EXISTS_ENTITY\n", "- MANAGE_TAGS\n"),
    "privilege-resource": (INVOLVED, "- VIEW_DATASET_OPERATIONS\n", "- EDIT_TAG_COLOR\n"),
    "no-privileges": (
        EVERYONE,
        "privileges:\n      - VIEW_ENTITY_PAGE\n      - EXISTS_ENTITY\n      - GET_TIMELINE_PRIVILEGE\n",
        "privileges: []\n",
    ),
    "no-actors": (EVERYONE, "actors: {allUsers: true}", "actors: {}"),
    "owner-types": (OWNERS, "      resourceOwnersTypes: [责任单位, 责任人, 第一责任人]\n", ""),
    "everything-by-omission": (CENTER, "allResources: true", "allResources: false"),
    "resources-twice": (INVOLVED, "    resources:\n", "    resources:\n      allResources: true\n"),
    "platform-policy": (CENTER, "type: PLATFORM\n", "type: PLATFORM\n    resources: {allResources: true}\n"),
    "unknown-field": (INVOLVED, "field: DOMAIN,", "field: DOMAINS,"),
    "unsupported-field": (INVOLVED, "field: TYPE,", "field: RESOURCE_TYPE,"),
    "unknown-condition": (INVOLVED, "condition: NOT_EQUALS", "condition: NOT_EQUAL"),
    "unknown-type": (INVOLVED, "values: [dataset]", "values: [datasets]"),
    "no-values": (INVOLVED, "values: [dataset]", "values: []"),
    "unknown-role": (EVERYONE, "actors: {allUsers: true}", "actors: {roles: [Readers]}"),
    "unknown-owner": (INVOLVED, "{field: DOMAIN, values: [$domain]}", "{field: OWNER, values: [教务处室]}"),
    "unknown-resource": (INVOLVED, "{field: DOMAIN, values: [$domain]}", "{field: URN, values: [课程资料]}"),
    "unsuited-system": (
        INVOLVED,
        "{field: DOMAIN, values: [$domain]}",
        "{field: DATA_PLATFORM_INSTANCE, values: [教务管理系统]}",
    ),
    "unknown-ownership-type": (OWNERS, "[责任单位, 责任人,", "[负责单位, 责任人,"),
    "matches-nothing": (
        EVERYONE,
        "values: [共享方式：公开, 共享方式：共享, 共享方式：有条件共享]",
        "values: [共享方式：不予共享]",
    ),
    "constraint-field": (OWNERS, "field: URN\n", "field: TAG\n"),
    "unused-constraint": (OWNERS, "- EDIT_ENTITY_TAGS\n      - EDIT_DATASET_COL_TAGS\n", "- EDIT_ENTITY_DOCS\n"),
    "unknown-placeholder": (INVOLVED, "name: $domain的", "name: $subset的"),
    "shipped-policy": (EVERYONE, "id: everyone-sees-shared\n", "id: view-entity-page-all\n"),
    "unknown-shipped-policy": (SHIPPED, "policy: view-entity-page-all ", "policy: view-entity-page "),
    "shipped-not-editable": (SHIPPED, "policy: view-entity-page-all ", "policy: reader-metadata-policy "),
    "empty-invariant": (INVARIANTS, "only: {owners: true, units: [信息中心, 网络安全和信息化领导小组办公室]}\n", ""),
    "broken-invariant": (EVERYONE, "actors: {allUsers: true}", "actors: {allGroups: true}"),
    "open-privilege": (INVARIANTS, "EDIT_LINEAGE, ", ""),
    "way-round": (
        INVARIANTS,
        "[SEARCH_PRIVILEGE, GET_COUNTS_PRIVILEGE]",
        "[SEARCH_PRIVILEGE, GET_COUNTS_PRIVILEGE, EDIT_GROUP_MEMBERS]",
    ),
}


def ids(paths: list[Path]) -> list[str]:
    """Names of files in test ids."""
    return [path.relative_to(ROOT).as_posix() for path in paths]


def problems_of(home: Path) -> list[Problem]:
    """Everything `validate` lists."""
    return School(home, COMMANDS).problems


def test_generated_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "generate_reference"), "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


# commands


def commands(group: click.Group = cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, those of groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")


def test_every_command_and_option_is_in_the_section_of_its_command() -> None:
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^#{2,3} (.+)\n((?:(?!##).*\n)*)", text, re.MULTILINE))
    sections[""] = sections["Options of every command"]
    missing = [
        f"{name} {option}"
        for name, command in [("", cli), *commands()]
        for parameter in command.params
        for option in parameter.opts
        if option[0] == "-" and f"`{option}" not in sections.get(name, "")
    ]
    assert missing == []
    assert {name for name, _ in commands()} <= sections.keys()


@pytest.mark.parametrize("readme", READMES, ids=ids(READMES))
def test_readme_names_every_command(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`campus-catalog {name}" not in text] == []


def test_readme_names_all_22_articles_once_and_in_order() -> None:
    english = re.findall(r"^\| (\d+) \|", READMES[0].read_text(encoding="utf-8"), re.MULTILINE)
    assert english == [str(number) for number in range(1, 23)]
    labels = re.findall(r"^\| (第\S+条) \|", READMES[1].read_text(encoding="utf-8"), re.MULTILINE)
    text = yaml.safe_load((ROOT / "glossary" / "regulation.yml").read_text(encoding="utf-8"))
    assert labels == [article["label"] for chapter in text["chapters"] for article in chapter["articles"]]


@pytest.mark.parametrize("readme", READMES, ids=ids(READMES))
def test_readme_lists_the_rooms_of_the_package(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8").split("```\ncustom_sources/campus_catalog/\n")[1].split("```")[0]
    told = re.findall(r"^    (\S+?)/? ", text, re.MULTILINE)
    rooms = [path.name for path in CODE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    lowest = {"errors.py", "secrets.py", "temporary.py", "variables.py"}
    assert set(told) == set(rooms) - {"__init__.py", "__main__.py"} - lowest


# problem codes


def documented_problems() -> dict[str, str]:
    """Code -> message shown, from the pages of problems."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("problems*.md")))
    return dict(re.findall(r"^### (\S+)\n\n.+?\n```\n(.+?)\n```", text, re.MULTILINE))


def codes_in_code() -> set[str]:
    """Codes given to Problem, Problems.add, _add and _fault, and every constant spelled like one."""
    found: set[str] = set()
    rooms = ("content", "regulation", "register", "access", "ingest", "schedule", "migration")
    for path in [path for room in rooms for path in CODE.glob(f"{room}/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"^(?:unknown|duplicate|missing|default|no|not|two)-[a-z-]+$", node.value))
            elif isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                position = {"Problem": 2, "add": 2, "_add": 1, "_fault": 1}.get(called, 99)
                code = node.args[position] if len(node.args) > position else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found.add(code.value)
    return found


def test_every_problem_code_in_the_code_is_documented() -> None:
    assert codes_in_code() - documented_problems().keys() == set()


def test_every_documented_problem_is_shown_to_occur() -> None:
    assert documented_problems().keys() == FAULTS.keys()


@pytest.mark.parametrize("code", FAULTS)
def test_fault_gives_the_problem_the_documentation_shows(code: str, tmp_path: Path) -> None:
    whole_home(tmp_path)
    name, before, after = FAULTS[code]
    path = tmp_path / name
    if before:
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="gbk" if code == "encoding" else "utf-8")
    else:
        path.unlink()
        if code == "unreadable":
            path.mkdir()
        elif code == "no-content":
            path.parent.rename(tmp_path / "glosary")
        elif code == "unread-file":
            path.with_suffix(".yaml").touch()
        elif code == "too-large":
            path.write_bytes(b"#" * (21 * 1024 * 1024))
    shown = [re.sub(r":\d+:", ":", str(problem)) for problem in problems_of(tmp_path)]
    assert re.sub(r":\d+:", ":", documented_problems()[code]) in shown


# examples


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo school's glossary with the register and recipes of docs/examples."""
    home = tmp_path_factory.mktemp("examples")
    shutil.copytree(ROOT / "glossary", home / "glossary")
    shutil.copytree(EXAMPLES / "recipes", home / "ingestion_recipes")
    shutil.copytree(EXAMPLES / "systems", home / "ingestion_recipes" / "systems")
    return home


def test_examples_are_valid_together(school: Path) -> None:
    recipes, _ = find_recipes(school)
    assert len(recipes) == len(list((EXAMPLES / "recipes").iterdir()))
    assert problems_of(school) == []


def inner_source(recipe: Path) -> dict[str, Any]:
    source: dict[str, Any] = yaml.safe_load(recipe.read_text(encoding="utf-8"))["source"]
    return source["config"]["source"] if source["type"] == "campus-system" else source


def installed(recipe: Path) -> bool:
    try:
        source_registry.get(inner_source(recipe)["type"])
    except ConfigurationError:
        return False  # its driver is an extra of its own
    return True


RECIPES = sorted((EXAMPLES / "recipes").glob("*.yml"))
INSTALLED = [recipe for recipe in RECIPES if installed(recipe)]


def test_every_recipe_is_for_a_source_datahub_has() -> None:
    assert [recipe.name for recipe in RECIPES if inner_source(recipe)["type"] not in source_registry.mapping] == []
    assert {"postgres", "mysql", "mariadb", "sqlalchemy"} <= {inner_source(recipe)["type"] for recipe in INSTALLED}


@pytest.mark.parametrize("recipe", INSTALLED, ids=ids(INSTALLED))
def test_recipe_fits_the_configuration_of_the_stock_source(recipe: Path) -> None:
    inner = inner_source(recipe)
    model = source_registry.get(inner["type"]).get_config_class()  # type: ignore[attr-defined]
    config = {
        key: "localhost:1" if key == "host_port" else value for key, value in inner["config"].items()
    }  # a placeholder has no port
    model.model_validate(config)
    assert config.keys() <= model.model_fields.keys()


def test_declared_names_are_those_the_stock_sources_give(school: Path) -> None:
    from datahub.ingestion.source.excel.util import gen_dataset_name
    from datahub.ingestion.source.sql.mssql.source import SQLServerConfig, qualified_identifier

    register: Register | None = check_content(school)[1]
    assert register is not None
    names = {key.platform: key.name for key in register.by_key}
    mssql = SQLServerConfig.model_validate(
        {**inner_source(EXAMPLES / "recipes" / "mssql.yml")["config"], "host_port": "localhost:1"}
    )
    assert names["mssql"] == qualified_identifier(mssql, None, "dbo", "Voucher")
    assert names["excel"] == gen_dataset_name("data/ledgers/2024.xlsx", "设备", False)


QUOTE = re.compile(r"\]\(([^)]*examples/[^)]+\.yml)\)\n```yaml\n(.*?)```", re.DOTALL)


def test_quoted_examples_equal_their_files_and_every_example_is_quoted() -> None:
    quoted = set()
    for page in PAGES:
        for link, text in QUOTE.findall(page.read_text(encoding="utf-8")):
            file = (page.parent / link).resolve()
            assert text == file.read_text(encoding="utf-8"), f"{page.name} quotes {file.name}"
            quoted.add(file)
    assert quoted == {path.resolve() for path in EXAMPLES.rglob("*.yml")}


# the tutorial


def campus_catalog(home: Path, *arguments: str) -> str:
    """What the command prints, its target's path as in the tutorial."""
    program = Path(sys.executable).with_name("campus-catalog")
    done = subprocess.run(
        [program, "--target", "lite:.catalog/datahub.db", *arguments], cwd=home, capture_output=True, text=True
    )
    assert "Internal error" not in done.stderr
    return done.stdout.replace(f"{home}/", "")


def test_tutorial_shows_what_its_steps_print(tmp_path: Path) -> None:
    whole_home(tmp_path)
    tutorial = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    shown = {" ".join(line.split()) for line in tutorial.splitlines()}
    campus_catalog(tmp_path, "ingest", "taxonomy", "register")
    mail = tmp_path / MAIL
    before = mail.read_text(encoding="utf-8")
    (addition,) = re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL)

    mail.write_text(before + addition, encoding="utf-8")
    printed = [campus_catalog(tmp_path, "validate")]
    mail.write_text(before + re.sub(r"    unit: .*\n", "", addition), encoding="utf-8")
    printed += [campus_catalog(tmp_path, "validate"), campus_catalog(tmp_path, "ingest", "register")]
    card = campus_catalog(tmp_path, "show", "邮箱申请单")
    printed += [line for line in card.splitlines() if "责任" in line or "标签" in line]
    mail.write_text(before, encoding="utf-8")
    removal = campus_catalog(tmp_path, "ingest", "register").splitlines()
    printed += [line for line in removal if "removed" in line or "changed in" in line]

    lines = [" ".join(line.split()) for text in printed for line in text.splitlines()]
    assert len(lines) > 12
    assert [line for line in lines if line and line not in shown and "─" not in line] == []


# schemas


def schema_of(path: Path) -> dict[str, Any]:
    """The schema the file's first line points at."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match, f"{path} names no schema"
    schema: dict[str, Any] = json.loads((path.parent / match[1]).resolve().read_text(encoding="utf-8"))
    return schema


WITH_SCHEMA = CONTENT + sorted((EXAMPLES / "systems").glob("*.yml"))


@pytest.mark.parametrize("path", WITH_SCHEMA, ids=ids(WITH_SCHEMA))
def test_content_fits_the_schema_it_names(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema_of(path))
    assert [error.message for error in validator.iter_errors(data)] == []
    assert list(validator.iter_errors({**data, "no-such-key": 1})), "the schema lets an unknown key pass"


def test_formats_page_has_a_valid_example_for_every_schema() -> None:
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    missing = []
    for path in sorted((DOCS / "reference" / "schemas").iterdir()):
        validator = Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
        if not any(validator.is_valid(block) for block in blocks):
            missing.append(path.name)
    assert missing == []


# links


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []
