"""What 'schedule export' writes, read by systemd itself and checked against Kubernetes' own schemas."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from campus_catalog.schedule.export import cronjobs, systemd
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry
from tests.support.content import ROOT, campus, new_home
from tests.support.scheduling import recipe, schedule

SECRET = "s3cr3t/of the+test"
SERVER = "https://datahub.example.edu:8080"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


def job_of(text: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The spec of a CronJob, of its pod, and its container."""
    job: dict[str, Any] = yaml.safe_load(text)["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    return job, pod, pod["containers"][0]


def test_export_refers_to_secrets_and_does_not_write_them(home: Path, tmp_path: Path) -> None:
    schedule(home, {"id": "taxonomy", "recipe": "leaky", "schedule": "30 2 * * *"},
             {"id": "a.b", "command": "apply --yes", "schedule": "0 3 * * *"},
             {"id": "a-b", "command": "validate", "schedule": "0 3 * * *"},
             webhook={"url_env": "HOOK", "secret_env": "SIGNS", "kind": "dingtalk"})  # fmt: skip
    recipe(home, "leaky", Path("/nowhere"), password="${DB_PASSWORD}")
    out = tmp_path / "out"
    secrets = {"DB_PASSWORD": SECRET, "HOOK": SECRET, "SIGNS": SECRET}
    done = campus("schedule", "export", "--systemd", str(out), "--cronjob", str(out), home=home, **secrets)
    assert done.returncode == 0, done.stderr
    texts = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    assert len(texts) == 4, "a.b and a-b are two files"
    assert not [name for name, text in texts.items() if SECRET in text]
    job, _, container = job_of(texts["campus-catalog-taxonomy.yml"])
    assert (job["schedule"], job["timeZone"]) == ("30 2 * * *", "Asia/Shanghai")
    assert container["command"][-3:] == ["schedule", "once", "taxonomy"]
    keys = {one["name"]: one["valueFrom"]["secretKeyRef"]["key"] for one in container["env"] if "valueFrom" in one}
    assert keys == {name: name for name in ("DB_PASSWORD", "HOOK", "SIGNS", "DATAHUB_GMS_TOKEN")}
    unit = texts["campus-catalog-schedule.service"]
    assert "DB_PASSWORD" in unit and "SIGNS" in unit and "EnvironmentFile=/etc/" in unit


# -- systemd ---------------------------------------------------------------------------------------------------------


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing: sudo apt-get install -y systemd"
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["home", "数据 目录 $HOME 100% 'quoted'"])
@pytest.mark.parametrize("target", ["lite:.catalog/datahub.db", "lite:../elsewhere/c.db", SERVER])
def test_systemd_takes_the_unit_without_a_word(tmp_path: Path, name: str, target: str) -> None:
    home = tmp_path / name
    home.mkdir()
    ((unit, text),) = systemd(Schedule(home), target).items()
    (tmp_path / unit).write_text(text, encoding="utf-8")
    done = analyze("verify", "--man=no", tmp_path / unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    writable = text.split("ReadWritePaths=")[1].splitlines()[0]
    assert ("/elsewhere" in writable) == ("elsewhere" in target) and ("$HOME" in writable) == ("$HOME" in name)


def test_the_unit_may_do_little(tmp_path: Path) -> None:
    """systemd's own score, from 0 (safe) to 10, in tenths."""
    ((unit, text),) = systemd(Schedule(ROOT), SERVER).items()
    (tmp_path / unit).write_text(text, encoding="utf-8")
    done = analyze("security", "--offline=true", "--threshold=25", tmp_path / unit)
    assert done.returncode == 0, done.stdout[-2000:]


# -- Kubernetes ------------------------------------------------------------------------------------------------------


def kubernetes(*entries: dict[str, Any]) -> list[str]:
    place = Schedule(ROOT, entries=[Entry(**entry) for entry in entries])
    return list(cronjobs(place, SERVER, "registry.example.edu/campus-catalog:1").values())


@pytest.mark.parametrize("version", ["1.27", "1.33"])
def test_kubernetes_takes_the_schools_own_schedule(tmp_path: Path, version: str) -> None:
    done = campus("schedule", "export", "--cronjob", str(tmp_path), home=ROOT, target=SERVER)
    assert done.returncode == 0, done.stderr
    jobs = sorted(tmp_path.iterdir())
    assert len(jobs) >= 10
    for path in jobs:
        kubernetes_validate.validate(yaml.safe_load(path.read_text(encoding="utf-8")), version, strict=True)


def test_a_pod_runs_as_nobody_special_and_writes_only_what_is_mounted() -> None:
    (text,) = kubernetes({"id": "jwxt", "command": "validate", "schedule": "0 1 * * *"})
    _, pod, container = job_of(text)
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    own = container["securityContext"]
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert container["resources"]["requests"] and container["resources"]["limits"]


def test_a_job_gets_the_time_all_its_attempts_may_take_and_runs_alone() -> None:
    """2 h, three attempts, pauses of 10 and 15 minutes (20 is over the longest)."""
    (text,) = kubernetes({"id": "jwxt", "command": "validate", "schedule": "0 1 * * *", "retries": 2,
                          "timeout": "2h", "retry_after": "10m"})  # fmt: skip
    job, pod, _ = job_of(text)
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 3 * 7200 + 600 + 900
    assert job["concurrencyPolicy"] == "Forbid" and job["startingDeadlineSeconds"] >= 600
    assert job["jobTemplate"]["spec"]["backoffLimit"] == 0 and pod["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("line", "theirs"),
    [("0 1 * * *", "0 1 * * *"), ("0 1 * * 7", "0 1 * * sun"), ("0 1 * * 5-7", "0 1 * * fri,sat,sun"),
     ("0 1 * * fri-mon", "0 1 * * fri,sat,sun,mon"), ("0 1 * * 1-5", "0 1 * * mon,tue,wed,thu,fri")],
)  # fmt: skip
def test_weekdays_are_named_as_kubernetes_counts_them_otherwise(line: str, theirs: str) -> None:
    (text,) = kubernetes({"id": "jwxt", "command": "validate", "schedule": line})
    assert job_of(text)[0]["schedule"] == theirs
