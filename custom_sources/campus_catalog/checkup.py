"""What ``validate`` and ``doctor`` look at: the content, and whether everything a run needs is there."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING

from campus_catalog.catalog.open import open_store
from campus_catalog.catalog.target import Target, TargetError
from campus_catalog.ingest.recipes import Recipe
from campus_catalog.school import School
from campus_catalog.variables import listed

if TYPE_CHECKING:
    from campus_catalog.schedule.loader import Schedule

_PLUGINS = {
    "datahub.ingestion.source.plugins": {"campus-taxonomy", "campus-register", "campus-system"},
    "datahub.ingestion.transformer.plugins": {"campus-stamp"},
}
_SET_THEM = "set them in the environment of the run"


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        result: ``ok``, ``warning`` (a run may still succeed), ``fault`` (it will not) or ``unreachable``.
        advice: what to do about it.
    """

    what: str
    result: str
    detail: str
    advice: str = ""


def check_up(home: Path, target: Target, commands: Collection[str]) -> Iterator[Finding]:
    """Look at installation, content, recipes, schedule and target, in this order.

    Args:
        home: content folder.
        target: the catalog to look for.
        commands: the commands of campus-catalog, which the schedule may run.

    Yields:
        What was found, one by one.
    """
    yield from _installation()
    school = School(home, commands)
    yield _content(school)
    for recipe in school.recipes:
        yield from _recipe(recipe)
    if school.schedule is not None:
        yield _schedule(school.schedule)
    if target.kind == "server":
        yield from _server(target)
    else:
        yield _local(target)


def _installation() -> Iterator[Finding]:
    python = platform.python_version()
    fit = sys.version_info >= (3, 10)
    yield Finding("python", "ok" if fit else "fault", python, "" if fit else "install Python 3.10 or newer")
    try:
        datahub = version("acryl-datahub")
        fit = datahub.split(".")[:2] == ["1", "7"]
        advice = "" if fit else "pip install 'acryl-datahub>=1.7,<1.8'"
        yield Finding("acryl-datahub", "ok" if fit else "warning", datahub, advice)
    except PackageNotFoundError:
        yield Finding("acryl-datahub", "fault", "not installed", "pip install 'acryl-datahub>=1.7,<1.8'")
    for group, names in _PLUGINS.items():
        missing = names - {point.name for point in entry_points(group=group)}
        kind = group.split(".")[2]
        detail = f"missing: {', '.join(sorted(missing))}" if missing else ", ".join(sorted(names))
        advice = "reinstall: pip install campus-catalog" if missing else ""
        yield Finding(f"{kind} plugins", "fault" if missing else "ok", detail, advice)


def _content(school: School) -> Finding:
    from campus_catalog.regulation.version import CONTENT_VERSION, content_version

    version = content_version(school.home) or CONTENT_VERSION
    if version != CONTENT_VERSION:
        advice = "campus-catalog migrate" if version < CONTENT_VERSION else "upgrade campus-catalog"
        return Finding("content", "fault", f"version {version}; version {CONTENT_VERSION} is needed", advice)
    if school.register is None or school.problems:
        several = f"{len(school.problems)} problem(s)"
        detail = str(school.problems[0]) if len(school.problems) == 1 else several
        return Finding("content", "fault", detail, "campus-catalog validate lists them")
    return Finding("content", "ok", f"{len(school.register.systems)} systems declared in {school.home}")


def _schedule(schedule: Schedule) -> Finding:
    needed = schedule.webhook.variables if schedule.webhook else []
    missing = [name for name in needed if name not in os.environ]
    if missing:
        return Finding("schedule", "warning", f"not set: {', '.join(missing)}", _SET_THEM)
    return Finding("schedule", "ok", f"{schedule.running} entries scheduled")


def _recipe(recipe: Recipe) -> Iterator[Finding]:
    missing = recipe.missing(os.environ)
    if missing:
        yield Finding(f"recipe {recipe.name}", "warning", f"not set: {listed(missing)}", _SET_THEM)
    type_ = recipe.live_type
    trouble = _source_trouble(type_)
    if trouble:
        yield Finding(f"recipe {recipe.name}", "fault", trouble, f"pip install 'campus-catalog[{type_}]'")
    elif not missing:
        yield Finding(f"recipe {recipe.name}", "ok", f"source {type_}")


def _source_trouble(type_: str) -> str | None:
    from datahub.configuration.common import ConfigurationError
    from datahub.ingestion.source.source_registry import source_registry

    try:
        source_registry.get(type_)
    except KeyError:
        return f"there is no source '{type_}'"
    except ConfigurationError:
        return f"source '{type_}' is not installed"
    return None


def _local(target: Target) -> Finding:
    if not target.path.exists():
        return Finding("target", "ok", f"{target} (will be made by the first run)")
    try:
        store = open_store(target, read_only=True)
        count = sum(1 for _ in store.entities())
        store.close()
    except TargetError as error:
        return Finding("target", "unreachable", str(error), "give another --target, or move the file away")
    if not os.access(target.path, os.W_OK):
        return Finding("target", "fault", f"{target} is read-only for this user", "run as the user who made it")
    return Finding("target", "ok", f"{target}: {count} entities")


#: releases before it ignore privilegeConstraints and NOT_EQUALS, on which access policies rest (docs/access.md)
_POLICY_RELEASE = (1, 2, 0)


def _server(target: Target) -> Iterator[Finding]:
    """Whether the server answers, and the settings without which no policy holds as far as it shows them."""
    from campus_catalog.catalog.server import connect, explain

    try:
        graph = connect(target, timeout_sec=10, retry_max_times=1)
    except Exception as error:  # the client raises its own and requests' errors alike
        yield Finding("target", "unreachable", explain(target, error), "check address and token")
        return
    config = graph.server_config
    yield Finding("target", "ok", f"{target} answers, DataHub {config.service_version or 'of unknown version'}")
    if config.parsed_version and not config.is_datahub_cloud and not config.is_version_at_least(*_POLICY_RELEASE):
        detail = f"DataHub {config.service_version} ignores conditions the access policies rest on"
        yield Finding("policies", "fault", detail, "update the server to 1.2 or newer")
    if _answers_without_token(target):
        detail = "the server answers without a token, so no policy holds"
        yield Finding("policies", "warning", detail, "set METADATA_SERVICE_AUTH_ENABLED=true on the server")
    graph.close()


def _answers_without_token(target: Target) -> bool:
    import requests

    url = f"{target.address}/openapi/v3/entity/corpuser/batchGet"
    try:
        return requests.post(url, json=[{"urn": "urn:li:corpuser:datahub"}], timeout=10).ok
    except requests.RequestException:
        return False  # TLS options of the client may be needed: not known
