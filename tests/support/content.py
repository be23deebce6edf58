"""Small content folders for tests, and the command run on them as a user would."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

from campus_catalog.content.layout import TOPS
from tests.support.command import run

ROOT = Path(__file__).resolve().parents[2]
OTHER_SCHOOL = ROOT / "tests" / "other_school"
#: the line of a content file that carries this comment is the one a message must point at
FAULT = "# fault"


def write(path: Path, text: str) -> Path:
    """Write ``text``, its common indentation removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def new_home(folder: Path, content: Path = ROOT) -> Path:
    """A content folder with the glossary of ``content``, its taxonomy and register recipes, and no systems."""
    shutil.copytree(content / "glossary", folder / "glossary")
    (folder / "ingestion_recipes" / "systems").mkdir(parents=True)
    for name in ("taxonomy.yml", "register.yml"):
        shutil.copy(content / "ingestion_recipes" / name, folder / "ingestion_recipes" / name)
    return folder


def whole_home(folder: Path) -> Path:
    """A content folder with all content of the repository."""
    for top in TOPS:
        shutil.copytree(ROOT / top, folder / top)
    return folder


def replace(path: Path, old: str, new: str) -> Path:
    """Change the one place of a content file where ``old`` stands."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def fault_line(path: Path) -> int:
    """Number of the one line marked with ``FAULT``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    (line,) = [number for number, line in enumerate(lines, start=1) if FAULT in line]
    return line


def campus(*arguments: str, home: Path, target: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the installed ``campus-catalog`` on ``home``; only ``env`` may name databases or another target."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPUS_", "DATAHUB_GMS"))}
    options = ["--home", str(home), *(["--target", target] if target else [])]
    return run([*options, *arguments], {**clean, **env}, Path.cwd(), timeout=120)


def context(sink: str = "file") -> Any:
    """The context of a pipeline that writes to a sink of this type; ``datahub-rest`` makes our plugins patch."""
    from datahub.ingestion.api.common import PipelineContext
    from datahub.ingestion.run.pipeline_config import PipelineConfig

    config = {"source": {"type": "campus-register", "config": {}}, "sink": {"type": sink, "config": {}}}
    return PipelineContext(run_id="test", pipeline_config=PipelineConfig.model_validate(config))


def proposals_of(home: Path, sink: str = "file") -> Iterator[Any]:
    """Everything the taxonomy and register sources emit for the content of ``home``."""
    from campus_catalog.sources.register import CampusRegisterSource
    from campus_catalog.sources.taxonomy import CampusTaxonomySource

    for source in (CampusTaxonomySource, CampusRegisterSource):
        for workunit in source.create({"home": str(home)}, context(sink)).get_workunits():
            yield workunit.metadata
