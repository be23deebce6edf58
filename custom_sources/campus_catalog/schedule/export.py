"""The schedule for systemd or Kubernetes. Secrets are referred to, never written."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

from campus_catalog.catalog.target import TARGET_VARIABLE, TOKEN_VARIABLE, parse_target
from campus_catalog.schedule.cron import with_named_weekdays
from campus_catalog.schedule.here.processes import LAST
from campus_catalog.schedule.loader import Schedule
from campus_catalog.schedule.models import Entry, seconds

#: seconds 'schedule run' waits for runs when stopped, and what it needs on top to end them and tell the webhook
GRACE, _MARGIN = 60, int(LAST) + 45
#: user and group of the containers; any but root
_ACCOUNT = 1000
_UNIT = "campus-catalog-schedule.service"
_ENVIRONMENT_FILE = "/etc/campus-catalog/environment"


def systemd(schedule: Schedule, target: str) -> dict[str, str]:
    """One systemd service that runs the whole schedule.

    Args:
        schedule: the schedule.
        target: as given on the command line.

    Returns:
        File name -> text.
    """
    program = Path(sys.executable).with_name("campus-catalog")
    command = [str(program), "--home", str(schedule.home), "--target", target, "schedule", "run", "--grace", f"{GRACE}"]
    writable = [str(schedule.home / ".catalog")]
    place = parse_target(target, schedule.home)
    if place.kind != "server" and not place.path.is_relative_to(writable[0]):
        writable.append(os.path.normpath(place.path.parent))
    return {
        _UNIT: f"""\
[Unit]
Description=campus-catalog: ingestion on schedule
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
# as this user, who reads {schedule.home} and writes .catalog in it
User=campus-catalog
WorkingDirectory={_unit_text(str(schedule.home))}
# NAME=VALUE lines for {", ".join(variables(schedule)) or "nothing yet"}; owned by root, mode 0600
EnvironmentFile={_ENVIRONMENT_FILE}
ExecStartPre=+/usr/bin/install -d -o campus-catalog {_unit_word(writable[0])}
ExecStart={" ".join(map(_unit_word, command))}
# a changed schedule is taken in by itself within seconds; reload is for the impatient
ExecReload=/bin/sh -c 'kill -HUP $MAINPID'
Restart=always
RestartSec=10
# SIGTERM goes to the scheduler alone, which waits for its runs
KillMode=mixed
TimeoutStopSec={GRACE + _MARGIN}
# it talks to databases and DataHub, writes where ReadWritePaths says, and needs nothing else of the machine
UMask=0027
NoNewPrivileges=true
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={" ".join(_unit_text(shlex.quote(path)) for path in writable)}
PrivateTmp=true
PrivateDevices=true
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectKernelLogs=true
ProtectControlGroups=true
ProtectClock=true
ProtectHostname=true
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
    }


def cronjobs(schedule: Schedule, target: str, image: str) -> dict[str, str]:
    """One Kubernetes CronJob per entry on a cron line.

    Args:
        schedule: the schedule.
        target: as given on the command line.
        image: the container image that has campus-catalog and the content.

    Returns:
        File name -> text.
    """
    files = {}
    for entry in schedule:
        if entry.schedule and entry.here:
            body = yaml.safe_dump(_cronjob(schedule, entry, target, image), sort_keys=False, allow_unicode=True)
            files[f"{_kube_name(entry)}.yml"] = body
    return files


def write(files: dict[str, str], folder: Path) -> list[Path]:
    """Write the files.

    Args:
        files: file name -> text.
        folder: made where it is missing.

    Returns:
        Where they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths


def variables(schedule: Schedule, entry: Entry | None = None) -> list[str]:
    """The environment variables runs need.

    Args:
        schedule: the schedule.
        entry: only what this one needs; None for all of them.

    Returns:
        Their names, sorted.
    """
    names: set[str] = set()
    for one in [entry] if entry else schedule.entries:
        recipe = schedule.recipe(one)
        names |= set(recipe.variables if recipe else ())
        names -= set(one.variables)
    names.add(TOKEN_VARIABLE)
    if schedule.webhook:
        names |= set(schedule.webhook.variables)
    return sorted(names)


def _cronjob(schedule: Schedule, entry: Entry, target: str, image: str) -> dict[str, Any]:
    secret = {"name": "campus-catalog", "optional": True}
    environment: list[dict[str, Any]] = [{"name": TARGET_VARIABLE, "value": target}]
    environment += [
        {"name": name, "valueFrom": {"secretKeyRef": {**secret, "key": name}}} for name in variables(schedule, entry)
    ]
    environment.append({"name": "HOME", "value": "/tmp"})  # DataHub's client keeps its settings there
    container = {
        "name": "run",
        "image": image,
        "workingDir": "/campus-catalog",
        "command": ["campus-catalog", "--home", "/campus-catalog", "schedule", "once", entry.id],
        "env": environment,
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # state, logs and the local catalog; the content itself is in the image
        "volumeMounts": [
            {"name": "state", "mountPath": "/campus-catalog/.catalog"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    pod = {
        "restartPolicy": "Never",  # the run itself tries again where that may help
        "terminationGracePeriodSeconds": 60,  # to end the command and tell the webhook
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _ACCOUNT,
            "runAsGroup": _ACCOUNT,
            "fsGroup": _ACCOUNT,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "state", "persistentVolumeClaim": {"claimName": "campus-catalog-state"}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    longest = seconds(entry.timeout) * (entry.retries + 1)
    longest += sum(min(seconds(entry.retry_after) * 2**attempt, 900) for attempt in range(entry.retries))
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": _kube_name(entry), "labels": {"app": "campus-catalog"}},
        "spec": {
            "schedule": with_named_weekdays(entry.schedule or ""),
            "timeZone": schedule.zone(entry),
            "suspend": not entry.enabled,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": longest + 300,
                    "template": {"metadata": {"labels": {"app": "campus-catalog"}}, "spec": pod},
                }
            },
        },
    }


def _kube_name(entry: Entry) -> str:
    """Kubernetes allows 52 characters for a CronJob, and neither dots nor underscores."""
    name = f"campus-catalog-{entry.id}"
    if re.fullmatch(r"[a-z0-9-]{1,52}", name) and not name.endswith("-"):
        return name
    mark = hashlib.sha256(entry.id.encode()).hexdigest()[:8]  # two ids must not become one name
    return f"{re.sub('[._]', '-', name)[:43]}-{mark}"


def _unit_text(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of ExecStart: systemd reads quotes and backslashes like a shell, and ``$`` and ``%`` its own way."""
    return _unit_text(shlex.quote(word)).replace("$", "$$")
