"""DataHub's own command runs what is ours: recipes, plugins and term files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.mcp_builder import mcps_from_mce
from datahub.ingestion.run.pipeline import Pipeline
from datahub.ingestion.source.file import read_metadata_file
from datahub.metadata.schema_classes import MetadataChangeEventClass
from datahub.utilities.server_config_util import set_gms_config

from tests.contract.standin import Standin
from tests.integration.test_system_source import OWNED_BY_US, SYSTEM, TABLES
from tests.support.live import ROOT, Catalog, Result, School, make_database, run

FILE_SINK = {"type": "file", "config": {"filename": "stock.json"}}


def datahub(*args: str | Path, home: Path, **env: str) -> Result:
    return run("datahub", *args, cwd=home, **env)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The repository's own content, in a folder that may be written to."""
    for folder in ("glossary", "ingestion_recipes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def school(tmp_path: Path, request: pytest.FixtureRequest) -> School:
    """A school whose system `jwxt` is a PostgreSQL database of three tables and a view."""
    school = School(tmp_path / "school")
    server = request.getfixturevalue("postgres")
    if "stock" in server.databases():
        server.execute("postgres", "DROP DATABASE stock WITH (FORCE)")
    database = make_database("postgres", "stock", TABLES, tmp_path, request.getfixturevalue)
    school.declare({**SYSTEM, "platform": "postgres", **database.place})
    school.connect("jwxt", database.source)
    return school


def test_our_recipes_run_as_they_are(home: Path, gms: Standin, postgres: Any) -> None:
    if "nhjc" not in postgres.databases():  # it is there when the demo's tests ran before
        postgres.create_database("nhjc", (ROOT / "scripts/demo_school/nhjc.sql").read_text(encoding="utf-8"))
    variables = {
        "DATAHUB_GMS_URL": gms.url, "CAMPUS_PG_HOST_PORT": postgres.host_port,
        "CAMPUS_PG_USER": postgres.user, "CAMPUS_PG_PASSWORD": postgres.password,
    }  # fmt: skip

    for recipe in ("taxonomy", "register", "nhjc"):
        result = datahub("ingest", "-c", f"ingestion_recipes/{recipe}.yml", home=home, **variables)
        assert result.code == 0, result.output[-3000:]

    assert gms.rejected == []
    assert len(gms.store.urns("domain")) == 9
    assert len(gms.store.urns("corpGroup")) == 24
    assert gms.store.get("urn:li:application:nhjc", "applicationProperties")
    meter = "urn:li:dataset:(urn:li:dataPlatform:postgres,nhjc.public.nh_bj,PROD)"
    assert gms.store.get(meter, "schemaMetadata") and gms.store.get(meter, "ownership")


def stamped_by_stock(path: Path) -> Catalog:
    """What DataHub's file sink wrote: proposals and, for tables, snapshots."""
    found: Catalog = {}
    for record in read_metadata_file(path):
        for proposal in mcps_from_mce(record) if isinstance(record, MetadataChangeEventClass) else [record]:
            assert isinstance(proposal, MetadataChangeProposalWrapper) and proposal.entityUrn and proposal.aspectName
            aspect = proposal.to_obj(simplified_structure=True)["aspect"]["json"]
            found.setdefault(proposal.entityUrn, {})[proposal.aspectName] = aspect
    return found


def assert_same_stamp(ours: Catalog, theirs: Catalog, entity_type: str, count: int) -> None:
    urns = [urn for urn in ours if urn.startswith(f"urn:li:{entity_type}:")]
    assert len(urns) == count
    for urn in urns:
        stamps = [{name: a for name, a in found[urn].items() if name in OWNED_BY_US} for found in (ours, theirs)]
        assert stamps[0] == stamps[1]
        assert stamps[0].keys() == OWNED_BY_US


def test_the_transformer_stamps_as_the_source_does(school: School, postgres: Any) -> None:
    """In an ordinary recipe, without our source; told the system, it stamps the containers too."""
    assert school.campus("ingest", "jwxt", DB_PASSWORD=postgres.password).code == 0
    by_source = school.catalog()
    recipe = yaml.safe_load((school.home / "ingestion_recipes" / "jwxt.yml").read_text(encoding="utf-8"))

    for config in ({}, {"system": "jwxt"}):
        ordinary = {"source": recipe["source"]["config"]["source"], "sink": FILE_SINK}
        ordinary["transformers"] = [{"type": "campus-stamp", "config": config}]
        (school.home / "ordinary.yml").write_text(yaml.safe_dump(ordinary), encoding="utf-8")
        result = datahub("ingest", "-c", "ordinary.yml", home=school.home, DB_PASSWORD=postgres.password)
        assert result.code == 0, result.output[-3000:]
        by_transformer = stamped_by_stock(school.home / "stock.json")
        assert_same_stamp(by_source, by_transformer, "dataset", 4)
        for urn in by_source:
            if urn.startswith("urn:li:dataset:"):
                name = by_source[urn]["datasetProperties"]["name"]
                assert by_transformer[urn]["datasetProperties"]["name"] == name
    assert_same_stamp(by_source, by_transformer, "container", 2)


@pytest.mark.parametrize("path", sorted((ROOT / "glossary" / "terms").glob("*.yml")), ids=lambda path: path.stem)
def test_the_stock_glossary_source_reads_our_terms(path: Path, tmp_path: Path) -> None:
    set_gms_config({})  # a server met by an earlier test changes what DataHub's sources emit
    source = {"type": "datahub-business-glossary", "config": {"file": str(path)}}
    sink = {"type": "file", "config": {"filename": str(tmp_path / "out.json")}}
    pipeline = Pipeline.create({"source": source, "sink": sink})
    pipeline.run()
    pipeline.raise_from_status(raise_warnings=True)

    written = stamped_by_stock(tmp_path / "out.json")
    ids = re.findall(r"\bid: ([\w.-]+)", path.read_text(encoding="utf-8"))
    assert ids
    for id_ in ids:
        assert {f"urn:li:glossaryTerm:{id_}", f"urn:li:glossaryNode:{id_}"} & written.keys(), id_


def test_our_plugins_are_listed_and_enabled(tmp_path: Path) -> None:
    result = datahub("check", "plugins", home=tmp_path)

    assert result.code == 0
    for name in ("campus-taxonomy", "campus-register", "campus-system", "campus-stamp"):
        lines = [line for line in result.output.splitlines() if line.strip().startswith(name)]
        assert lines, f"{name} is not listed"
        assert not any("disabled" in line for line in lines)


def connection_report(home: Path, recipe: str, **env: str) -> tuple[int, dict[str, Any]]:
    """The answer of `datahub ingest --test-source-connection`, as the UI reads it."""
    report = home / "report.json"
    result = datahub(
        "ingest", "-c", f"ingestion_recipes/{recipe}.yml", "--test-source-connection", "--report-to", report,
        home=home, **env,
    )  # fmt: skip
    assert "Traceback" not in result.output, result.output[-2000:]
    return result.code, json.loads(report.read_text(encoding="utf-8"))


def test_a_sound_connection_is_said_to_be_sound(school: School, postgres: Any) -> None:
    for recipe in ("taxonomy", "register", "jwxt"):
        code, report = connection_report(school.home, recipe, DB_PASSWORD=postgres.password)
        assert code == 0
        assert report["basic_connectivity"]["capable"], recipe


def test_a_wrong_password_is_found_before_a_run(school: School) -> None:
    _, report = connection_report(school.home, "jwxt", DB_PASSWORD="not-the-password")

    assert not report["basic_connectivity"]["capable"]
    assert "password" in report["basic_connectivity"]["failure_reason"]
    assert "not-the-password" not in json.dumps(report)


@pytest.mark.parametrize("recipe", ["taxonomy", "register", "jwxt"])
def test_faulty_content_is_found_before_a_run(recipe: str, school: School, postgres: Any) -> None:
    path = school.home / "ingestion_recipes" / "systems" / "jwxt.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("unit: 教务处", "unit: 教务外", 1), encoding="utf-8")

    _, report = connection_report(school.home, recipe, DB_PASSWORD=postgres.password)

    connectivity = report.get("basic_connectivity") or {}
    assert not connectivity.get("capable")
    assert "教务外" in json.dumps(report, ensure_ascii=False)
