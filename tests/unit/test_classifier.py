"""Personal information recognised by sample: the checks of numbers, of whole columns, and the classifier."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from datahub.configuration.common import ConfigurationError
from datahub.ingestion.api.source import SourceReport
from datahub.ingestion.glossary.classification_types import ColumnInfo, Metadata
from datahub.ingestion.glossary.classifier_registry import classifier_registry
from datahub.ingestion.source.common.data_reader import DataReader
from hypothesis import given
from hypothesis import strategies as st

from campus_catalog.aspects.personal import SAMPLE_INFOTYPE
from campus_catalog.register.loader import check_content
from campus_catalog.regulation.personal_numbers import CHECKS, share_of
from campus_catalog.sources.classifier import CampusPersonalClassifier
from campus_catalog.sources.stock import tell_unsampled, with_classifier
from tests.support.content import ROOT, fault_line, new_home, replace
from tests.support.numbers import bank_card, identity_number, mobile_number, with_check_character

MAKERS = {"identity-number": identity_number, "phone": mobile_number, "bank-account": bank_card}
#: what draws from a seed is uniform; hypothesis's own digits are not, and would never look like a column of numbers
seeds = st.integers(min_value=0, max_value=2**63)
kinds = st.sampled_from(sorted(MAKERS))


@pytest.fixture(scope="module")
def classifier() -> CampusPersonalClassifier:
    return CampusPersonalClassifier.create({"home": str(ROOT)})


def recognised(classifier: CampusPersonalClassifier, values: list[Any]) -> set[str]:
    """Ids of the kinds the classifier proposes for a column."""
    found = classifier.classify([ColumnInfo(Metadata({"Name": "bz", "Dataset_Name": "t"}), values)])
    return {
        proposal.infotype.removeprefix(SAMPLE_INFOTYPE)
        for column in found
        for proposal in column.infotype_proposals or []
    }


@pytest.mark.parametrize(
    ("check", "text", "passes"),
    [
        # 11010519491231002X is the example of GB 11643
        ("identity-number", "11010519491231002X", True),
        ("identity-number", "11010519491231002x", True),
        ("identity-number", "110105194912310021", False),  # check character
        ("identity-number", with_check_character("11999919990228001"), True),
        ("identity-number", with_check_character("11999919990230001"), False),  # 30 February
        ("identity-number", with_check_character("11999919991301001"), False),  # month 13
        ("identity-number", with_check_character("11999929990101001"), False),  # born in the future
        ("identity-number", with_check_character("11999918000101001"), False),  # born in 1800
        ("identity-number", with_check_character("10999919990228001"), False),  # no such province
        ("identity-number", "110105491231002", False),  # the 15 digits used until 1999 have no check character
        ("mobile-number", "16012345678", True),
        ("mobile-number", "+8616012345678", True),
        ("mobile-number", "8616012345678", True),
        ("mobile-number", "12012345678", False),
        ("mobile-number", "160123456789", False),
        # 4111111111111111 and 378282246310005 are the cards payment systems are tested with
        ("bank-card", "4111111111111111", True),
        ("bank-card", "4111111111111112", False),
        ("bank-card", "378282246310005", True),
        ("bank-card", "490154203237518", False),  # an IMEI, which ends with a Luhn digit as well
        ("bank-card", "79927398713", False),  # Luhn, and too short
        ("bank-card", "8986011684013011231", False),  # a SIM card's number
    ],
)
def test_a_number_passes_its_check_or_not(check: Any, text: str, passes: bool) -> None:
    assert (CHECKS[check].number(text) is not None) is passes


@given(kind=kinds, seed=seeds, rows=st.integers(min_value=30, max_value=150))
def test_a_column_of_numbers_is_always_taken(
    classifier: CampusPersonalClassifier, kind: str, seed: int, rows: int
) -> None:
    random = Random(seed)
    assert recognised(classifier, [MAKERS[kind](random) for _ in range(rows)]) == {kind}


@given(kind=kinds, seed=seeds)
def test_blanks_and_a_few_mistakes_do_not_hide_a_column(
    classifier: CampusPersonalClassifier, kind: str, seed: int
) -> None:
    random = Random(seed)
    values: list[Any] = [MAKERS[kind](random) for _ in range(60)]
    mistakes: list[Any] = ["无", "不详", "123", values[0][:-1], values[1] + "?", "-"]
    column = [*values, *mistakes, *([None] * 30), *([""] * 30), *(["   "] * 10)]
    random.shuffle(column)
    assert recognised(classifier, column) == {kind}


@given(kind=kinds, seed=seeds)
def test_separators_and_numeric_types_do_not_hide_a_column(
    classifier: CampusPersonalClassifier, kind: str, seed: int
) -> None:
    random = Random(seed)
    values = [MAKERS[kind](random) for _ in range(40)]
    assert recognised(classifier, [f" {value[:6]} {value[6:10]}-{value[10:]} " for value in values]) == {kind}
    if kind != "identity-number":
        assert recognised(classifier, [Decimal(value) for value in values]) == {kind}
    if kind == "phone":
        assert recognised(classifier, [float(value) for value in values]) == {kind}
        assert recognised(classifier, [f"+86 {value}" for value in values]) == {kind}


@given(seed=seeds, length=st.integers(min_value=1, max_value=24), rows=st.integers(min_value=20, max_value=150))
def test_a_column_of_random_digits_is_never_taken(
    classifier: CampusPersonalClassifier, seed: int, length: int, rows: int
) -> None:
    random = Random(seed)
    assert recognised(classifier, ["".join(random.choices("0123456789", k=length)) for _ in range(rows)]) == set()


@given(
    first=st.integers(min_value=3 * 10**14, max_value=10**19 - 1000),
    step=st.integers(min_value=1, max_value=7),
    rows=st.integers(min_value=20, max_value=150),
)
def test_long_serial_numbers_are_never_taken(
    classifier: CampusPersonalClassifier, first: int, step: int, rows: int
) -> None:
    assert recognised(classifier, [first + step * row for row in range(rows)]) == set()


@given(
    seed=seeds,
    colleges=st.integers(min_value=1, max_value=40),
    rows=st.integers(min_value=20, max_value=150),
    scattered=st.booleans(),
)
def test_student_numbers_in_the_form_of_mobile_numbers_are_never_taken(
    classifier: CampusPersonalClassifier, seed: int, colleges: int, rows: int, scattered: bool
) -> None:
    """学号 of 11 digits: year of enrolment (13 to 19), college, speciality, class, number in the class."""
    random = Random(seed)
    everybody = [
        f"{year}{college:02}{speciality:02}{class_:02}{number:03}"
        for year in random.sample(range(13, 20), k=random.randint(1, 7))
        for college in range(1, colleges + 1)
        for speciality in range(1, 4)
        for class_ in range(1, 4)
        for number in range(1, 46)
    ]
    sample = random.sample(everybody, rows) if scattered else everybody[:rows]
    assert recognised(classifier, sample) == set()


@given(
    seed=seeds, beginning=st.integers(min_value=13000, max_value=19999), rows=st.integers(min_value=20, max_value=150)
)
def test_numbers_given_out_one_after_another_are_never_taken_though_drawn_at_random(
    classifier: CampusPersonalClassifier, seed: int, beginning: int, rows: int
) -> None:
    sample = Random(seed).sample(range(50_000), rows)
    assert recognised(classifier, [f"{beginning}{number:06}" for number in sample]) == set()


@given(seed=seeds, rows=st.integers(min_value=30, max_value=150))
def test_case_numbers_made_of_region_day_and_serial_are_never_taken(
    classifier: CampusPersonalClassifier, seed: int, rows: int
) -> None:
    """Everything of a 公民身份号码 but its check character."""
    random = Random(seed)
    numbers = [identity_number(random)[:17] + random.choice("0123456789") for _ in range(rows)]
    assert recognised(classifier, numbers) == set()


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, "", "  "],
        [b"\x00\x01", memoryview(b"11010519491231002X"), bytearray(3)] * 10,
        [["11010519491231002X"], {"a": 1}, True, float("nan"), float("inf"), object()] * 10,
        [date(1990, 1, 1), Decimal("1e30"), "长" * 100_000] * 10,
        ["11010519491231002X"] * 100,  # one number, over and over: a constant
    ],
)
def test_odd_values_are_neither_taken_nor_an_error(classifier: CampusPersonalClassifier, values: list[Any]) -> None:
    assert recognised(classifier, values) == set()


def test_what_is_enough_is_in_the_content(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    random = Random(1)
    some = [*(identity_number(random) for _ in range(4)), *["无"] * 6]
    assert recognised(CampusPersonalClassifier.create({"home": str(home)}), some) == set()
    personal = home / "glossary" / "personal.yml"
    replace(personal, "share: 0.5, distinct: 5", "share: 0.4, distinct: 4")
    assert recognised(CampusPersonalClassifier.create({"home": str(home)}), some) == {"identity-number"}
    assert share_of(CHECKS["identity-number"], some, 4) == 0.4


def test_a_kind_without_sample_is_not_looked_for(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    replace(home / "glossary" / "personal.yml", "    sample: {check: mobile-number}\n", "")
    random = Random(1)
    column = [mobile_number(random) for _ in range(50)]
    assert recognised(CampusPersonalClassifier.create({"home": str(home)}), column) == set()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("check: identity-number", "check: identity-numbre", "「check」只能是"),
        ("share: 0.5", "share: 50", "「share」"),
        ("distinct: 5", "distinct: 0", "「distinct」"),
        ("distinct: 5", "distnct: 5", "不认识的键「distnct」，是否应为「distinct」"),
    ],
)
def test_a_mistake_in_the_content_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    home = new_home(tmp_path)
    line = "    sample: {check: identity-number, share: 0.5, distinct: 5}"
    path = replace(home / "glossary" / "personal.yml", line, line.replace(old, new) + "  # fault")
    _, _, (problem,) = check_content(home)
    assert (message in problem.message, problem.line) == (True, fault_line(path)), problem


@pytest.mark.parametrize("without", ["file", "sample"])
def test_content_that_names_nothing_to_look_for_is_refused(tmp_path: Path, without: str) -> None:
    home = new_home(tmp_path)
    personal = home / "glossary" / "personal.yml"
    kept = [line for line in personal.read_text(encoding="utf-8").splitlines(True) if "sample:" not in line]
    personal.unlink() if without == "file" else personal.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="nothing can be recognised by sample"):
        CampusPersonalClassifier.create({"home": str(home)})


def test_the_content_is_that_of_the_environment_where_the_recipe_names_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_CATALOG_HOME", str(new_home(tmp_path)))
    random = Random(1)
    column = [identity_number(random) for _ in range(10)]
    assert recognised(CampusPersonalClassifier.create(None), column) == {"identity-number"}


def test_recipes_find_it_by_its_type_and_by_its_path() -> None:
    path = "campus_catalog.sources.classifier.CampusPersonalClassifier"
    assert classifier_registry.get("campus-personal") is classifier_registry.get(path) is CampusPersonalClassifier


def test_worker_processes_get_a_copy_and_give_no_values_back(classifier: CampusPersonalClassifier) -> None:
    copy = pickle.loads(pickle.dumps(classifier))
    random = Random(1)
    column = ColumnInfo(Metadata({"Name": "bz", "Dataset_Name": "t"}), [identity_number(random) for _ in range(10)])
    (found,) = copy.classify([column])
    assert (found.values, found.metadata.name) == ([], "bz")
    assert all(value not in repr(found) for value in column.values)


def test_a_recipe_need_only_ask() -> None:
    """One process unless the recipe says otherwise: new ones for every table take longer than the checks."""
    asked = with_classifier({"classification": {"enabled": True}}, "school")["classification"]
    assert asked["classifiers"] == [{"type": "campus-personal", "config": {"home": "school"}}]
    assert asked["max_workers"] == 1
    own = {"enabled": True, "max_workers": 3, "classifiers": [{"type": "x"}, {"type": "campus-personal"}]}
    said = with_classifier({"classification": own}, "school")["classification"]
    assert (said["max_workers"], said["classifiers"][0]) == (3, {"type": "x"})
    assert said["classifiers"][1]["config"] == {"home": "school"}


@pytest.mark.parametrize("config", [{}, {"classification": {"enabled": False}}, {"classification": None}])
def test_a_recipe_that_does_not_ask_stays_as_it_is(config: dict[str, Any]) -> None:
    assert with_classifier(config, "school") is config


@pytest.mark.parametrize("key", ["classification", "profiling"])
def test_a_recipe_that_would_log_the_rows_it_reads_is_refused(key: str) -> None:
    config = {key: {"enabled": True, "include_field_sample_values": False}, "options": {"echo": "debug"}}
    with pytest.raises(ConfigurationError, match=f"{key} reads rows and options.echo: debug logs them"):
        with_classifier(config, "school")
    unread = {key: {"enabled": False}, "options": {"echo": "debug"}}
    assert with_classifier(unread, "school") is unread
    statements = {**config, "options": {"echo": True}}  # no rows
    assert with_classifier(statements, "school")["options"] == {"echo": True}


def test_names_in_other_letters_than_the_schemas_hide_no_column() -> None:
    """SQL Server's columns are lowered in the schema where the recipe says so, and not in the sample."""
    source: Any = SimpleNamespace(make_data_reader=lambda inspector: _OneColumn("BZ"))
    tell_unsampled(source, SourceReport())
    assert source.make_data_reader(None).get_sample_data_for_table(["t"], 1) == {"BZ": [1], "bz": [1]}


def test_a_source_that_takes_no_samples_is_left_alone() -> None:
    off: Any = SimpleNamespace(make_data_reader=lambda inspector: None)
    tell_unsampled(off, SourceReport())
    assert off.make_data_reader(None) is None
    other: Any = SimpleNamespace()
    tell_unsampled(other, SourceReport())
    assert vars(other) == {}


class _OneColumn(DataReader):
    def __init__(self, name: str):
        self._name = name

    def get_sample_data_for_table(self, table_id: list[str], sample_size: int, **options: Any) -> dict[str, list[Any]]:
        return {self._name: [1]}

    def close(self) -> None:
        pass
