"""Words of classified material, judged as a person would: labelled texts, the six real refusals, and the mechanism."""

from __future__ import annotations

import sys
import time
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from campus_catalog.content.text import folded
from campus_catalog.regulation.classified import Classified
from campus_catalog.regulation.loader import load_regulation
from tests.support.content import OTHER_SCHOOL, ROOT

TEXTS = yaml.safe_load((ROOT / "tests" / "support" / "classified.yml").read_text(encoding="utf-8"))
LET_IN = [*TEXTS["let_in"], *TEXTS["let_in_invented"]]
REFUSED = [*TEXTS["refuse"], *TEXTS["refuse_invented"]]


def school(folder: Path = ROOT) -> Classified:
    return load_regulation(folder).school.classified


OURS = school()


@pytest.mark.parametrize("text", LET_IN)
def test_what_a_person_would_let_in_is_let_in(text: str) -> None:
    assert OURS.word_in(text) is None


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_person_would_keep_out_is_refused(text: str) -> None:
    assert OURS.word_in(text)


def test_many_of_each_kind_are_held() -> None:
    assert len(set(LET_IN)) > 150 and len(set(REFUSED)) > 150 and not set(LET_IN) & set(REFUSED)


@pytest.mark.parametrize(
    "between", [*"\u200b\u00ad\u2060\ufeff\u00a0\n\u3000 \ufe0f\U000e0100\u034f\u0301\x1f\u2028\u3164", "\r\n"]
)
def test_what_cannot_be_seen_between_two_characters_hides_nothing(between: str) -> None:
    assert OURS.word_in(f"绝{between}密") and OURS.word_in(f"国{between}家{between}秘{between}密")


def test_every_format_character_is_one_of_those() -> None:
    hidden = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) == "Cf"]
    assert len(hidden) > 150
    assert [hex(ord(char)) for char in hidden if folded(f"绝{char}密") != "绝密"] == []


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ｔｏｐ　ｓｅｃｒｅｔ", "top secret"),
        ("⽂件", "文件"),
        ("juémì", "juemi"),
        ("密级（1）", "密级(1)"),
        ("a  b", "a  b"),
    ],
)
def test_compatibility_forms_are_one(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_each_of_many_texts_is_judged_by_itself() -> None:
    """Two harmless neighbours do not become a word, and what is around one excuses no other."""
    assert OURS.find(["随机", "密码"]) is None
    found = OURS.find(["是否", "绝密文件", "涉密（0否1是）"])
    assert found is not None and (found.position, found.word) == (1, "绝密")


def test_the_words_and_what_excuses_them_are_content() -> None:
    """What one school's file does not say, excuses nothing at another."""
    other = school(OTHER_SCHOOL)
    assert other.word_in("保密资料目录") == "保密资料"
    assert other.word_in("非保密资料") is None and other.word_in("是否保密资料") is None
    assert other.word_in("保密资料标志") and other.word_in("机密文件") is None


def test_content_that_says_no_more_than_before_holds_as_before() -> None:
    """The format of earlier content: words and exceptions, nothing else."""
    plain = Classified.model_validate({"words": ["绝密", "机密", "涉密"], "except": ["非涉密", "不涉密"]})
    assert plain.word_in("涉密人员") == "涉密" and plain.word_in("是否涉密") == "涉密"
    assert plain.word_in("非涉密系统，不涉密") is None and plain.word_in("juemi") is None


@pytest.mark.parametrize(
    "text",
    [
        "、" * 50_000 + "涉密",
        "是否涉密" * 10_000,
        "密级" * 20_000,
        "公开、机密、" * 8_000,
        "类别：甲、涉密机、乙。" * 4_000,
        "1" * 50_000 + "机密",
        "非涉密课题是否" * 8_000,
        "&#26426;" * 5_000,
        "%E6%9C%BA" * 5_000,
    ],
    ids=range(9),
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    OURS.word_in(text)
    assert time.process_time() - begun < 5
