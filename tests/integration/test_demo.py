"""The demo school, whole: real databases, every recipe, into DataHub Lite with the command an operator types."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.lite.sqlite_lite import SqliteLite
from datahub.lite.sqlite_lite_config import SqliteLiteConfig
from datahub.metadata.schema_classes import ASPECT_NAME_MAP, KEY_ASPECTS
from datahub.utilities.urns.urn import guess_entity_type

from tests.support.live import ROOT, Catalog, Result, read_lite, run

READER, PASSWORD = "demo_reader", "only-for-reading"


@dataclass
class Demo:
    """The demo's content in a folder of its own, its databases, and what the first run answered."""

    home: Path
    variables: dict[str, str]
    first: Result

    @property
    def database(self) -> Path:
        return self.home / ".catalog" / "datahub.db"

    def campus(self, *args: str) -> Result:
        return run("campus-catalog", *args, cwd=self.home, **self.variables)


@pytest.fixture(scope="module")
def demo(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Ingests everything once; tests read, or run it again."""
    home = tmp_path_factory.mktemp("demo")
    for folder in ("glossary", "ingestion_recipes"):
        shutil.copytree(ROOT / folder, home / folder)
    # as in the demo: an account that may log in and nothing else
    postgres.execute("postgres", f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
    for script in sorted((ROOT / "scripts" / "demo_school").glob("*.sql")):
        postgres.create_database(script.stem, script.read_text(encoding="utf-8"), replace=True)
    variables = {
        "CAMPUS_PG_HOST_PORT": postgres.host_port, "CAMPUS_PG_USER": READER, "CAMPUS_PG_PASSWORD": PASSWORD,
    }  # fmt: skip
    return Demo(home, variables, run("campus-catalog", "ingest", "--strict", cwd=home, **variables))


@pytest.fixture(scope="module")
def catalog(demo: Demo) -> Catalog:
    assert demo.first.code == 0, demo.first.output
    return read_lite(demo.database)


def of_type(catalog: Catalog, entity_type: str) -> Catalog:
    return {urn: aspects for urn, aspects in catalog.items() if guess_entity_type(urn) == entity_type}


def owners_by_type(aspects: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for owner in aspects["ownership"]["owners"]:
        found.setdefault(owner["typeUrn"].rsplit(":", 1)[1], []).append(owner["owner"])
    return found


def classes_of_sharing() -> dict[str, str]:
    """Term urn of each sharing class -> the tag that goes with it."""
    content = yaml.safe_load((ROOT / "glossary" / "sharing.yml").read_text(encoding="utf-8"))
    return {f"urn:li:glossaryTerm:{one['term']}": f"urn:li:tag:{one['tag']}" for one in content["sharing"]}


def assert_stamped(urn: str, aspects: dict[str, Any]) -> None:
    """One domain, one unit, at least one person, one sharing class in term and tag, one system."""
    assert len(aspects["domains"]["domains"]) == 1, urn
    owners = owners_by_type(aspects)
    assert [owner.split(":")[2] for owner in owners["responsible-unit"]] == ["corpGroup"], urn
    persons = owners["responsible-person"]
    assert persons and all(person.startswith("urn:li:corpuser:") for person in persons), urn
    assert len(owners["first-responsible-person"]) == 1, urn
    classes = classes_of_sharing()
    terms = [term["urn"] for term in aspects["glossaryTerms"]["terms"] if term["urn"] in classes]
    assert len(terms) == 1, urn
    tags = [tag["tag"] for tag in aspects["globalTags"]["tags"] if tag["tag"] in classes.values()]
    assert tags == [classes[terms[0]]], urn
    assert len(aspects["applications"]["applications"]) == 1, urn


def test_the_run_succeeds_and_says_what_it_did(demo: Demo) -> None:
    assert demo.first.code == 0, demo.first.output
    assert "aspects changed" in demo.first.output
    for word in ("failed", "undeclared", "Traceback", "warning", PASSWORD):
        assert word not in demo.first.output


def test_the_regulation_is_there_in_full(catalog: Catalog) -> None:
    assert len(of_type(catalog, "domain")) == 9
    assert len(of_type(catalog, "corpGroup")) == 24
    items = [urn for urn in of_type(catalog, "glossaryTerm") if urn.startswith("urn:li:glossaryTerm:items.")]
    assert len(items) == 55
    involved = [owner for aspects in of_type(catalog, "domain").values() if "ownership" in aspects
                for owner in owners_by_type(aspects)["involved-unit"]]  # fmt: skip
    assert len(involved) == 38
    assert set(involved) <= of_type(catalog, "corpGroup").keys()


def test_the_school_is_there(catalog: Catalog) -> None:
    datasets = of_type(catalog, "dataset")
    assert len(of_type(catalog, "application")) >= 10
    tables = [urn for urn, aspects in datasets.items() if "Table" in aspects.get("subTypes", {}).get("typeNames", [])]
    assert len(tables) >= 100
    assert {a["domains"]["domains"][0] for a in datasets.values()} == of_type(catalog, "domain").keys()
    systems = {a["applications"]["applications"][0] for a in datasets.values()}
    assert systems == of_type(catalog, "application").keys()


def test_every_table_of_the_databases_is_a_dataset(postgres: Any, catalog: Catalog) -> None:
    for script in sorted((ROOT / "scripts" / "demo_school").glob("*.sql")):
        rows = postgres.execute(
            script.stem,
            "SELECT table_schema, table_name, count(*) FROM information_schema.columns "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2",
        )
        assert rows
        for schema, table, columns in rows:
            urn = f"urn:li:dataset:(urn:li:dataPlatform:postgres,{script.stem}.{schema}.{table},PROD)"
            assert len(catalog[urn]["schemaMetadata"]["fields"]) == columns, urn


def test_every_dataset_answers_for_itself(catalog: Catalog) -> None:
    datasets = of_type(catalog, "dataset")
    assert datasets
    for urn, aspects in datasets.items():
        assert_stamped(urn, aspects)


def test_every_container_is_stamped_like_its_system(catalog: Catalog) -> None:
    containers = of_type(catalog, "container")
    assert len(containers) >= 20  # a database and a schema of each connected system
    for urn, aspects in containers.items():
        assert_stamped(urn, aspects)


def test_what_a_dataset_refers_to_exists(catalog: Catalog) -> None:
    for urn, aspects in (of_type(catalog, "dataset") | of_type(catalog, "container")).items():
        referred = [*aspects["domains"]["domains"], *aspects["applications"]["applications"]]
        referred += [owner["owner"] for owner in aspects["ownership"]["owners"]]
        referred += [owner["typeUrn"] for owner in aspects["ownership"]["owners"]]
        referred += [term["urn"] for term in aspects["glossaryTerms"]["terms"]]
        referred += [tag["tag"] for tag in aspects["globalTags"]["tags"]]
        referred += [value["propertyUrn"] for value in aspects["structuredProperties"]["properties"]]
        assert [other for other in referred if other not in catalog] == [], urn


def test_every_aspect_is_allowed_and_valid(catalog: Catalog) -> None:
    faults = []
    for urn, aspects in catalog.items():
        key = KEY_ASPECTS[guess_entity_type(urn)]
        for name, value in aspects.items():
            if name not in (*key.ASPECT_INFO["entityAspects"], key.get_aspect_name()):
                faults.append(f"{urn}: {name} is not an aspect of its type")
                continue
            aspect = ASPECT_NAME_MAP[name].from_obj(value)
            if not MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect).validate():
                faults.append(f"{urn}: {name} is not valid")
    assert faults == []


def test_datahub_reads_the_database_as_its_own(demo: Demo, catalog: Catalog) -> None:
    lite = SqliteLite(SqliteLiteConfig(file=str(demo.database), read_only=True))
    try:
        names = [browseable.name for browseable in lite.ls("/")]
        assert names
        assert set(lite.list_ids()) >= of_type(catalog, "dataset").keys()
    finally:
        lite.close()


def test_searching_by_chinese_name_finds_a_table(demo: Demo, catalog: Catalog) -> None:
    found = demo.campus("search", "课程信息", "--type", "dataset")
    assert found.code == 0 and "jw_kc" in found.output
    shown = demo.campus("show", "jw_kc")
    assert shown.code == 0
    assert "课程信息" in shown.output and "教务处" in shown.output


def test_running_again_changes_nothing_and_says_so(demo: Demo, catalog: Catalog) -> None:
    def rows() -> Counter[str]:
        with sqlite3.connect(demo.database) as connection:
            return Counter(dict(connection.execute("SELECT urn, count(*) FROM metadata_aspect_v2 GROUP BY urn")))

    before = rows()
    again = demo.campus("ingest", "--strict")

    assert again.code == 0, again.output
    assert "nothing changed" in again.output
    assert rows() == before
    assert read_lite(demo.database) == catalog
