"""Profiles of columns whose names and comments tell nothing: the values are looked at before they are passed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from datahub.metadata.schema_classes import (
    DatasetFieldProfileClass,
    DatasetProfileClass,
    HistogramClass,
    PartitionSpecClass,
    QuantileClass,
    ValueFrequencyClass,
)

from campus_catalog.aspects.personal import keep_counts


@pytest.mark.parametrize(
    "value",
    [
        "110101199003077715",
        "11010519491231002x",
        "4111 1111 1111 1111",
        "13900001234",
        "13900001234.0",
        "见 13900001234（父）",
    ],
)
@pytest.mark.parametrize(
    "give",
    [
        lambda value: {"min": value},
        lambda value: {"max": value},
        lambda value: {"median": value},
        lambda value: {"sampleValues": ["无", value]},
        lambda value: {"quantiles": [QuantileClass(quantile="0.5", value=value)]},
        lambda value: {"distinctValueFrequencies": [ValueFrequencyClass(value=value, frequency=1)]},
        lambda value: {"histogram": HistogramClass(boundaries=["0", value], heights=[1.0])},
    ],
)
def test_a_column_thought_safe_keeps_counts_when_a_value_is_a_persons_number(
    value: str, give: Callable[[str], dict[str, Any]]
) -> None:
    """Wherever in the profile it stands, beside values that are none."""
    other = DatasetFieldProfileClass(fieldPath="jsmc", min="A1", max="B2", sampleValues=["A1", "B2"])
    bz = DatasetFieldProfileClass(fieldPath="bz", uniqueCount=2, nullCount=0, **({"min": "无"} | give(value)))
    found = DatasetProfileClass(timestampMillis=0, fieldProfiles=[bz, other])
    keep_counts(found, {"bz", "jsmc"})

    assert found.fieldProfiles == [DatasetFieldProfileClass(fieldPath="bz", uniqueCount=2, nullCount=0), other]


@pytest.mark.parametrize(
    "value",
    ["2024-09-01 08:30:00", "20240007", "84.5333333333333336", "9787302511850", "110105194912310021", "1725177600000"],
)
def test_ordinary_values_stay_in_the_profile(value: str) -> None:
    """Among them an average whose decimals pass the check of a card's number."""
    column = DatasetFieldProfileClass(fieldPath="bz", min=value, mean=value, sampleValues=[value])
    found = DatasetProfileClass(timestampMillis=0, fieldProfiles=[column])
    keep_counts(found, {"bz"})

    assert found.fieldProfiles == [column] and found.fieldProfiles[0].sampleValues == [value]


@pytest.mark.parametrize(
    ("type_", "said", "kept"),
    [
        ("PARTITION", "2024-09", "2024-09"),
        ("PARTITION", "20240901 SAMPLE", "20240901 SAMPLE"),
        ("PARTITION", "xm=王五", "PARTITION"),
        ("PARTITION", "13900001234", "PARTITION"),
        ("QUERY", "SAMPLE", "SAMPLE"),
        ("FULL_TABLE", "FULL_TABLE_SNAPSHOT", "FULL_TABLE_SNAPSHOT"),
    ],
)
def test_a_partition_is_named_only_where_it_is_a_period(type_: str, said: str, kept: str) -> None:
    found = DatasetProfileClass(timestampMillis=0, partitionSpec=PartitionSpecClass(partition=said, type=type_))
    keep_counts(found, ())

    assert found.partitionSpec is not None and found.partitionSpec.partition == kept
