"""Ingestion sources of entries that are gone: named, and deleted on request; nobody else's ever."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from datahub.executor.execution.sub_process_ingestion_task import SubProcessIngestionTaskArgs
from datahub.metadata.schema_classes import DataHubIngestionSourceConfigClass, DataHubIngestionSourceInfoClass
from packaging.requirements import Requirement

from campus_catalog import __version__
from campus_catalog.apply import manifest
from campus_catalog.apply.plan import PlanError
from campus_catalog.apply.writers import open_writer
from campus_catalog.aspects.common import aspect_json
from campus_catalog.catalog.target import parse_target
from campus_catalog.cli import apply as cli_apply
from campus_catalog.cli.main import COMMANDS, Settings
from campus_catalog.cli.schedule import command
from campus_catalog.content.problems import ContentError
from campus_catalog.schedule.datahub.deploy import RECORD
from campus_catalog.schedule.export import cronjobs
from campus_catalog.schedule.loader import load_schedule
from tests.contract.standin import Standin
from tests.support.content import ROOT, campus, write
from tests.support.planning import bring, put
from tests.support.scheduling import deploy, schedule

REGISTER = {"id": "register", "recipe": "register", "schedule": "10 1 * * *"}
TAXONOMY = {"id": "taxonomy", "recipe": "taxonomy", "schedule": "0 1 * * *"}
INFO = "dataHubIngestionSourceInfo"
TARGET = "lite:catalog.db"
BY_HAND = "urn:li:dataHubIngestionSource:by-hand"


def urn(entry: str) -> str:
    return f"urn:li:dataHubIngestionSource:campus-{entry}"


def there(home: Path, target: str, *urns: str) -> dict[str, Any]:
    writer = open_writer(parse_target(target, home), read_only=True)
    try:
        return writer.current(urns)
    finally:
        writer.finish(keep=False)


@pytest.fixture(params=["lite", "file", "server"])
def target(request: pytest.FixtureRequest, gms: Standin) -> str:
    return {"lite": "lite:catalog.db", "file": "file:catalog.json", "server": gms.url}[request.param]


def test_the_source_of_an_entry_that_is_gone_is_named_and_pruned(home: Path, target: str) -> None:
    schedule(home, REGISTER, TAXONOMY)
    deploy(home, target)
    schedule(home, REGISTER)
    plan, left_over = deploy(home, target)
    assert (plan.visible, left_over) == ([], [urn("taxonomy")])
    plan, left_over = deploy(home, target, prune=True)
    assert [(change.action, change.urn) for change in plan.visible] == [("-", urn("taxonomy"))]
    assert left_over == []
    assert set(there(home, target, urn("register"), urn("taxonomy"))) == {urn("register")}
    assert [deploy(home, target, prune=prune)[0].changes for prune in (False, True)] == [[], []]


def test_an_entry_that_becomes_a_command_leaves_its_source(home: Path) -> None:
    schedule(home, TAXONOMY)
    deploy(home, "lite:catalog.db")
    schedule(home, {"id": "taxonomy", "command": "apply --yes", "schedule": "0 1 * * *"})
    assert deploy(home, "lite:catalog.db")[1] == [urn("taxonomy")]


def test_a_disabled_entry_is_not_gone(home: Path) -> None:
    schedule(home, TAXONOMY)
    deploy(home, "lite:catalog.db")
    schedule(home, {**TAXONOMY, "enabled": False})
    plan, _ = deploy(home, "lite:catalog.db", prune=True)
    assert [change.action for change in plan.visible] == ["~"]


def test_a_recipe_at_fault_does_not_delete_its_source(home: Path) -> None:
    schedule(home, REGISTER, TAXONOMY)
    deploy(home, "lite:catalog.db")
    write(home / "ingestion_recipes" / "taxonomy.yml", "source: [")
    with pytest.raises(ContentError, match="taxonomy.yml"):
        deploy(home, "lite:catalog.db", prune=True)
    assert urn("taxonomy") in there(home, "lite:catalog.db", urn("taxonomy"))


def test_a_source_made_in_the_ui_is_left_alone(home: Path) -> None:
    info = DataHubIngestionSourceInfoClass("手工", "mysql", DataHubIngestionSourceConfigClass("{}"))
    schedule(home, REGISTER)
    put(home, "lite:catalog.db", (BY_HAND, INFO, aspect_json(info)))
    deploy(home, "lite:catalog.db")
    schedule(home)
    _, left_over = deploy(home, "lite:catalog.db")
    assert left_over == [urn("register")]
    deploy(home, "lite:catalog.db", prune=True)
    assert set(there(home, "lite:catalog.db", BY_HAND, urn("register"))) == {BY_HAND}


def test_a_source_deleted_in_the_ui_is_not_left_over(home: Path, gms: Standin) -> None:
    schedule(home, REGISTER, TAXONOMY)
    deploy(home, gms.url)
    gms.store.delete(urn("taxonomy"))
    schedule(home, REGISTER)
    assert deploy(home, gms.url)[1] == []


def test_apply_and_deploy_prune_only_what_is_their_own(home: Path) -> None:
    schedule(home, REGISTER)
    bring(home, "lite:catalog.db")
    deploy(home, "lite:catalog.db")
    records = there(home, "lite:catalog.db", manifest.URN, RECORD)
    assert set(records) == {manifest.URN, RECORD}
    assert bring(home, "lite:catalog.db", prune=True).changes == []
    assert deploy(home, "lite:catalog.db", prune=True)[0].changes == []
    schedule(home)
    deploy(home, "lite:catalog.db", prune=True)
    assert bring(home, "lite:catalog.db").changes == []


def test_what_changed_while_it_asked_is_not_overwritten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(home, REGISTER)
    deploy(home, TARGET)
    schedule(home, {**REGISTER, "schedule": "20 1 * * *"})
    (before,) = there(home, TARGET, urn("register")).values()
    changed = {**before[INFO], "name": "renamed in the UI"}
    monkeypatch.setattr(cli_apply, "confirm_removals", lambda *_: put(home, TARGET, (urn("register"), INFO, changed)))
    done = CliRunner().invoke(command, ["deploy"], obj=Settings(home, TARGET))
    assert isinstance(done.exception, PlanError) and "the catalog changed since the plan was made" in str(
        done.exception
    )
    assert there(home, TARGET, urn("register"))[urn("register")][INFO] == changed


def test_deleting_asks_first(home: Path) -> None:
    schedule(home, REGISTER)
    deploy(home, "lite:catalog.db")
    schedule(home)
    named = campus("schedule", "deploy", home=home, target="lite:catalog.db")
    assert named.returncode == 0 and f"left over: {urn('register')}" in named.stderr
    assert "nothing to change" in named.stdout and "written" not in named.stdout
    refused = campus("schedule", "deploy", "--prune", home=home, target="lite:catalog.db")
    assert refused.returncode == 2 and "--yes" in refused.stderr
    assert urn("register") in there(home, "lite:catalog.db", urn("register"))
    done = campus("schedule", "deploy", "--prune", "--yes", home=home, target="lite:catalog.db")
    assert done.returncode == 0 and "1 to remove" in done.stdout and "1 written" in done.stdout
    assert there(home, "lite:catalog.db", urn("register")) == {}


def test_a_deletion_that_fails_is_done_by_the_next_prune(home: Path, gms: Standin) -> None:
    schedule(home, REGISTER, TAXONOMY)
    deploy(home, gms.url)
    schedule(home, REGISTER)
    gms.fail_next(4, 401, path="action=delete")
    failed = campus("schedule", "deploy", "--prune", "--yes", home=home, target=gms.url)
    assert failed.returncode == 3 and urn("taxonomy") in failed.stderr
    plan, _ = deploy(home, gms.url, prune=True)
    assert [change.action for change in plan.visible] == ["-"]
    assert gms.store.urns("dataHubIngestionSource") == [urn("register")]


def test_a_server_too_old_to_keep_the_record_says_so(home: Path, gms: Standin) -> None:
    gms.lacking |= {"platformResource", "platformResourceInfo"}
    schedule(home, REGISTER)
    deploy(home, gms.url)
    schedule(home)
    done = campus("schedule", "deploy", "--prune", "--yes", home=home, target=gms.url)
    assert done.returncode == 0 and "too old to keep what was deployed" in done.stderr
    assert gms.store.urns("dataHubIngestionSource") == [urn("register")]


@pytest.mark.parametrize(
    "address",
    [
        "package:campus-catalog-content",
        "git+https://git.example.edu/data/content.git@v1.2#subdirectory=school",
        "https://files.example.edu/content.zip#sha256=0123",
    ],
)
def test_every_kind_of_home_passes_through_extra_env(home: Path, address: str) -> None:
    schedule(home, {**REGISTER, "extra_env": f"TZ=Asia/Shanghai,CAMPUS_CATALOG_HOME={address}"})
    deploy(home, "lite:catalog.db")
    info = there(home, "lite:catalog.db", urn("register"))[urn("register")][INFO]
    assert f'"CAMPUS_CATALOG_HOME": "{address}"' in info["config"]["extraArgs"]["extra_env_vars"]


@pytest.mark.parametrize(
    "option",
    [
        {"extra_env": "CAMPUS_CATALOG_HOME=git+https://reader:s3cr3t@git.example.edu/content.git"},
        {"extra_env": "CAMPUS_CATALOG_HOME=https://s3cr3t@files.example.edu/content.zip"},
        {"extra_pip": '["campus-catalog @ https://reader:s3cr3t@files.example.edu/campus_catalog.whl"]'},
    ],
)
def test_a_password_in_an_address_is_refused(home: Path, option: dict[str, str]) -> None:
    schedule(home, {**REGISTER, **option})
    with pytest.raises(ContentError, match="secret") as caught:
        deploy(home, "lite:catalog.db")
    assert "s3cr3t" not in str(caught.value)
    schedule(home, {**REGISTER, **{key: value.replace("s3cr3t", "${SECRET}") for key, value in option.items()}})
    deploy(home, "lite:catalog.db")


def config_of(home: Path, entry: str) -> dict[str, Any]:
    config: dict[str, Any] = there(home, "lite:catalog.db", urn(entry))[urn(entry)][INFO]["config"]
    return config


@pytest.mark.parametrize(
    ("recipe", "installed"),
    [
        ("source: {type: campus-register, config: {}}", ["campus-catalog==VERSION"]),
        (
            "source: {type: campus-system, config: {system: s, source: {type: mysql, config: {}}}}",
            ["campus-catalog[mysql]==VERSION"],
        ),
        (
            "source: {type: oracle, config: {}}\ntransformers: [{type: campus-stamp, config: {system: s}}]",
            ["campus-catalog[oracle]==VERSION"],
        ),
        ("source: {type: campus-system, config: {system: s, source: {type: hive}}}", ["campus-catalog==VERSION"]),
        ("source: {type: postgres, config: {}}", []),
        ("source: {type: postgres, config: [odd]}\ntransformers: odd", []),
    ],
)
def test_the_executor_is_told_to_install_this_package(home: Path, recipe: str, installed: list[str]) -> None:
    write(home / "ingestion_recipes" / "one.yml", recipe)
    schedule(home, {"id": "one", "recipe": "one"}, {"id": "native", "recipe": "one", "cli_version": "native"})
    deploy(home, "lite:catalog.db")
    said = (config_of(home, "one").get("extraArgs") or {}).get("extra_pip_requirements", "[]")
    assert json.loads(said) == [line.replace("VERSION", __version__) for line in installed]
    assert not config_of(home, "native").get("extraArgs"), "it installs nothing"


def test_what_the_file_says_holds_for_entries_that_say_nothing_else(home: Path) -> None:
    own = {**TAXONOMY, "executor_id": "west", "extra_pip": '["own"]', "cli_version": "1.7.0", "extra_env": "A=2,C=3"}
    of_all = {"executor_id": "north", "extra_pip": '["all"]', "cli_version": "1.7.1", "extra_env": "A=1,B=1"}
    schedule(home, REGISTER, own, **of_all)
    deploy(home, "lite:catalog.db")
    found = {entry: config_of(home, entry) for entry in ("register", "taxonomy")}
    assert [found[entry]["executorId"] for entry in found] == ["north", "west"]
    assert [found[entry]["version"] for entry in found] == ["1.7.1", "1.7.0"]
    assert [json.loads(found[entry]["extraArgs"]["extra_pip_requirements"]) for entry in found] == [["all"], ["own"]]
    variables = [json.loads(found[entry]["extraArgs"]["extra_env_vars"]) for entry in found]
    assert variables == [{"A": "1", "B": "1"}, {"A": "2", "B": "1", "C": "3"}]


def test_a_secret_said_for_all_entries_is_refused(home: Path) -> None:
    schedule(home, REGISTER, extra_env="DB_PASSWORD=s3cr3t")
    with pytest.raises(ContentError, match=r"schedule.yml:\d+: \[secret\]") as caught:
        deploy(home, "lite:catalog.db")
    assert len(caught.value.problems) == 1 and "s3cr3t" not in str(caught.value)


def test_an_entry_whose_content_nobody_names_is_said(home: Path) -> None:
    write(home / "ingestion_recipes" / "own.yml", "source: {type: campus-register, config: {home: 'package:x'}}")
    write(home / "ingestion_recipes" / "stock.yml", "source: {type: postgres, config: {}}")
    told = {**TAXONOMY, "extra_env": "CAMPUS_CATALOG_HOME=package:x"}
    schedule(home, REGISTER, told, {"id": "own", "recipe": "own"}, {"id": "stock", "recipe": "stock"})
    done = campus("schedule", "deploy", "--dry-run", home=home, target="lite:catalog.db")
    assert done.returncode == 0 and "no content named for register: " in done.stderr


def documented() -> list[dict[str, Any]]:
    """What the guides say for all entries."""
    pages = [(ROOT / "docs" / "howto" / name).read_text("utf-8") for name in ("install.md", "schedule.md")]
    blocks = [block for page in pages for block in re.findall(r"```yaml\n(extra_pip:.*?)```", page, re.DOTALL)]
    assert len(blocks) >= 4
    return [yaml.safe_load(block) for block in blocks]


@pytest.mark.parametrize("said", documented(), ids=lambda said: str(said["extra_env"]))
def test_what_the_guides_say_is_what_the_executor_reads(home: Path, said: dict[str, Any]) -> None:
    schedule(home, REGISTER, **said)
    deploy(home, "lite:catalog.db")
    config = config_of(home, "register")
    args = SubProcessIngestionTaskArgs.model_validate({"recipe": config["recipe"], **config["extraArgs"]})
    for line in args.extra_pip_requirements:
        assert Requirement(line).name.startswith("campus-catalog")
    assert home_of(args.extra_env_vars["CAMPUS_CATALOG_HOME"]) is not None


def home_of(text: str) -> Any:
    from campus_catalog.home.find import _finder

    return _finder(text)


@pytest.mark.parametrize(
    ("line", "deployed"),
    [
        ("0 2 * * 1-5", "0 2 * * 1-5"),
        ("0 2 * * 0,7", "0 2 * * 0,7"),
        ("0 2 * * MON", "0 2 * * MON"),
        ("0 2 * * fri-mon", "0 2 * * fri,sat,sun,mon"),
        ("0 2 * * 5-1", "0 2 * * fri,sat,sun,mon"),
        ("0 2 * * */2", "0 2 * * sun,tue,thu,sat"),
        ("*/5 2-4 * * *", "*/5 2-4 * * *"),
    ],
)
def test_datahub_gets_weekdays_it_reads_as_we_do(home: Path, line: str, deployed: str) -> None:
    schedule(home, {**REGISTER, "schedule": line})
    deploy(home, "lite:catalog.db")
    info = there(home, "lite:catalog.db", urn("register"))[urn("register")][INFO]
    assert info["schedule"]["interval"] == deployed


def test_a_recipe_validate_refuses_is_not_deployed_and_its_password_not_said(home: Path, gms: Standin) -> None:
    secret = "source: {type: postgres, config: {password: Pl4nted}}"
    write(home / "ingestion_recipes" / "one.yml", secret)
    schedule(home, {"id": "one", "recipe": "one"})
    done = campus("schedule", "deploy", home=home, target=gms.url)
    assert done.returncode == 1 and "ingestion_recipes/one.yml:1: [secret]" in done.stderr
    assert "Pl4nted" not in done.stdout + done.stderr + str(gms.store.urns())
    assert gms.store.urns("dataHubIngestionSource") == []


def test_a_date_in_a_recipe_stays_one(home: Path) -> None:
    write(home / "ingestion_recipes" / "one.yml", "source: {type: demo-data, config: {start_time: 2024-01-01}}")
    schedule(home, {"id": "one", "recipe": "one"})
    deploy(home, "lite:catalog.db")
    assert json.loads(config_of(home, "one")["recipe"])["source"]["config"] == {"start_time": "2024-01-01"}


def test_a_changed_recipe_is_shown_by_what_differs_without_a_password_of_the_ui(home: Path) -> None:
    recipe = "source: {type: postgres, config: {database: one, password: '${P}'}}"
    write(home / "ingestion_recipes" / "one.yml", recipe)
    schedule(home, {"id": "one", "recipe": "one"})
    deploy(home, "lite:catalog.db")
    by_hand = json.dumps(yaml.safe_load(recipe.replace("database: one", "database: two").replace("${P}", "Pl4nted")))
    info = DataHubIngestionSourceInfoClass(
        "one", "postgres", DataHubIngestionSourceConfigClass(by_hand, None, "default")
    )
    put(home, "lite:catalog.db", (urn("one"), INFO, aspect_json(info)))
    shown = campus("schedule", "deploy", "--dry-run", home=home, target="lite:catalog.db").stdout.splitlines()
    assert "    config.recipe.source.config.database: two -> one" in shown
    assert "    config.recipe.source.config.password: ****** -> ${P}" in shown


@pytest.mark.parametrize("listed", ["campus-catalog", '"campus-catalog"', "['a']", '{"a": 1}', '["a", 1]'])
def test_packages_that_are_no_json_list_are_refused(home: Path, listed: str) -> None:
    schedule(home, {**REGISTER, "extra_pip": listed})
    with pytest.raises(ContentError, match="JSON"):
        deploy(home, "lite:catalog.db")


def test_each_entry_runs_where_the_schedule_says(home: Path) -> None:
    """The recipes in DataHub and the commands here, or the other way round; and nothing in both places."""
    command = {"id": "apply", "command": "apply --yes", "schedule": "0 1 * * *"}
    schedule(home, command, REGISTER, {**TAXONOMY, "where": "here"}, where="datahub")
    loaded = load_schedule(home, COMMANDS)
    assert [entry.id for entry in loaded if loaded.trigger(entry)] == ["apply", "taxonomy"]
    deploy(home, "lite:catalog.db")
    assert set(there(home, "lite:catalog.db", urn("register"), urn("taxonomy"))) == {urn("register")}
    assert list(cronjobs(loaded, "lite:catalog.db", "image")) == [
        "campus-catalog-apply.yml",
        "campus-catalog-taxonomy.yml",
    ]
    rows = json.loads(campus("schedule", "list", "--format", "json", home=home, target="lite:catalog.db").stdout)
    assert [(row["entry"], row["schedule"], bool(row["next_run"])) for row in rows] == [
        ("apply", "0 1 * * *", True), ("register", None, False), ("taxonomy", "0 1 * * *", True)
    ]  # fmt: skip


def test_a_command_cannot_run_in_datahub(home: Path) -> None:
    schedule(home, {"id": "apply", "command": "apply --yes", "where": "datahub"})
    with pytest.raises(ContentError, match=r"schedule.yml:\d+: \[invalid\] DataHub"):
        load_schedule(home, COMMANDS)
