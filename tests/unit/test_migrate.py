"""``campus-catalog migrate``: content of version 1 becomes sound content of version 2, or nothing is written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from datahub.utilities.ingest_utils import DeployOptions

from campus_catalog.cli.main import COMMANDS
from campus_catalog.content.problems import ContentError
from campus_catalog.migration import v2
from campus_catalog.migration.run import MigrationError, plan_migration, write
from campus_catalog.migration.v1 import KEYS
from campus_catalog.schedule.loader import SCHEDULE, load_schedule
from campus_catalog.schedule.models import Entry
from campus_catalog.school import School
from tests.support.content import FAULT, campus, fault_line, new_home, replace, whole_home
from tests.support.content import write as content

RECIPE = "source:\n  type: campus-taxonomy\n  config: {}\n"
BLOCK = 'deployment:\n  name: 词汇\n  schedule: "0 1 * * *"\n  time_zone: Asia/Shanghai\n'


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Sound content of version 1 in which no recipe has a block yet."""
    home = new_home(tmp_path / "home")
    school = home / "glossary" / "school.yml"
    text = school.read_text(encoding="utf-8")
    school.write_text(re.sub(r"content_version: .*\n", "", text), encoding="utf-8")
    return home


def recipe(home: Path, text: str, name: str = "demo") -> Path:
    path = home / "ingestion_recipes" / f"{name}.yml"
    path.write_bytes(text.encode())
    return path


def migrate(home: Path) -> list[str]:
    """Migrate; returns the notes."""
    parts = plan_migration(home)
    write(home, parts)
    return [note for part in parts for note in part.notes]


def files(home: Path) -> dict[str, bytes]:
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def entries(home: Path) -> Any:
    return yaml.safe_load((home / SCHEDULE).read_text(encoding="utf-8"))["entries"]


def test_the_command_says_what_changes_writes_it_and_has_nothing_to_do_then(old: Path) -> None:
    recipe(old, BLOCK + RECIPE)
    before = files(old)
    tried = campus("migrate", "--dry-run", home=old)
    assert (tried.returncode, tried.stderr) == (0, "") and files(old) == before
    assert '+    schedule: "0 1 * * *"' in tried.stdout and '-  schedule: "0 1 * * *"' in tried.stdout
    assert tried.stdout.splitlines()[-1] == "3 file(s) would change; nothing was written"

    done = campus("migrate", home=old)
    assert done.stdout.splitlines()[:-1] == tried.stdout.splitlines()[:-1]
    assert done.stdout.splitlines()[-1].startswith("3 file(s) changed; the content is version 2")
    changed = {name for name, data in files(old).items() if before.get(name) != data}
    assert changed == {"ingestion_recipes/demo.yml", "glossary/school.yml", SCHEDULE.as_posix()}
    checked = campus("validate", home=old)
    assert checked.returncode == 0 and "1 scheduled" in checked.stdout, checked.stdout

    after = files(old)
    again = campus("migrate", home=old)
    assert (again.returncode, again.stdout) == (0, "nothing to do: the content is version 2\n")
    assert files(old) == after


def test_the_schools_own_content_survives_having_its_schedule_in_the_recipes(tmp_path: Path) -> None:
    whole_home(tmp_path)
    sound = files(tmp_path)
    schedule = load_schedule(tmp_path, COMMANDS)
    for entry in schedule:
        if entry.recipe:
            path = tmp_path / "ingestion_recipes" / f"{entry.recipe}.yml"
            options = {"name": entry.name, "schedule": entry.schedule, "time_zone": schedule.zone(entry)}
            block = yaml.safe_dump({"deployment": options}, allow_unicode=True, sort_keys=False)
            path.write_text(path.read_text(encoding="utf-8") + block, encoding="utf-8")
    (tmp_path / SCHEDULE).unlink()
    school = replace(tmp_path / "glossary" / "school.yml", "content_version: 2 ", "content_version: 1 ")
    migrate(tmp_path)
    assert School(tmp_path, COMMANDS).problems == []
    assert "content_version: 2  " in school.read_text(encoding="utf-8"), "the comment beside it stays"
    del sound[SCHEDULE.as_posix()]
    assert {name: data for name, data in files(tmp_path).items() if name in sound} == sound
    found = {(entry.recipe, entry.name, entry.schedule) for entry in load_schedule(tmp_path, COMMANDS)}
    assert found == {(entry.recipe, entry.name, entry.schedule) for entry in schedule if entry.recipe}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_not_moved_stays_byte_for_byte(old: Path, mark: str, end: str) -> None:
    head = f"{mark}# 每晚{end}pipeline_name:   demo   # 名{end}"
    tail = f"# the source{end}source:{end}    type:   'campus-taxonomy'{end}    config:   {{ }}{end}"
    path = recipe(old, head + BLOCK.replace("\n", end) + tail)
    school = old / "glossary" / "school.yml"
    text = school.read_bytes().replace(b"\n", end.encode())
    school.write_bytes(mark.encode() + text)
    migrate(old)
    assert path.read_bytes() == (head + tail).encode()
    assert school.read_bytes().replace(f"content_version: 2{end}".encode(), b"") == mark.encode() + text


def test_the_block_takes_its_own_comments_along_and_no_others(old: Path) -> None:
    block = """\
deployment:   # in DataHub
    # nightly
    name: "词汇"
    schedule: 0 1 * * *  # quiet
    # last
"""
    path = recipe(old, f"# before\n{block}# the source\n{RECIPE}")
    notes = migrate(old)
    assert path.read_text(encoding="utf-8") == f"# before\n# the source\n{RECIPE}"
    assert (
        (old / SCHEDULE).read_text(encoding="utf-8")
        == """\
entries:
  - id: demo  # in DataHub
    recipe: demo
    time_zone: UTC
    # nightly
    name: "词汇"
    schedule: 0 1 * * *  # quiet
    # last
"""
    )
    assert "demo: the block named no time zone, which DataHub reads as UTC: so does the entry" in notes


def test_an_entry_the_recipe_has_already_wins_and_every_difference_is_said(old: Path) -> None:
    recipe(old, BLOCK + RECIPE)
    recipe(old, 'deployment: {name: 别的, schedule: "5 5 * * *", cli_version: "1.7.0"}\n' + RECIPE, "other")
    text = """\
        # ours
        entries:
          - {id: night, recipe: other, name: 词汇, schedule: "5 5 * * *"}  # by hand
        # end
        """
    path = content(old / SCHEDULE, text)
    notes = migrate(old)
    assert [(entry["id"], entry["recipe"]) for entry in entries(old)] == [("night", "other"), ("demo", "demo")]
    assert path.read_text(encoding="utf-8").startswith("# ours\nentries:\n  - {id: night, recipe: other, name: 词汇, ")
    said = {note for note in notes if "schedule.yml keeps" in note}
    assert said == {
        "other: schedule.yml keeps name: 词汇; the block's name: 别的 is gone",
        "other: schedule.yml keeps time_zone: Asia/Shanghai; the block's time_zone: UTC is gone",
        "other: schedule.yml keeps cli_version: None; the block's cli_version: 1.7.0 is gone",
    }


def test_what_the_step_does_not_know_in_the_schedule_stays(old: Path) -> None:
    """The step also runs over later versions, whose schedule may have keys of their own."""
    recipe(old, BLOCK + RECIPE)
    text = "later: {a: 1}\nentries:\n  - {id: night, command: apply, later: x}\n"
    path = content(old / SCHEDULE, text)
    migrate(old)
    assert path.read_text(encoding="utf-8").startswith(text) and entries(old)[1]["recipe"] == "demo"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# nothing yet\n", "# nothing yet\nentries:\n  - id: demo\n"),
        ("keep: 5", "keep: 5\nentries:\n  - id: demo\n"),
        ("entries: []\nkeep: 5\n", "keep: 5\nentries:\n  - id: demo\n"),
        ("entries:\n- {id: a, command: apply}\nkeep: 5\n", "entries:\n- {id: a, command: apply}\n- id: demo\n"),
        ("entries:\n    - id: a\n      command: apply\n    # x\n\nkeep: 5\n",
         "entries:\n    - id: a\n      command: apply\n    # x\n    - id: demo\n"),
    ],
)  # fmt: skip
def test_the_entry_is_written_as_the_schedule_is(old: Path, text: str, expected: str) -> None:
    recipe(old, BLOCK + RECIPE)
    path = content(old / SCHEDULE, "")
    path.write_text(text, encoding="utf-8")
    migrate(old)
    assert path.read_text(encoding="utf-8").startswith(expected)
    assert School(old, COMMANDS).problems == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("invalid", "deployment:\n  name: x\n  schedule: 0 25 * * *  # fault\n"),
        ("invalid", "deployment:\n  name: x\n  schedule: 0 1 1 * 1  # fault\n"),
        ("invalid", "deployment: {name: x, time_zone: Asia/Shanghia}  # fault\n"),
        ("invalid", "deployment:\n  name: x\n  cli_version: 1.7  # fault\n"),
        ("invalid", "deployment:\n  name: x\n  extra_env: [A=1]  # fault\n"),
        ("unknown-key", "deployment:\n  name: x\n  description: 采集  # fault\n"),
        ("unknown-key", "deployment:\n  name: x\n  timeout: 1h  # fault\n"),
        ("unknown-key", "deployment:\n  name: x\n  command: apply  # fault\n"),
        ("secret", "deployment:\n  name: x\n  extra_env: A=1,DB_PASSWORD=hunter2  # fault\n"),
        ("secret", "deployment:\n  name: x\n  extra_pip: '[\"c @ git+https://u:hunter2@x/c\"]'  # fault\n"),
        ("invalid", "deployment: [x]  # fault\n"),
        ("invalid", 'deployment: &t {name: x, schedule: "0 1 * * *"}  # fault\n'),
        ("yaml", "deployment: {name: x  # fault\n"),
    ],
)
def test_a_block_that_cannot_be_moved_is_named_with_its_line_and_nothing_is_written(
    old: Path, code: str, text: str
) -> None:
    path = recipe(old, text + RECIPE)
    recipe(old, BLOCK + RECIPE, "sound")
    before = files(old)
    done = campus("migrate", home=old)
    (message, count) = done.stderr.splitlines()
    line = fault_line(path) + (code == "yaml")
    assert message.startswith(f"ingestion_recipes/demo.yml:{line}: [{code}] ")
    assert (done.returncode, done.stdout, count) == (1, "", "1 problem(s)")
    assert files(old) == before and "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("demo", "{deployment: {name: x}, source: {type: campus-taxonomy, config: {}}}\n"),
        ("demo", "deployment: &d {name: &n x}\npipeline_name: *n\n" + RECIPE),
        ("demo", "x-name: &n x\ndeployment:\n  name: *n\n" + RECIPE),
        ("night", BLOCK + RECIPE),
        ("Demo", BLOCK + RECIPE),
    ],
)
def test_what_cannot_be_moved_by_itself_is_left_as_it_is_and_named(old: Path, name: str, text: str) -> None:
    recipe(old, text, name)
    content(old / SCHEDULE, "entries:\n  - {id: night, command: apply}\n")
    before = files(old)
    with pytest.raises(ContentError) as caught:
        plan_migration(old)
    assert {problem.file for problem in caught.value.problems} <= {
        f"ingestion_recipes/{name}.yml",
        SCHEDULE.as_posix(),
    }
    assert files(old) == before


def test_every_file_that_cannot_be_read_is_named_and_nothing_is_written(old: Path) -> None:
    recipe(old, BLOCK + RECIPE)
    content(old / "glossary" / "tags.yml", f"tags: [  {FAULT}\n")
    content(old / "policies" / "access" / "a.yml", f"policies: []\npolicies: []  {FAULT}\n")
    before = files(old)
    done = campus("migrate", home=old)
    assert done.returncode == 1 and files(old) == before
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == [
        "glossary/tags.yml:2:",
        "policies/access/a.yml:2:",
        "2",
    ]


@pytest.mark.parametrize("text", ["", "[]\n", "content_version: two\n", None])
def test_content_whose_version_cannot_be_told_is_refused(old: Path, text: str | None) -> None:
    path = old / "glossary" / "school.yml"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    done = campus("migrate", home=old)
    assert done.returncode == 1 and done.stderr.startswith("glossary/school.yml")
    assert "Internal error" not in done.stderr


def test_newer_content_is_not_touched(old: Path) -> None:
    path = old / "glossary" / "school.yml"
    path.write_text(path.read_text(encoding="utf-8") + "content_version: 3\n", encoding="utf-8")
    before = files(old)
    done = campus("migrate", home=old)
    assert done.returncode == 1 and "[newer-content]" in done.stderr and files(old) == before


def test_a_block_that_came_into_current_content_is_refused_and_moved_too(old: Path) -> None:
    migrate(old)
    path = recipe(old, BLOCK + RECIPE)
    (problem,) = School(old, COMMANDS).problems
    assert (problem.file, problem.code) == ("ingestion_recipes/demo.yml", "recipe")
    assert "campus-catalog migrate" in problem.message
    migrate(old)
    assert School(old, COMMANDS).problems == [] and path.read_text(encoding="utf-8") == RECIPE


def test_nothing_secret_is_printed(old: Path) -> None:
    text = "deployment:\n  name: x\n  # was https://u:tok3n@git.example.edu/c\n"
    login = "    password: hunter2\n    uri: postgresql://reader:hunter3@db/x\n"
    recipe(old, text + RECIPE.replace("  config: {}\n", f"  config:\n{login}"))
    done = campus("migrate", home=old)
    assert done.returncode == 0 and "git.example.edu/c" in done.stdout
    assert not re.search("tok3n|hunter", done.stdout + done.stderr)
    assert "tok3n" in (old / SCHEDULE).read_text(encoding="utf-8"), "a comment moves as it is"


@pytest.mark.parametrize("names", ["demo", "demo other"])
def test_stopped_after_any_file_and_run_again_it_comes_to_the_same(old: Path, tmp_path: Path, names: str) -> None:
    for name in names.split():
        recipe(old, BLOCK + RECIPE, name)
    parts = plan_migration(old)
    (part,) = parts
    whole = shutil.copytree(old, tmp_path / "whole")
    write(whole, parts)
    for count in range(len(part.changes)):
        home = shutil.copytree(old, tmp_path / str(count))
        blocked = home / part.changes[count].path
        text = blocked.read_bytes() if blocked.exists() else None
        blocked.unlink(missing_ok=True)
        blocked.mkdir(parents=True)  # a folder in its place cannot be replaced by a file
        with pytest.raises(MigrationError) as caught:
            write(home, parts)
        done = ", ".join(change.path.as_posix() for change in part.changes[:count]) or "nothing"
        assert str(caught.value).startswith(f"{part.changes[count].path.as_posix()} cannot be written: ")
        assert f"Written before it: {done};" in str(caught.value)
        blocked.rmdir()
        if text is not None:
            blocked.write_bytes(text)
        migrate(home)
        assert files(home) == files(whole)


def test_a_file_that_cannot_be_written_ends_in_a_message(old: Path) -> None:
    recipe(old, BLOCK + RECIPE)
    (old / SCHEDULE.parent).write_text("a file where a folder must be")
    done = campus("migrate", home=old)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {SCHEDULE.as_posix()} cannot be written: ")
    assert "Written before it: nothing;" in done.stderr


def test_the_keys_moved_are_all_the_keys_datahub_has() -> None:
    assert set(KEYS) == DeployOptions.model_fields.keys()
    assert DeployOptions.model_fields.keys() == v2.Options.model_fields.keys()
    assert DeployOptions.model_fields.keys() < Entry.model_fields.keys()
    assert DeployOptions.model_fields["time_zone"].default == "UTC"
