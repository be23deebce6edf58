"""``campus-catalog search``."""

from __future__ import annotations

from dataclasses import asdict

import click

from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import Rows, format_option, print_json, say
from campus_catalog.errors import AT_FAULT


@click.command("search")
@click.argument("text", nargs=-1, required=True)
@click.option("--type", "type_", help="Only entities of this type, e.g. dataset, glossaryTerm, corpGroup.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many results.")
@format_option
@click.pass_obj
def command(settings: Settings, text: tuple[str, ...], type_: str | None, limit: int, format_: str) -> None:
    """Find entities by TEXT in the target, best match first.

    Every word must be found: in the name (Chinese or physical), the description, a field, a term, the domain, an owner,
    a tag or the system. Exits with 1 when nothing is found.
    """
    from campus_catalog.catalog.read import open_snapshot
    from campus_catalog.catalog.snapshot import physical_name

    hits = open_snapshot(settings.target, " ".join(text)).search(" ".join(text))
    if type_:
        hits = [hit for hit in hits if hit.type == type_]
    if format_ == "json":
        print_json([asdict(hit) for hit in hits[:limit]])
    elif hits:
        columns = ("名称", "类型", "数据子集", "责任单位", "共享方式", "匹配", "物理名称")
        rows = Rows(*columns, spare=("匹配", "类型", "数据子集", "责任单位", "共享方式"))
        for hit in hits[:limit]:
            sharing = "、".join(hit.sharing).replace("共享方式：", "")
            known = (hit.name, hit.type, hit.subset or "", hit.unit or "", sharing, hit.matched)
            rows.add(*known, physical_name(hit.urn))
        rows.print()
        if len(hits) > limit:
            say(f"{limit} of {len(hits)}; --limit shows more")
    else:
        say(f"nothing found for '{' '.join(text)}' in {settings.target}", err=True)
    if not hits:
        raise click.exceptions.Exit(AT_FAULT)
