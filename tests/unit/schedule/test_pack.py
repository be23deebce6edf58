"""`schedule pack`: the content as a wheel."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from campus_catalog.home.pack import is_suffix, pack
from tests.support.content import campus, replace, write
from tests.support.scheduling import schedule


def names(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]


def content_files(home: Path) -> list[str]:
    return [path.relative_to(home).as_posix() for path in sorted(home.rglob("*.yml"))]


def test_it_holds_the_content_and_nothing_else(home: Path, tmp_path: Path) -> None:
    schedule(home, {"id": "register", "recipe": "register"})
    write(home / "policies" / "access" / "10.yml", "[]")
    files = content_files(home)
    for stray in (
        ".env",
        "glossary/.env",
        "glossary/.git/config.yml",
        "ingestion_recipes/key.pem",
        "policies/a.db",
        ".catalog/state.yml",
        "notes.yml",
        "ingestion_recipes/draft.yaml",
        "ingestion_recipes/.old/x.yml",
        "ingestion_recipes/.register.yml.swp",
    ):
        write(home / stray, "password: s3cr3t")
    wheel = pack(home, tmp_path / "out")
    assert names(wheel) == [f"campus_catalog_content/{name}" for name in ["__init__.py", *files]]
    assert b"s3cr3t" not in wheel.read_bytes()
    assert list((tmp_path / "out").iterdir()) == [wheel]


@pytest.mark.parametrize("place", ["glossary", "ingestion_recipes/register.yml"])
def test_a_link_that_leads_out_of_the_content_is_refused_by_name(home: Path, tmp_path: Path, place: str) -> None:
    shutil.move(home / place, tmp_path / "elsewhere")
    (home / place).symlink_to(tmp_path / "elsewhere")
    done = campus("schedule", "pack", "--out", str(tmp_path / "dist"), home=home)
    assert done.returncode == 1 and not (tmp_path / "dist").exists()
    assert f"{place}" in done.stderr and "[link]" in done.stderr


def test_the_same_content_makes_the_same_bytes(home: Path, tmp_path: Path) -> None:
    one = pack(home, tmp_path / "one")
    for path in home.rglob("*.yml"):
        os.utime(path, (1, 1))
    other = pack(home, tmp_path / "other")
    assert (one.name, one.read_bytes()) == (other.name, other.read_bytes())


def test_a_changed_content_is_another_version_with_another_name(home: Path, tmp_path: Path) -> None:
    before = pack(home, tmp_path)
    write(home / "ingestion_recipes" / "new.yml", "source: {type: demo-data, config: {}}")
    after = pack(home, tmp_path)
    assert before.name != after.name
    (home / "ingestion_recipes" / "new.yml").rename(home / "ingestion_recipes" / "newer.yml")
    assert pack(home, tmp_path).name not in (before.name, after.name)


def test_every_file_stands_in_the_record_with_its_hash(home: Path, tmp_path: Path) -> None:
    write(home / "ingestion_recipes" / 'a,"b.yml', "source: {type: demo-data, config: {}}")
    wheel = zipfile.ZipFile(pack(home, tmp_path))
    (record,) = [name for name in wheel.namelist() if name.endswith("/RECORD")]
    rows = {row[0]: row[1:] for row in csv.reader(wheel.read(record).decode().splitlines())}
    assert list(rows) == wheel.namelist()
    assert rows.pop(record) == ["", ""]
    for name, (stated, size) in rows.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(wheel.read(name)).digest()).rstrip(b"=").decode()
        assert (stated, int(size)) == (f"sha256={digest}", len(wheel.read(name)))


def test_pip_installs_it_and_sees_its_version(home: Path, tmp_path: Path) -> None:
    wheel = pack(home, tmp_path / "out", "north")
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(target)]
    done = subprocess.run([*command, str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ask = "from importlib.metadata import version; print(version('campus-catalog-content-north'))"
    said = subprocess.run(
        [sys.executable, "-c", ask], env={**os.environ, "PYTHONPATH": str(target)}, capture_output=True, text=True
    )
    assert wheel.name == f"campus_catalog_content_north-{said.stdout.strip()}-py3-none-any.whl"
    assert (target / "campus_catalog_content_north" / "glossary" / "domains.yml").is_file()


def test_the_command_prints_the_file_and_its_checksum(home: Path, tmp_path: Path) -> None:
    done = campus("schedule", "pack", "--out", str(tmp_path / "dist"), home=home)
    assert done.returncode == 0, done.stderr
    path, checksum = done.stdout.splitlines()
    assert checksum == f"sha256={hashlib.sha256(Path(path).read_bytes()).hexdigest()}"


def test_content_with_problems_is_not_packed(home: Path, tmp_path: Path) -> None:
    replace(home / "glossary" / "organization.yml", "head: 教务处处长", "head: 没有这个岗位")
    schedule(home, {"id": "register", "recipe": "registre"})
    done = campus("schedule", "pack", "--out", str(tmp_path / "dist"), home=home)
    assert done.returncode == 1 and not (tmp_path / "dist").exists()
    assert "organization.yml" in done.stderr and "schedule.yml" in done.stderr


@pytest.mark.parametrize(("suffix", "fine"), [("north", True), ("n-1", True), ("North", False), ("../x", False)])
def test_a_suffix_makes_a_name_pip_takes(suffix: str, fine: bool) -> None:
    assert is_suffix(suffix) == fine


def test_a_folder_that_cannot_be_written_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = campus("schedule", "pack", "--out", str(tmp_path / "file" / "dist"), home=home)
    assert done.returncode == 2 and "cannot be written" in done.stderr
    assert campus("schedule", "pack", "--suffix", "A b", home=home).returncode == 2
