"""However a block is written, its recipe is deployed after the migration as the stock command deployed it before."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from datahub.utilities.ingest_utils import deploy_source_vars
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campus_catalog import __version__
from campus_catalog.cli.main import COMMANDS
from campus_catalog.migration.run import plan_migration, write
from campus_catalog.schedule.datahub.deploy import desired_sources
from campus_catalog.schedule.loader import SCHEDULE, load_schedule
from tests.support.content import write as content

RECIPE = "source:\n  type: campus-taxonomy\n  config: {}\n"

words = st.sampled_from(["教务处", "x y", "yes", "0600", "1.7", "a: b", "#no", "'q'", 'say "x"', "行末", "null"])
cron = st.sampled_from(["0 1 * * *", "*/5 * * * *", "30 2 * * 1-5", "0 0 1 * *", "5 4 * * sun"])
options = st.fixed_dictionaries(
    {"name": words},
    optional={
        "schedule": cron,
        "time_zone": st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"]),
        "cli_version": st.sampled_from(["1.7.0", "1.7"]),
        "executor_id": st.sampled_from(["default", "north"]),
        "extra_pip": st.just('["campus-catalog"]'),
        "extra_env": st.sampled_from(["A=1", "A=1,B=x=y"]),
    },
)


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """A block as people write one: keys in any order, with or without quotes, braces, comments and blank lines."""
    chosen = draw(options)
    style = draw(st.sampled_from([None, "'", '"']))
    keys = draw(st.permutations(sorted(chosen)))
    braces = draw(st.booleans())
    lines = [
        yaml.safe_dump(
            {key: chosen[key]}, default_flow_style=braces, default_style=style, allow_unicode=True, width=1000
        ).strip()
        for key in keys
    ]
    if braces:
        inner = f",{draw(st.sampled_from([' ', chr(10) + '  ']))}".join(line[1:-1] for line in lines)
        return f"deployment: {{{inner}}}{_comment(draw, '  ')}\n"
    indent = " " * draw(st.integers(1, 4))
    text = f"deployment:{_comment(draw, '  ')}\n"
    for line in lines:
        text += draw(st.sampled_from(["", "\n", f"{indent}# above {draw(st.integers(0, 999))}\n"]))
        text += f"{indent}{line}{_comment(draw, '   ')}\n"
    return text + draw(st.sampled_from(["", f"{indent}# last\n"]))


def _comment(draw: st.DrawFn, before: str) -> str:
    return draw(st.sampled_from(["", f"{before}# beside {draw(st.integers(0, 999))}"]))


SCHEDULES = st.sampled_from(
    [None, "", "# c1\n", "keep: 3  # c2\nentries:\n  # c3\n  - {id: apply, command: apply}  # c4\n  # c5\n# c6\n",
     "entries:\n- id: apply  # c7\n  command: apply\n\n# c8\ntime_zone: UTC\n"]
)  # fmt: skip
RECIPES = st.lists(st.tuples(blocks(), st.booleans(), st.booleans()), min_size=1, max_size=3)


def comments(home: Path) -> Counter[str]:
    texts = (path.read_text(encoding="utf-8") for path in home.rglob("*.yml"))
    return Counter(found for text in texts for found in re.findall(r"(?:^|\s)(# \w.*)", text, re.MULTILINE))


def deployed_by_datahub(path: Path) -> Any:
    """What `datahub ingest deploy` would have sent; where it named no package, ours is added, or nothing could run."""
    sent = deploy_source_vars(None, str(path), None, None, None, None, None, None)["input"]
    extra = {one["key"]: one["value"] for one in sent["config"].get("extraArgs", [])}
    extra.setdefault("extra_pip_requirements", json.dumps([f"campus-catalog=={__version__}"]))
    schedule = sent.get("schedule", {})
    config = sent["config"]
    return (sent["name"], sent["type"], schedule.get("interval"), schedule.get("timezone"), config["executorId"],
            config["version"], extra, json.loads(config["recipe"]))  # fmt: skip


def deployed_by_us(home: Path) -> dict[str, Any]:
    found = {}
    for wanted in desired_sources(load_schedule(home, COMMANDS)):
        info = wanted.json
        schedule, config = info.get("schedule") or {}, info["config"]
        found[wanted.urn.removeprefix("urn:li:dataHubIngestionSource:campus-")] = (
            info["name"], info["type"], schedule.get("interval"), schedule.get("timezone"), config["executorId"],
            config.get("version"), config.get("extraArgs") or {}, json.loads(config["recipe"]),
        )  # fmt: skip
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=RECIPES, schedule=SCHEDULES)
def test_every_block_is_deployed_as_before_once_and_no_comment_is_lost(
    tmp_path: Path, written: list[tuple[str, bool, bool]], schedule: str | None
) -> None:
    home = tmp_path / "home"
    shutil.rmtree(home, ignore_errors=True)
    content(home / "glossary" / "school.yml", "# school\nid: x  # id\n")
    expected = {}
    for number, (block, first, commented) in enumerate(written):
        note = "# the source\n" if commented else ""
        text = block + note + RECIPE if first else note + RECIPE + block
        path = content(home / "ingestion_recipes" / f"r{number}.yml", text)
        expected[path.stem] = deployed_by_datahub(path)
    if schedule is not None:
        content(home / SCHEDULE, schedule)
    before = comments(home)

    write(home, plan_migration(home))

    assert deployed_by_us(home) == expected
    assert comments(home) == before
    assert plan_migration(home) == [], "a second time changes nothing"
