"""What is declared and what is found live are one dataset, whatever the table is called."""

from __future__ import annotations

from datahub.emitter.mce_builder import make_dataset_urn_with_platform_instance
from datahub.metadata.urns import DatasetUrn
from datahub.utilities.urn_encoder import RESERVED_CHARS, UrnEncoder
from hypothesis import example, given
from hypothesis import strategies as st

from campus_catalog.aspects.dataset import dataset_urn
from campus_catalog.catalog.snapshot import physical_name
from campus_catalog.register.identity import RESERVED, DatasetKey, encoded, plain

#: any text a database may give its tables, reserved characters often enough
NAMES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(RESERVED + "%."), min_size=1, max_size=12)
INSTANCES = st.none() | st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True)


def test_the_reserved_characters_are_datahubs() -> None:
    assert set(RESERVED) == RESERVED_CHARS


@given(NAMES)
def test_a_name_is_encoded_as_datahub_does_and_read_back(name: str) -> None:
    assert encoded(name) == UrnEncoder.encode_string(name)
    if name == plain(name):  # a table that is called as another one is encoded cannot be told from it in a urn
        assert plain(encoded(name)) == name


@given(INSTANCES, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(["PROD", "TEST"]))
@example(None, ["jwxt", "public", "处分(旧)"], "PROD")
@example("west", ["data/a,b.xlsx", "Sheet(1)"], "PROD")
def test_declared_and_live_meet_on_one_identity(instance: str | None, names: list[str], env: str) -> None:
    key = DatasetKey.of("postgres", (instance, *names), env)
    live = make_dataset_urn_with_platform_instance("postgres", ".".join(names), instance, env)
    assert dataset_urn(key) == live
    parsed = DatasetUrn.from_string(live)
    assert DatasetKey(parsed.get_data_platform_urn().platform_name, parsed.name, parsed.env) == key
    assert physical_name(live) == key.plain
