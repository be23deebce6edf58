"""One reading of ``${NAME}``: which variables a text needs, and what it becomes, are what DataHub makes of it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from datahub.configuration.common import ConfigurationError
from datahub.configuration.config_loader import EnvResolver, load_config_file
from expandvars import ExpandvarsException
from hypothesis import given
from hypothesis import strategies as st

from campus_catalog.home.find import find_home
from campus_catalog.ingest.recipes import Recipe, find_recipes
from campus_catalog.secrets import is_literal
from campus_catalog.variables import filled, listed, missing, names, own_text
from tests.support.content import campus, write

NAMES = ["A", "B", "DB_PASSWORD", "变量"]
PLAIN = st.text("aB 1#'\"\\$:-{}?\n密", max_size=4)


def variable(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Every form of a variable, with texts like these for defaults and messages."""
    name, sign = st.sampled_from(NAMES), st.sampled_from([":-", "-", ":=", "=", ":+", "+", ":?", "?"])
    with_text = st.builds("${{{}{}{}}}".format, name, sign, text)
    other = st.builds("{}{}{}".format, st.sampled_from(["${", "$", "${#"]), name, st.sampled_from(["}", "", ":0:2}"]))
    return st.builds("${{{}}}".format, name) | with_text | other


TEXTS = st.recursive(PLAIN, lambda inner: st.lists(inner | variable(inner), max_size=4).map("".join), max_leaves=8)
CONFIGS = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ENVIRONMENTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "v", "a b", "${B}", "$A", "\\", "2"]))


def by_datahub(value: Any, environment: dict[str, str]) -> Any:
    return EnvResolver(dict(environment), register_secrets=False).resolve({"": value})[""]


@given(value=CONFIGS, environment=ENVIRONMENTS)
def test_it_agrees_with_datahub(value: Any, environment: dict[str, str]) -> None:
    lacking = missing(value, environment)
    try:
        expected = by_datahub(value, environment)
    except KeyError:  # a variable is not set, or is empty
        assert lacking
    except ExpandvarsException:  # the text cannot be read
        pass
    else:
        assert not lacking
        assert filled(value, environment) == expected


@given(value=CONFIGS, environment=ENVIRONMENTS)
def test_nothing_is_missing_once_what_is_missing_is_set(value: Any, environment: dict[str, str]) -> None:
    lacking = missing(value, environment)
    complete = {**environment, **dict.fromkeys(lacking, "v")}
    assert not missing(value, complete)
    for name in lacking:
        without = {other: text for other, text in complete.items() if other != name}
        with pytest.raises(KeyError):
            by_datahub(value, without)


@given(secret=TEXTS.map(str.strip).filter(lambda text: not is_literal(text)), others=st.sets(st.sampled_from(NAMES)))
def test_a_secret_that_is_no_literal_has_nothing_but_what_its_variables_hold(secret: str, others: set[str]) -> None:
    environment = dict.fromkeys([*others, *missing(secret, {})], "~")
    with contextlib.suppress(ExpandvarsException):  # what cannot be read gives nothing away either
        assert set(by_datahub(secret, environment)) <= set("~ \n")


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("${A}", {"A": ""}),
        ("${A} ${A:?ask 信息中心}", {"A": "ask 信息中心"}),
        ("${A:?}", {"A": ""}),
        ("${A?x}", {"A": "x"}),
        ("${A:-}${A-x}${A:+x}${#A}${A:0:2}", {}),
        ("${A:-${B}}", {}),
        ("${A:-${B:?both are empty}}", {"B": "both are empty"}),
        ("$A and no more", {}),
        ("x$A", {}),
        ("\\${A}", {}),
        ("${A", {}),
        ("${!A}", {"A": ""}),
        ({"a": "${A:=x}", "b": ["${A}", 1, None]}, {}),
        ({"${A}": "key"}, {}),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_text_needs(text: Any, needed: dict[str, str]) -> None:
    assert missing(text, {}) == needed


def test_an_empty_value_is_a_value_except_for_a_question_mark() -> None:
    assert missing("${A} ${B:?say which}", {"A": "", "B": ""}) == {"B": "say which"}
    assert listed({"B": "say which", "A": ""}) == "A, B (say which)"


def test_what_cannot_be_filled_in_stays_and_keeps_nothing_else_from_it() -> None:
    value = {"a": "${A:-one}", "b": ["${B}", "${A ${B}"], "c": "${C:?where}"}
    assert filled(value, {"A": "two", "C": "3"}) == {"a": "two", "b": ["${B}", "${A ${B}"], "c": "3"}
    assert filled(value["b"][0], {}) == "${B}" and filled("${C:?where}-${A}", {"A": "x"}) == "${C}-x"


def test_names_and_what_is_left_without_them() -> None:
    assert names("jdbc:${A}/${B:-${C}}") == ["A", "B", "C"]
    assert names("no") == names("${A") == []
    assert own_text("${A}-${B:-x}-${C:-${D}}-${E:?${F} too}") == "-${B:-x}--"
    assert own_text("$${A}{hunter2}") == "${hunter2}"


RECIPE = """\
# ${COMMENTED}
pipeline_name: "a # ${QUOTED}"   # ${BEHIND}
source:
  type: openapi
  config:
    # password: ${OLD}
    url: 'https://h/#/${IN_A_FRAGMENT}'
    path: ${SET:-none}
    token: ${TOKEN:?ask the information centre}
    ${KEY}: ${VALUE}
    text: |
      ${BLOCK} # no comment here
"""


def recipe(home: Path) -> Recipe:
    write(home / "ingestion_recipes" / "one.yml", RECIPE)
    found, problems = find_recipes(home)
    assert not problems.found
    return found[0]


def test_a_recipe_needs_what_its_values_need(tmp_path: Path) -> None:
    one = recipe(tmp_path)
    assert one.variables == ["BLOCK", "IN_A_FRAGMENT", "QUOTED", "TOKEN", "VALUE"]
    environment = dict.fromkeys(one.variables, "x")
    assert by_datahub(one.content, environment)
    assert one.missing({**environment, "TOKEN": ""}) == {"TOKEN": "ask the information centre"}


def test_datahub_loads_a_recipe_with_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recipe(tmp_path)
    for name in one.variables:
        monkeypatch.setenv(name, f"<{name}>")
    assert load_config_file(one.path) == filled(one.content, {name: f"<{name}>" for name in one.variables})


def test_doctor_and_ingest_say_what_a_question_mark_says(home: Path) -> None:
    text = "source: {type: openapi, config: {url: 'http://h/#${URL}', token: '${API_TOKEN:?ask the centre}'}}\n"
    write(home / "ingestion_recipes" / "one.yml", text)
    assert "not set: API_TOKEN (ask the centre), URL" in campus("doctor", home=home).stdout
    ingested = campus("ingest", "one", home=home)
    assert ingested.returncode == 1
    assert "one: environment variable API_TOKEN (ask the centre) is not set" in ingested.stdout
    assert "one: environment variable URL is not set" in ingested.stdout


def test_a_home_knows_the_same_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTENT", raising=False)
    with pytest.raises(ConfigurationError, match=r"variable CONTENT \(name the package\) is not set"):
        find_home("package:${CONTENT:?name the package}")
    with pytest.raises(ConfigurationError, match="package 'no-such-content' is not installed"):
        find_home("package:${CONTENT:-no-such-content}")
