"""What `schedule deploy` writes, run by DataHub's own executor. Needs a Python package index and git."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig
from datahub.metadata.schema_classes import ExecutionRequestInputClass, ExecutionRequestSourceClass

from campus_catalog.home.pack import pack
from tests.contract.standin import Standin
from tests.support.content import OTHER_SCHOOL, ROOT, campus
from tests.support.fetching import new_repository, serving
from tests.support.scheduling import deploy, schedule

SOURCE = "urn:li:dataHubIngestionSource:campus-register"
USER, TOKEN = "reader", "glpat-s3cr3t_T0ken"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """campus-catalog, built from a copy: building leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "tests", "docs")
    shutil.copytree(ROOT, folder / "source", ignore=left_out)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    done = subprocess.run([*command, str(folder / "source")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(OTHER_SCHOOL, folder)
    return folder


def request(gms: Standin) -> dict[str, Any]:
    """Ask for a run of the source as the server's scheduler does; returns what it writes for the executor.

    That is the recipe, the version (the server's own where the source names none), the debug mode, and all extraArgs.
    """
    info = gms.store.get(SOURCE, "dataHubIngestionSourceInfo")
    assert info is not None
    config, default = info["config"], gms.config()["managedIngestion"]["defaultCliVersion"]
    args = {"recipe": config["recipe"], "version": config.get("version") or default, **config["extraArgs"]}
    args["debug_mode"] = "true" if config.get("debugMode") else "false"
    source = ExecutionRequestSourceClass("SCHEDULED_INGESTION_SOURCE", SOURCE)
    asked = ExecutionRequestInputClass("RUN_INGEST", args, config["executorId"], source, int(time.time() * 1000))
    graph = DataHubGraph(DatahubClientConfig(server=gms.url))
    graph.emit(MetadataChangeProposalWrapper(entityUrn="urn:li:dataHubExecutionRequest:run-1", aspect=asked))
    return {**asked.to_obj(), "id": "run-1"}


def execute(gms: Standin, folder: Path, **environment: str) -> tuple[str, str]:
    """Have the executor run the source; returns how it ended, and all it said."""
    ours = ("CAMPUS_", "DATAHUB_", "PYTHON", "VIRTUAL_ENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    left = folder / "tmp"  # what DataHub's own command leaves is not ours
    left.mkdir(parents=True)
    clean |= {"HOME": str(folder), "TMPDIR": str(left)}
    clean |= {"DATAHUB_GMS_URL": gms.url, "DATAHUB_TELEMETRY_ENABLED": "false", **environment}
    clean |= {"UV_CACHE_DIR": str(folder.parent.with_name("uv"))}  # what one test has fetched the next need not
    clean |= {"UV_NATIVE_TLS": "1", "UV_SYSTEM_CERTS": "1"}  # as pip does: the authorities of the machine
    command = [sys.executable, "-m", "tests.support.executor", str(folder), gms.url]
    done = subprocess.run(
        command, input=json.dumps(request(gms)), cwd=ROOT, env=clean, text=True, timeout=500,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout.splitlines()[-1], done.stdout


def systems(home: Path) -> list[str]:
    return sorted(f"urn:li:application:{path.stem}" for path in (home / "ingestion_recipes" / "systems").glob("*.yml"))


def test_the_executor_runs_a_deployed_recipe_with_packaged_content(
    home: Path, wheel: Path, gms: Standin, tmp_path: Path
) -> None:
    content = pack(home, tmp_path)
    schedule(home, {
        "id": "register", "recipe": "register", "schedule": "10 1 * * *",
        "extra_pip": json.dumps([f"campus-catalog @ file://{wheel}", f"campus-catalog-content @ file://{content}"]),
        "extra_env": "CAMPUS_CATALOG_HOME=package:campus-catalog-content",
    })  # fmt: skip
    deploy(home, gms.url)
    ended, said = execute(gms, tmp_path / "executor")
    assert ended == "SUCCESS", said[-4000:]
    assert gms.store.urns("application") == systems(home)
    assert f"package campus-catalog-content {content.name.split('-')[1]}" in said
    listed = json.loads(campus("schedule", "list", "--format", "json", home=home, target=gms.url).stdout)
    assert [(one["entry"], one["where"], one["result"]) for one in listed] == [("register", "DataHub", "succeeded")]
    assert not gms.rejected and not gms.unknown_requests


def test_in_an_image_with_wheel_and_content_an_entry_need_say_neither(
    home: Path, wheel: Path, gms: Standin, tmp_path: Path
) -> None:
    schedule(home, {"id": "register", "recipe": "register", "schedule": "10 1 * * *"})
    deploy(home, gms.url)
    variables = re.findall(r"^ENV (\w+)=", (ROOT / "docker" / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    image = {"UV_FIND_LINKS": str(wheel.parent), "CAMPUS_CATALOG_HOME": str(home)}
    assert set(variables) == set(image)
    ended, said = execute(gms, tmp_path / "executor", **image)
    assert ended == "SUCCESS", said[-4000:]
    assert gms.store.urns("application") == systems(home)


def test_the_executor_fetches_content_with_a_secret_and_never_says_it(
    home: Path, wheel: Path, gms: Standin, tmp_path: Path
) -> None:
    repository = new_repository(home, tmp_path)
    with serving(repository.parent, wanted=f"{USER}:{TOKEN}") as files:
        recipe = yaml.safe_load((home / "ingestion_recipes" / "register.yml").read_text("utf-8"))
        recipe["source"]["config"] = {"home": f"git+http://{USER}:${{GIT_TOKEN}}@{files.address}/content.git@v1"}
        (home / "ingestion_recipes" / "register.yml").write_text(yaml.safe_dump(recipe))
        schedule(
            home,
            {"id": "register", "recipe": "register", "extra_pip": json.dumps([f"campus-catalog @ file://{wheel}"])},
        )
        deploy(home, gms.url)
        ended, said = execute(gms, tmp_path / "executor", GIT_TOKEN=TOKEN)
        assert ended == "SUCCESS", said[-4000:]
        refused, reason = execute(gms, tmp_path / "refused", GIT_TOKEN="glpat-an0ther_T0ken")
    assert gms.store.urns("application") == systems(home)
    assert f"git+http://{files.address}/content.git commit " in said
    assert refused == "FAILURE" and "refused the credentials" in reason
    kept = [path.read_bytes().decode("utf-8", "replace") for name in ("executor", "refused")
            for path in (tmp_path / name / "logs").rglob("*") if path.is_file()]  # fmt: skip
    stored = str({urn: gms.store.entity(urn) for urn in gms.store.urns()})
    assert kept and all("T0ken" not in text for text in [said, reason, stored, *kept])


def test_the_executor_s_own_environment_runs_it_with_a_zip_file_and_installs_nothing(
    home: Path, gms: Standin, tmp_path: Path
) -> None:
    content = pack(home, tmp_path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with serving() as files:
        files.pages["/content.whl"] = (200, content)
        address = f"http://{files.address}/content.whl#sha256={digest}"
        schedule(home, {"id": "register", "recipe": "register", "cli_version": "native",
                        "extra_env": f"CAMPUS_CATALOG_HOME={address}"})  # fmt: skip
        deploy(home, gms.url)
        ended, said = execute(gms, tmp_path / "executor")
    assert ended == "SUCCESS", said[-4000:]
    assert gms.store.urns("application") == systems(home)
    assert f"content.whl sha256 {digest}" in said and "Creating new venv" not in said
