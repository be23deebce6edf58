"""The YAML reader: the same values PyYAML gives, the right lines, and a clear message for every bad file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campus_catalog.content.problems import ContentError, Problem
from campus_catalog.content.yamlfile import MAX_BYTES, Lines, load
from tests.support.content import write

# one file is overwritten by every example, which is what a function-scoped tmp_path then means
PROPERTY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20) | st.sampled_from(
    ["教务处", "第七条", "yes", "no", "null", "~", "1_000", "0x1F", "017", "1e3", "1:30", "2026-01-01", "- a", "a: b",
     "#x", "{x", "[x", "*x", "&x", "!x", "%x", "--- x", "... x", "=", "多行\n文本", "行末空格 "]
)  # fmt: skip
scalar = text | st.integers() | st.booleans() | st.none() | st.dates() | st.floats(allow_nan=False)
document = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=20
)


def read(path: Path) -> Any:
    return load(path, path.parent)


def faults(path: Path) -> list[Problem]:
    with pytest.raises(ContentError) as caught:
        load(path, path.parent)
    return caught.value.problems


def the_fault(path: Path) -> Problem:
    (problem,) = faults(path)
    return problem


@PROPERTY
@given(value=document, flow=st.sampled_from([True, False, None]), escaped=st.booleans(), wide=st.booleans())
def test_reads_what_pyyaml_reads(tmp_path: Path, value: Any, flow: bool | None, escaped: bool, wide: bool) -> None:
    dumped = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=not escaped, width=1000 if wide else 20)
    path = tmp_path / "document.yml"
    path.write_bytes(dumped.encode())
    assert read(path) == yaml.safe_load(dumped)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "# nothing but a comment\n",
        "a:\nb: ~\n",
        "a: true story\nb: no one\nc: 12 months\n",
        "a: t one\n  two\n",
        "a: t one\n\n  two\n",
        "a: --- x\n",
        "a: ... x\n",
        "a: -x\nb: .5\nc: +7\nd: .inf\n",
        "a: |\n  第一行\n  第二行\nb: >-\n  折叠\n  文本\n",
        "a: 'it''s'\nb: \"x\\ty\"\n",
        "base: &base {x: 1, y: [2]}\nother: *base\n",
        "base: &base {x: 1, y: 2}\nother: {<<: *base, y: 3}\n",
        "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: 3}\n",
        "'<<': {x: 1}\n",
        "--- \na: 1\n...\n",
        "? a\n: 1\n",
        "- [a, [b, {c: d}]]\n- {e: [f]}\n",
    ],
)
def test_reads_documents_written_by_hand_as_pyyaml_does(tmp_path: Path, document: str) -> None:
    path = write(tmp_path / "document.yml", document)
    assert read(path) == yaml.safe_load(document)


@pytest.mark.parametrize("word", ["on", "off", "yes", "No", "ON"])
def test_a_key_that_yaml_takes_for_a_boolean_is_a_word(tmp_path: Path, word: str) -> None:
    path = write(tmp_path / "a.yml", f"{word}: {word}\n")
    assert read(path) == {word: yaml.safe_load(word)}, "the value stays what YAML says"
    assert Lines(path, tmp_path).of([word]) == 1


@pytest.mark.parametrize("word", ["true", "False", "1", "2026-01-01", "~"])
def test_a_key_that_is_no_word_is_a_fault(tmp_path: Path, word: str) -> None:
    assert "键应为文本" in the_fault(write(tmp_path / "a.yml", f"{word}: x\n")).message


def test_a_byte_order_mark_is_no_part_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbf" + "名称: 教务处\n".encode())
    assert read(path) == {"名称": "教务处"}


def test_windows_line_ends_count_as_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: 1\r\nb:\r\n  - c\r\n")
    assert read(path) == {"a": 1, "b": ["c"]}
    assert Lines(path, tmp_path).of(["b", 0]) == 3


def test_the_line_of_a_value_is_that_of_its_key_or_of_the_list_element(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.yml",
        """
        # a comment
        id: x
        sharing:

          scope: 校内
        datasets:
          - table: a
            fields: [{name: b}, {name: c}]
          - {table: d,
             name: e}
        """,
    )
    lines = Lines(path, tmp_path)
    expected = {
        ("id",): 2,
        ("sharing",): 3,
        ("sharing", "scope"): 5,
        ("datasets", 0): 7,
        ("datasets", 0, "table"): 7,
        ("datasets", 0, "fields", 1, "name"): 8,
        ("datasets", 1, "name"): 10,
    }
    assert {place: lines.of(place) for place in expected} == expected


def test_what_is_not_written_has_the_line_of_what_is_around_it(tmp_path: Path) -> None:
    lines = Lines(write(tmp_path / "a.yml", "id: x\ndatasets:\n  - table: a\n"), tmp_path)
    assert lines.of(["datasets", 0, "sharing", "scope"]) == 3
    assert lines.of(["nothing"]) == 1


@PROPERTY
@given(count=st.integers(1, 30), gap=st.integers(0, 3))
def test_lines_are_right_however_far_apart_the_keys_stand(tmp_path: Path, count: int, gap: int) -> None:
    path = write(tmp_path / "a.yml", ("\n" * gap).join(f"key{number}: v\n" for number in range(count)))
    lines = Lines(path, tmp_path)
    for number in range(count):
        assert lines.of([f"key{number}"]) == number * (gap + 1) + 1


def test_every_duplicate_key_is_reported_where_it_stands(tmp_path: Path) -> None:
    found = faults(write(tmp_path / "a.yml", "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n"))
    assert [(problem.line, problem.code) for problem in found] == [(4, "duplicate-key"), (5, "duplicate-key")]
    assert "「c」重复" in found[0].message


def test_a_gbk_file_is_named_as_such_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"id: a\n" + "name: 教务处\n".encode("gbk"))
    problem = the_fault(path)
    assert (problem.file, problem.line, problem.code) == ("a.yml", 2, "encoding")
    assert "UTF-8" in problem.message and "GBK" in problem.message


def test_a_file_of_50_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    problem = the_fault(path)
    assert (problem.line, problem.code) == (0, "too-large")
    assert "50.0 MB" in problem.message and "20 MB" in problem.message


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 5))
    assert read(path) == {"a": 1}


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("a: 1\nb: [1, 2\n", 3),
        ('a: "x\n', 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n  b: 2\n", 2),
        ("a: b: c\n", 1),
        ("a: 1\nb: @x\n", 2),
        ("a: 1\n- b\n", 2),
        ("a: 1\nb: *nowhere\n", 2),
    ],
)
def test_malformed_yaml_is_one_fault_with_its_line(tmp_path: Path, document: str, line: int) -> None:
    problem = the_fault(write(tmp_path / "a.yml", document))
    assert (problem.line, problem.code) == (line, "yaml")


def test_a_control_character_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: 1\nb: \x00\n")
    assert the_fault(path).code == "yaml"


def test_a_second_document_is_a_fault_where_it_begins(tmp_path: Path) -> None:
    problem = the_fault(write(tmp_path / "a.yml", "a: 1\n---\nb: 2\n"))
    assert (problem.line, problem.code) == (2, "yaml")


@pytest.mark.parametrize("value", ["!!int '1'", "!own x", "!!python/object/apply:os.getcwd []", "!!set {x}"])
def test_a_tag_is_a_fault_and_never_runs_anything(tmp_path: Path, value: str) -> None:
    problem = the_fault(write(tmp_path / "a.yml", f"a: 1\nb: {value}\n"))
    assert (problem.line, problem.code) == (2, "yaml")


def test_a_string_tag_is_accepted(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.yml", "a: !!str 12\n")) == {"a": "12"}


@pytest.mark.parametrize("key", ["1", "true", "2026-01-01", "[a]", "{a: b}"])
def test_a_key_that_is_no_text_is_a_fault(tmp_path: Path, key: str) -> None:
    problem = the_fault(write(tmp_path / "a.yml", f"x: 1\n{key}: 2\n"))
    assert (problem.line, problem.code) == (2, "yaml")


def test_yaml_nested_thousands_deep_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    assert the_fault(write(tmp_path / "a.yml", "[" * 5000 + "]" * 5000)).code == "yaml"


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path.with_name("gone.yml"))])
def test_what_is_no_readable_file_is_a_fault(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "a.yml"
    make(path)
    assert the_fault(path).code == "unreadable"
