"""The wheel alone, in a clean environment: its plugins work with the stock command. Needs a Python package index."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from campus_catalog.content.layout import TOPS
from tests.support.content import whole_home

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ["campus-register", "campus-stamp", "campus-system", "campus-taxonomy"]

pytestmark = pytest.mark.timeout(600)


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Runs a command with nothing of this environment in its way; returns what it printed."""
    ours = ("CAMPUS_", "DATAHUB_", "PYTHON", "VIRTUAL_ENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**clean, "DATAHUB_TELEMETRY_ENABLED": "false", "HOME": str(cwd), **env},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built from: building leaves folders behind."""
    copy = tmp_path_factory.mktemp("source") / "campus-catalog"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=left_out)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", source / "dist", source)
    run(sys.executable, *build, cwd=source)
    (path,) = (source / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder.parent)
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "campus_catalog/sources/system.py" in names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"campus_catalog"}
    modules = {path.relative_to(ROOT / "custom_sources").as_posix()
               for path in (ROOT / "custom_sources" / "campus_catalog").rglob("*.py")}  # fmt: skip
    assert modules <= set(names)
    assert "campus_catalog/py.typed" in names, "without it type checkers take the package for untyped"


def test_the_sdist_builds_the_same_wheel_without_tests_and_scripts(source: Path, wheel: Path, tmp_path: Path) -> None:
    build = "import setuptools.build_meta as backend; backend.build_sdist('dist')"
    run(sys.executable, "-c", build, cwd=source)
    (archive,) = (source / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        folders = {name.split("/")[1] for name in opened.getnames() if name.count("/")}
        assert [name for name in opened.getnames() if name.endswith("/campus_catalog/py.typed")]
        opened.extractall(tmp_path)  # we built it
    assert not folders & {"tests", "scripts"}
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    command = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, unpacked)
    run(sys.executable, *command, cwd=tmp_path)

    (again,) = tmp_path.glob("*.whl")
    names = [sorted(zipfile.ZipFile(path).namelist()) for path in (again, wheel)]
    assert names[0] == names[1]


def test_stock_datahub_finds_the_four_plugins_enabled(environment: Path, tmp_path: Path) -> None:
    listed = run(environment / "bin" / "datahub", "check", "plugins", cwd=tmp_path)

    lines = [line for line in listed.splitlines() if line.startswith("campus-")]
    assert sorted(line.split()[0] for line in lines) == PLUGINS
    assert [line for line in lines if "disabled" in line] == []


def test_stock_datahub_runs_the_register_into_a_file(environment: Path, tmp_path: Path) -> None:
    for folder in ("glossary", "ingestion_recipes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    recipe = tmp_path / "register.yml"
    recipe.write_text(
        "source: {type: campus-register, config: {}}\nsink: {type: file, config: {filename: out.json}}\n",
        encoding="utf-8",
    )
    run(environment / "bin" / "datahub", "ingest", "-c", recipe, cwd=tmp_path, CAMPUS_CATALOG_HOME=str(tmp_path))

    records = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    systems = list((ROOT / "ingestion_recipes" / "systems").glob("*.yml"))
    urns = {record["entityUrn"] for record in records}
    assert len([urn for urn in urns if urn.startswith("urn:li:application:")]) == len(systems)


def test_the_command_works_without_the_checkout(environment: Path, tmp_path: Path) -> None:
    whole_home(tmp_path)
    for recipe in (tmp_path / "ingestion_recipes").glob("*.yml"):
        if recipe.stem not in ("taxonomy", "register"):  # the others need drivers, which are extras
            recipe.unlink()
    shutil.rmtree(tmp_path / "ingestion_recipes" / "schedule")  # it names them
    program = environment / "bin" / "campus-catalog"
    run(program, "validate", cwd=tmp_path)
    assert "aspects changed" in run(program, "ingest", cwd=tmp_path)


def test_the_executor_s_container_copies_what_is_there_and_names_it() -> None:
    """The image cannot be built here; what it copies, and what its environment names, can be checked."""
    text = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for words in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for word in words.split()]
    assert {"custom_sources", *TOPS} <= set(copied)
    assert [word for word in copied if not (ROOT / word).exists()] == []
    variables = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.MULTILINE))
    assert f"COPY --from=build /wheels {variables['UV_FIND_LINKS']}\n" in text
    assert f"COPY glossary {variables['CAMPUS_CATALOG_HOME']}/glossary\n" in text
