"""The demo: databases of a school, registered into DataHub Lite. Started by ``./scripts/demo``."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from campus_catalog.catalog.read import open_snapshot
from campus_catalog.catalog.summary import summarize
from campus_catalog.catalog.target import parse_target

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from lib_postgres import EmbeddedPostgres  # noqa: E402  (a script, not part of the package)

READER = "catalog_reader"


def load_databases(server: EmbeddedPostgres, screen: Console) -> str:
    """Create one database per system where it is missing or its SQL has changed.

    Returns:
        The password of the account that may read metadata and nothing else.
    """
    password = secrets.token_urlsafe(12)
    role = server.execute("postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{READER}'")
    server.execute("postgres", f"{'ALTER' if role else 'CREATE'} ROLE {READER} LOGIN PASSWORD '{password}'")
    there = set(server.databases())
    scripts = sorted(HERE.glob("*.sql"))
    for script in track(scripts, "数据库", console=screen, disable=not screen.is_terminal, transient=True):
        sql = script.read_text(encoding="utf-8")
        digest = hashlib.sha256(sql.encode()).hexdigest()[:16]
        marks = server.execute(
            "postgres", f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{script.stem}'"
        )
        if script.stem in there and marks[0][0] == digest:
            continue
        server.create_database(script.stem, sql, replace=script.stem in there)
        server.execute("postgres", f"COMMENT ON DATABASE {script.stem} IS '{digest}'")
    tables = 0
    for script in scripts:
        query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        tables += server.execute(script.stem, query)[0][0]
    screen.print(f"PostgreSQL: {len(scripts)} databases, {tables} tables and views", highlight=False)
    return password


def ingest(server: EmbeddedPostgres, password: str, screen: Console) -> int:
    """Run ``campus-catalog ingest`` as an operator would; returns its exit code."""
    environment = {
        **os.environ,
        "CAMPUS_PG_HOST_PORT": server.host_port,
        "CAMPUS_PG_USER": READER,
        "CAMPUS_PG_PASSWORD": password,
    }
    screen.print("$ campus-catalog ingest --strict", style="bold", highlight=False)
    program = Path(sys.executable).with_name("campus-catalog")
    return subprocess.run([str(program), "ingest", "--strict"], cwd=ROOT, env=environment).returncode


def show_result(screen: Console) -> None:
    """Print per subset what the catalog holds and who answers for it, and how to go on."""
    target = parse_target(os.environ.get("CAMPUS_CATALOG_TARGET", "lite:.catalog/datahub.db"), ROOT)
    subsets = summarize(open_snapshot(target, ""))
    rows = Table("", "数据子集", "系统", "数据集", "字段", "责任单位（数据集数）", box=None, pad_edge=False)
    for subset in subsets:
        units = "、".join(f"{name} {count}" for name, count in subset.units.items())
        rows.add_row(
            str(subset.number), subset.name, str(len(subset.systems)), str(subset.datasets), str(subset.fields), units
        )
    systems = set().union(*(subset.systems for subset in subsets))
    datasets, fields = sum(subset.datasets for subset in subsets), sum(subset.fields for subset in subsets)
    rows.add_row("", "合计", str(len(systems)), str(datasets), str(fields), "")
    screen.print(rows)
    screen.print("\nGo on:", highlight=False)
    for command, what in (
        ("search 课程", "find data by Chinese or English name, description, term, domain, owner"),
        ("show 招生", "a data item of Art. 7 and the datasets that hold it"),
        ("show jw_zy", "whose a table is, how it is shared, and where each value comes from"),
        ("validate", "check the content after a change"),
        ("--help", "everything else"),
    ):
        screen.print(f"  .venv/bin/campus-catalog {command:<22} # {what}", highlight=False)


def main() -> int:
    """Run the demo; returns the exit code of the ingestion."""
    screen = Console() if sys.stdout.isatty() else Console(width=160, color_system=None)
    with EmbeddedPostgres() as server:
        server.start(ROOT / ".catalog" / "demo" / "postgres")
        password = load_databases(server, screen)
        sys.stdout.flush()
        code = ingest(server, password, screen)
    if code == 0:
        show_result(screen)
    return code


if __name__ == "__main__":
    sys.exit(main())
