"""The suite fails on what is left in the temporary folder, and names it with the test after which it was there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.content import ROOT, write

CLEAN = """
    import subprocess, sys, tempfile
    from pathlib import Path

    import pytest

    @pytest.fixture(scope="session")
    def server():
        with tempfile.TemporaryDirectory() as folder:
            yield folder

    @pytest.mark.parametrize("number", range(4))
    def test_clean(number, server, tmp_path):
        (tmp_path / "file").write_text("x")
        with tempfile.NamedTemporaryFile() as file:
            assert Path(file.name).is_relative_to(tempfile.gettempdir())
"""
LEAVING = """
    def test_leaving(server):
        Path(tempfile.mkdtemp(prefix="mine-"), "catalog.db").write_text("x")

    def test_leaving_by_another_process():
        subprocess.run([sys.executable, "-c", "import tempfile; tempfile.mkstemp(prefix='started-')"], check=True)
"""


def suite(folder: Path, text: str, *options: str) -> tuple[int, str, list[Path]]:
    """Run a suite of its own; returns its exit code, what it said, and what is in the temporary folder afterwards."""
    write(folder / "suite" / "pytest.ini", "[pytest]\ntmp_path_retention_policy = failed")
    write(folder / "suite" / "test_some.py", text)
    place = folder / "tmp"
    place.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.support.leftovers", "-p", "no:cacheprovider", *options],
        cwd=folder / "suite", env={**clean, "PYTHONPATH": str(ROOT), "TMPDIR": str(place)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout, [path for path in place.iterdir() if not path.name.startswith("pytest-of-")]


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["in one process", "with two workers"])
def test_a_suite_that_leaves_nothing_passes(tmp_path: Path, options: list[str]) -> None:
    code, said, left = suite(tmp_path, CLEAN, *options)
    assert code == 0, said
    assert "4 passed" in said and "left in the temporary folder" not in said
    assert left == []


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["in one process", "with two workers"])
def test_a_suite_that_leaves_something_fails_and_says_what_and_by_which_test(
    tmp_path: Path, options: list[str]
) -> None:
    code, said, (left,) = suite(tmp_path, CLEAN + LEAVING, *options)
    assert code == 1 and "6 passed" in said, said
    (heading,) = (line for line in said.splitlines() if "left in the temporary folder" in line)
    assert str(left) in heading
    lines = sorted(line.rpartition("/")[2] if options else line for line in said.splitlines() if "first seen" in line)
    assert [line.split("-")[0] for line in lines] == ["mine", "started"]
    assert "(catalog.db): first seen after test_some.py::test_leaving" in lines[0]
    assert lines[1].endswith(": first seen after test_some.py::test_leaving_by_another_process")


def test_a_test_that_fails_fails_the_suite_as_ever(tmp_path: Path) -> None:
    code, said, _ = suite(tmp_path, "def test_fails(): assert False")
    assert code == 1 and "1 failed" in said
