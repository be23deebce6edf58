"""What a run's report and log must not repeat: words of classified material, and values a driver quotes."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from datahub.ingestion.api.source import SourceReport

from campus_catalog.errors import REFUSED
from campus_catalog.regulation.loader import load_regulation
from campus_catalog.sources.gate import Gate
from campus_catalog.sources.stock import WITHHELD, withhold
from tests.support.content import ROOT


@pytest.fixture
def report(caplog: pytest.LogCaptureFixture) -> Iterator[SourceReport]:
    """A report behind the gate; the log is caught behind it too."""
    root = logging.getLogger()
    root.addHandler(caplog.handler)
    made = SourceReport()
    withhold(Gate(load_regulation(ROOT).school.classified, "postgres", ()), made)
    yield made
    caplog.handler.filters.clear()
    root.removeHandler(caplog.handler)


def said(report: SourceReport, log: pytest.LogCaptureFixture) -> str:
    return report.as_string() + log.text


@pytest.mark.parametrize("kind", ["info", "warning", "failure"])
@pytest.mark.parametrize("secret", ["绝密方案", "机\u200b密", "110101199003070353", "联系 13900010003"])
def test_an_entry_that_quotes_one_loses_what_it_quotes(
    kind: str, secret: str, report: SourceReport, caplog: pytest.LogCaptureFixture
) -> None:
    getattr(report, kind)(message="cannot read", context=f"t: {secret}")
    getattr(report, kind)(message="cannot read it", context="t", exc=ValueError(secret))
    getattr(report, kind)(message="fine", context="public.t_student")
    text = said(report, caplog)
    assert secret not in text
    assert "cannot read it" in text and WITHHELD in text and "public.t_student" in text


def test_of_a_profile_s_error_its_kind_and_number_are_said(
    report: SourceReport, caplog: pytest.LogCaptureFixture
) -> None:
    """A driver quotes the value it stumbled over, and no word tells whose it is."""
    error = ValueError(22007, 'invalid input syntax for type date: "甲某"')
    report.warning(
        title="Profiling: Unable to Calculate Min", message="not accessible", context="public.t.a", exc=error
    )
    text = said(report, caplog)
    assert "甲某" not in text and "public.t.a (ValueError 22007)" in text


def test_what_was_refused_is_named_all_the_same(report: SourceReport) -> None:
    report.failure(
        message=f"{REFUSED}: nothing of it was passed on", context="a: public.t (机密: table comment)", log=False
    )
    assert "public.t (机密: table comment)" in report.as_string()


@pytest.mark.parametrize("name", ["datahub.ingestion.source", "sqlalchemy.engine", "campus_catalog.sources"])
def test_the_log_of_others_is_judged_too(name: str, report: SourceReport, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger(name)
    log.warning("Soft-deleting stale entity - %s", "urn:li:dataset:(urn:li:dataPlatform:postgres,a.机密库.t,PROD)")
    try:
        raise ValueError("绝密")
    except ValueError:
        log.exception("reading failed")
    log.warning("table public.t was read")
    assert "机密" not in caplog.text and "绝密" not in caplog.text and "table public.t was read" in caplog.text
