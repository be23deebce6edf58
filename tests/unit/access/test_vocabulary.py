"""The vocabulary agrees with DataHub's own model, and the shipped policies with the vocabulary."""

from __future__ import annotations

import pytest
from datahub.metadata.schema_classes import KEY_ASPECTS, DataHubPolicyInfoClass, PolicyMatchConditionClass

from campus_catalog.access.shipped import FORMER_IDS, SHIPPED
from campus_catalog.access.vocabulary import (
    CHANGES,
    CONDITIONS,
    CONTENT_FIELDS,
    FIELDS,
    MAIN_PRIVILEGES,
    METADATA_PRIVILEGES,
    NEWEST,
    PLATFORM_PRIVILEGES,
    RESOURCE_PRIVILEGES,
    release,
)


def test_the_conditions_are_those_of_the_model() -> None:
    model = {value for name, value in vars(PolicyMatchConditionClass).items() if name.isupper()}
    assert set(CONDITIONS) == model


def test_every_entity_type_is_one_of_the_model() -> None:
    assert set(RESOURCE_PRIVILEGES) <= set(KEY_ASPECTS)


def test_every_type_of_the_model_is_known() -> None:
    """A policy about everything is about it, too: say in the vocabulary what means something for it."""
    assert set(KEY_ASPECTS) - set(RESOURCE_PRIVILEGES) == set()


def test_no_privilege_is_both_of_the_platform_and_of_entities() -> None:
    assert not METADATA_PRIVILEGES & PLATFORM_PRIVILEGES
    assert set(MAIN_PRIVILEGES) <= METADATA_PRIVILEGES


def test_content_may_use_only_fields_a_server_knows() -> None:
    assert set(FIELDS) > CONTENT_FIELDS


def test_no_change_is_newer_than_the_newest_release() -> None:
    for since in (*FIELDS.values(), *CONDITIONS.values(), *CHANGES.values()):
        assert release(since) <= release(NEWEST)


@pytest.mark.parametrize("id_", SHIPPED)
def test_a_shipped_policy_is_a_valid_aspect_with_known_privileges(id_: str) -> None:
    shipped = SHIPPED[id_]
    assert DataHubPolicyInfoClass.from_obj(shipped.info()).validate()
    known = METADATA_PRIVILEGES if shipped.type == "METADATA" else PLATFORM_PRIVILEGES
    assert set(shipped.privileges) <= known
    assert id_ not in FORMER_IDS


@pytest.mark.parametrize("text, expected", [("1.2", (1, 2)), ("v1.2.0.17", (1, 2)), ("0.13.1rc2", (0, 13))])
def test_releases_are_read_however_they_are_written(text: str, expected: tuple[int, ...]) -> None:
    assert release(text) == expected


@pytest.mark.parametrize("text", ["", "new", "1", "x.y"])
def test_what_is_no_release_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no DataHub release"):
        release(text)
