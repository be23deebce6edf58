"""``plan`` and ``apply`` as a user runs them: what they say, ask, keep and exit with."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.content import ROOT, campus, replace, whole_home
from tests.support.planning import bring, catalog, make, new_school

TARGET = "lite:c.db"
GIFTS = "urn:li:dataset:(urn:li:dataPlatform:filing-cabinet,gifts,PROD)"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


@pytest.fixture
def less(school: Path) -> Path:
    """An applied school that no longer declares one dataset."""
    bring(school, TARGET)
    path = school / "ingestion_recipes" / "systems" / "rulebook.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.partition("  - table: gifts")[0], encoding="utf-8")
    return school


def removed(home: Path) -> bool:
    return bool(catalog(home, TARGET)[GIFTS]["status"]["removed"])


def test_plan_and_apply_say_what_they_do(school: Path) -> None:
    done = campus("plan", home=school, target=TARGET)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    assert "+ urn:li:domain:learning domainProperties" in lines
    assert re.fullmatch(rf"(\d+) to add, 0 to change, 0 to remove in lite:{school}/c.db", last)
    assert not (school / "c.db").exists()

    done = campus("apply", home=school, target=TARGET)
    assert (done.returncode, done.stderr) == (0, ""), "quiet in a pipe: no progress bar"
    assert done.stdout.splitlines()[-2] == last
    assert done.stdout.splitlines()[-1] == f"{last.split()[0]} written to lite:{school}/c.db"
    assert "\x1b" not in done.stdout

    for command in ("plan", "apply"):
        done = campus(command, home=school, target=TARGET)
        assert (done.returncode, done.stdout) == (0, f"nothing to change in lite:{school}/c.db\n")


def test_json_lists_the_changes_for_programs(school: Path) -> None:
    bring(school, TARGET)
    replace(school / "glossary" / "terms" / "all.yml", "教师的履历。", "教师的经历。")
    done = campus("plan", "--format", "json", home=school, target=TARGET)
    (change,) = json.loads(done.stdout)
    assert (change["action"], change["aspect"], change["removes"]) == ("~", "glossaryTermInfo", False)
    assert change["urn"] == "urn:li:glossaryTerm:catalogue.people.staff-file"
    assert change["after"]["definition"] == "教师的经历。（第三条）"


def test_a_kept_plan_is_applied_once(school: Path) -> None:
    plan = school / "plan.json"
    done = campus("plan", "--out", str(plan), home=school, target=TARGET)
    assert done.stdout.endswith(f"kept in {plan}; 'campus-catalog apply {plan}' applies it\n")
    assert campus("apply", str(plan), home=school, target=TARGET).returncode == 0
    assert campus("plan", home=school, target=TARGET).stdout.startswith("nothing to change")

    stale = campus("apply", str(plan), home=school, target=TARGET)
    assert stale.returncode == 1
    assert "the catalog changed since the plan was made; make a new plan" in stale.stderr
    assert "urn:li:ownershipType:home-unit ownershipTypeInfo" in stale.stderr


def test_a_kept_plan_is_refused_for_another_target_and_when_edited(school: Path) -> None:
    plan = school / "plan.json"
    campus("plan", "--out", str(plan), home=school, target=TARGET)
    done = campus("apply", str(plan), home=school, target="file:c.json")
    assert done.returncode == 1
    assert f"was made for lite:{school}/c.db, not for file:{school}/c.json" in done.stderr

    plan.write_text(plan.read_text(encoding="utf-8").replace("教师的履历", "教师的经历"), encoding="utf-8")
    done = campus("apply", str(plan), home=school, target=TARGET)
    assert done.returncode == 1
    assert "was edited after it was made; change the content and make a new plan" in done.stderr
    assert not list(school.glob("c.*"))


def test_a_plan_that_cannot_be_kept_is_wrong_usage(school: Path) -> None:
    done = campus("plan", "--out", str(school / "nowhere" / "plan.json"), home=school, target=TARGET)
    assert done.returncode == 2
    assert "nowhere/plan.json cannot be written: No such file or directory" in done.stderr


def test_removing_needs_yes_where_nobody_can_be_asked(less: Path) -> None:
    assert campus("apply", home=less, target=TARGET).returncode == 0
    assert not removed(less), "only --prune removes"

    done = campus("apply", "--prune", home=less, target=TARGET)
    assert done.returncode == 2
    assert f"- {GIFTS} status" in done.stdout
    assert "1 removal(s) need a confirmation; pass --yes" in done.stderr
    assert not removed(less)

    done = campus("apply", "--prune", "--yes", home=less, target=TARGET)
    assert (done.returncode, done.stderr) == (0, "")
    assert removed(less)


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130)])
def test_on_a_terminal_it_asks(answer: str, code: int, less: Path) -> None:
    ours, theirs = pty.openpty()
    program = [str(Path(sys.executable).with_name("campus-catalog")), "--home", str(less), "--target", TARGET]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPUS_", "DATAHUB_GMS"))}
    os.write(ours, answer.encode())
    done = subprocess.run(
        [*program, "apply", "--prune"], stdin=theirs, capture_output=True, text=True, env=clean, timeout=60
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code, done.stderr
    assert "Remove 1 thing(s)?" in done.stdout + done.stderr
    assert removed(less) is (code == 0)


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["plan", "--out", "plan.json"]])
def test_faulty_content_is_listed_and_nothing_written(command: list[str], school: Path) -> None:
    systems = school / "ingestion_recipes" / "systems"
    replace(systems / "teaching.yml", "unit: 本科院", "unit: 本科学院")
    replace(systems / "rulebook.yml", "unit: 综合事务部\npersons", "unit: 综合部\npersons")
    done = campus(*command, home=school, target=TARGET)
    assert done.returncode == 1
    assert "ingestion_recipes/systems/teaching.yml:8: [unknown-unit] 没有名为「本科学院」的单位" in done.stderr
    assert "ingestion_recipes/systems/rulebook.yml:6: [unknown-unit]" in done.stderr
    assert not list(school.glob("c.*")) and not list(school.glob("*.json"))


def test_a_catalog_that_is_something_else_is_not_touched(school: Path) -> None:
    (school / "c.db").write_text("not a database", encoding="utf-8")
    done = campus("apply", home=school, target=TARGET)
    assert done.returncode == 3
    assert "cannot be opened as a DataHub Lite database" in done.stderr
    assert (school / "c.db").read_text(encoding="utf-8") == "not a database"


def test_a_file_that_is_no_plan_is_said(school: Path) -> None:
    done = campus("apply", str(school / "glossary" / "tags.yml"), home=school, target=TARGET)
    assert done.returncode == 1 and "tags.yml is not a plan" in done.stderr
    done = campus("apply", "nowhere.json", home=school, target=TARGET)
    assert done.returncode == 2


# -- scripts/apply ------------------------------------------------------------------------------------------------


def deploy(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of scripts/apply on a home of its own, with this environment's command instead of an installation."""
    (root / "scripts").mkdir(exist_ok=True)
    text = (ROOT / "scripts" / "apply").read_text(encoding="utf-8")
    (root / "scripts" / "apply").write_text(text, encoding="utf-8")
    (root / "scripts" / "_install.sh").write_text(f"CAMPUS_ROOT={root}\ncampus_install() {{ :; }}\n", encoding="utf-8")
    (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    program = root / ".venv" / "bin" / "campus-catalog"
    if not program.exists():
        program.symlink_to(Path(sys.executable).with_name("campus-catalog"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPUS_", "DATAHUB_GMS"))}
    return subprocess.run(
        ["bash", str(root / "scripts" / "apply"), *options], capture_output=True, text=True, timeout=90,
        env={**clean, "CAMPUS_CATALOG_TARGET": TARGET},
    )  # fmt: skip


def logs(home: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((home / ".catalog" / "logs").glob("apply-*.log"))]


def test_the_deployment_validates_plans_applies_and_logs_what_it_wrote(school: Path) -> None:
    done = deploy(school)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert [step.split()[2] for step in steps] == ["validate", "plan", "apply"]
    assert f"written to lite:{school}/c.db" in done.stdout
    assert logs(school) == [done.stdout]
    assert "\x1b" not in done.stdout and done.stderr == ""


def test_the_deployment_stops_at_the_first_fault(school: Path) -> None:
    replace(school / "ingestion_recipes" / "systems" / "teaching.yml", "unit: 本科院", "unit: 本科学院")
    done = deploy(school)
    assert done.returncode == 1
    assert "[unknown-unit]" in done.stdout and "campus-catalog plan" not in done.stdout
    assert not (school / "c.db").exists()


def test_the_deployment_prunes_only_when_told(less: Path) -> None:
    assert deploy(less).returncode == 0
    assert not removed(less)
    assert deploy(less, "--prune").returncode == 0
    assert removed(less)


# -- docs/howto/apply.md ------------------------------------------------------------------------------------------


def test_the_how_to_shows_what_its_steps_print(tmp_path: Path) -> None:
    whole_home(tmp_path)
    target = "lite:.catalog/datahub.db"
    bring(tmp_path, target)
    printed: list[str] = []

    def run(*arguments: str) -> None:
        done = campus(*arguments, home=tmp_path, target=target)
        assert "Internal error" not in done.stderr
        printed.extend((done.stdout + done.stderr).replace(f"{tmp_path}/", "").splitlines())

    replace(tmp_path / "glossary" / "terms" / "items.yml", "和考试安排等", "和考试安排和教室使用等")
    run("plan")
    run("apply")
    run("apply")
    mail = tmp_path / "ingestion_recipes" / "systems" / "mail.yml"
    mail.write_text(mail.read_text(encoding="utf-8").partition("  - table: distribution-lists")[0], encoding="utf-8")
    run("plan")
    run("apply", "--prune")
    plan = str(tmp_path / "plan.json")
    run("plan", "--prune", "--out", plan)
    run("apply", "--yes", plan)
    run("apply", "--yes", plan)
    assert make(tmp_path, target, prune=True).changes == []

    text = (ROOT / "docs" / "howto" / "apply.md").read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) if block.startswith("$")]
    shown = [line for block in blocks for line in block.splitlines() if line != "..." and not line.startswith("$")]
    assert len(shown) > 10
    assert [line for line in shown if line not in printed] == []
