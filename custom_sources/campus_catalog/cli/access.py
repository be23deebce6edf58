"""``campus-catalog access``."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from campus_catalog.access.vocabulary import MAIN_PRIVILEGES, METADATA_PRIVILEGES, NEWEST, PLATFORM_PRIVILEGES, release
from campus_catalog.cli.main import Settings
from campus_catalog.cli.output import console, format_option, print_json, table
from campus_catalog.errors import AT_FAULT

if TYPE_CHECKING:
    from campus_catalog.access.evaluate import Evaluator
    from campus_catalog.catalog.snapshot import Snapshot

_PARTS = {"state": "已停用", "resource": "资源不符", "tags": "不许增删这些标签", "actor": "不是授予的人"}
#: users of one change named in a table; JSON has them all
_SHOWN = 6


def _version(ctx: click.Context, option: click.Parameter, value: str) -> str:
    try:
        release(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


def _privileges(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    from campus_catalog.content.problems import nearest

    known = METADATA_PRIVILEGES | PLATFORM_PRIVILEGES
    for word in [value] if isinstance(value, str) else value or ():
        if word not in known:
            near = nearest(word, known, likeness=0.6)
            raise click.BadParameter(f"no privilege '{word}'." + (f" Did you mean '{near}'?" if near else ""))
    return value


of_option = click.option(
    "--of",
    "of",
    type=click.Choice(["content", "catalog"]),
    default="content",
    show_default=True,
    help="Judge the content in the home, or the policies and assets in the target as they are.",
)
version_option = click.option(
    "--server-version",
    "version",
    default=NEWEST,
    show_default=True,
    callback=_version,
    help="The DataHub server release whose rules hold.",
)
privilege_option = click.option(
    "--privilege", "privileges", multiple=True, callback=_privileges, help="Only this privilege; may be repeated."
)


@click.group("access")
def command() -> None:
    """Who may do what, computed with the rules of DataHub's own policy engine."""


@command.command("who")
@click.argument("dataset")
@click.argument("privilege", required=False, callback=_privileges)
@of_option
@version_option
@format_option
@click.pass_obj
def who(settings: Settings, dataset: str, privilege: str | None, of: str, version: str, format_: str) -> None:
    """List who may do PRIVILEGE (default: the main ones) with DATASET, and by which policy.

    DATASET is a Chinese name, a physical name or the end of it, or a urn.
    """
    snapshot, evaluator = _open(settings, of, version)
    urn = _find(snapshot, dataset, ("dataset",))
    world = evaluator.world
    names = {rule.urn: rule.name for rule in evaluator.rules}
    found: list[dict[str, Any]] = []
    for one in [privilege] if privilege else MAIN_PRIVILEGES:
        by_policy: dict[str, list[str]] = {}
        for user in world.users.values():
            policy = evaluator.allows(user.urn, one, urn) if user.active else None
            if policy:
                by_policy.setdefault(policy, []).append(user.urn)
        active = sum(user.active for user in world.users.values())
        found += [
            {
                "privilege": one,
                "policy": policy,
                "policy_name": names.get(policy, policy),
                "everyone": len(users) == active,
                "users": [{"urn": user, "name": world.name(user)} for user in users],
            }
            for policy, users in by_policy.items()
        ]
    if format_ == "json":
        print_json({"dataset": urn, "name": snapshot.name(urn), "access": found})
        return
    rows = table("策略", "人员", "权限", title=f"{snapshot.name(urn)}  {urn}")
    together: dict[tuple[str, str], list[str]] = {}
    for entry in found:
        users = "所有人" if entry["everyone"] else "、".join(user["name"] for user in entry["users"])
        together.setdefault((entry["policy_name"], users), []).append(entry["privilege"])
    for (policy, users), several in together.items():
        rows.add_row(policy, users, "\n".join(several))
    console().print(rows, markup=False)
    if not found:
        click.echo("没有策略授予任何人")


@command.command("can")
@click.argument("user")
@click.argument("dataset")
@click.argument("privilege", callback=_privileges)
@click.option("--tag", "tags", multiple=True, help="A tag to be added or removed; may be repeated.")
@of_option
@version_option
@format_option
@click.pass_obj
def can(
    settings: Settings,
    user: str,
    dataset: str,
    privilege: str,
    tags: tuple[str, ...],
    of: str,
    version: str,
    format_: str,
) -> None:
    """Say whether USER may do PRIVILEGE with DATASET, by which policy, or why no policy grants it.

    USER is a post's name, id or urn; a unit stands for a member of it who holds no post. DATASET may be any entity.
    Exits with 1 when it is not allowed.
    """
    from campus_catalog.access.world import member_of

    snapshot, evaluator = _open(settings, of, version)
    actor = _find(snapshot, user, ("corpuser", "corpGroup"))
    if actor.startswith("urn:li:corpGroup:"):
        actor = member_of(actor)
    resource = _find(snapshot, dataset, ())
    decision = evaluator.decide(actor, privilege, resource, [_find(snapshot, tag, ("tag",)) for tag in tags])
    world = evaluator.world
    if format_ == "json":
        answer = {"user": actor, "resource": resource, "privilege": privilege, "allowed": decision.allowed}
        misses = [
            {"policy": miss.policy, "name": miss.name, "unmet": miss.parts, "criteria": [str(c) for c in miss.criteria]}
            for miss in decision.misses
        ]
        print_json({**answer, "policy": decision.policy, "policy_name": decision.name, "misses": misses})
    else:
        subject = f"「{world.name(actor)}」对「{world.name(resource)}」"
        if decision.allowed:
            click.echo(f"可以：{subject}有 {privilege}，由策略「{decision.name}」（{decision.policy}）授予")
        else:
            click.echo(f"不可以：{subject}没有 {privilege}")
            for miss in decision.misses[:5]:
                why = "、".join(_PARTS[part] for part in miss.parts)
                criteria = "；".join(_criterion(criterion, world) for criterion in miss.criteria)
                click.echo(f"  策略「{miss.name}」：{why}{f'（{criteria}）' if criteria else ''}")
            if not decision.misses:
                click.echo("  没有策略授予这项权限")
    if not decision.allowed:
        raise click.exceptions.Exit(AT_FAULT)


@command.command("matrix")
@privilege_option
@of_option
@version_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="Output for people, for a spreadsheet or for programs.",
)
@click.pass_obj
def matrix(settings: Settings, privileges: tuple[str, ...], of: str, version: str, format_: str) -> None:
    """Show units by datasets: which units may do what (default: see the dataset).

    ● every member of the unit may, ○ only some of its posts may, empty nobody may.
    """
    from campus_catalog.access.matrix import matrix as compute

    snapshot, evaluator = _open(settings, of, version)
    wanted = privileges or MAIN_PRIVILEGES[:1]
    cells = compute(evaluator, wanted)
    world = evaluator.world
    if format_ == "json":
        print_json(
            [
                {"privilege": cell.privilege, "dataset": cell.dataset, "unit": cell.unit, "member": cell.member,
                 "posts": cell.posts}
                for cell in cells
            ]
        )  # fmt: skip
        return
    units = list(dict.fromkeys(cell.unit for cell in cells))
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells:
        lines.setdefault((cell.privilege, cell.dataset), {})[cell.unit] = cell.mark
    hits = {urn: snapshot.hit(urn, 0, "") for _, urn in lines}
    if format_ == "csv":
        out = csv.writer(sys.stdout)
        out.writerow(
            ["权限", "数据集", "urn", "数据子集", "责任单位", "共享方式", *(world.name(unit) for unit in units)]
        )
        for (privilege, urn), marks in lines.items():
            hit = hits[urn]
            facts = [hit.subset or "", hit.unit or "", "、".join(hit.sharing)]
            out.writerow([privilege, hit.name, urn, *facts, *(marks[unit] for unit in units)])
        return
    for privilege in wanted:
        rows = table("数据集", "共享方式", title=f"{privilege}  ● 全体成员  ○ 只有部分岗位")
        for unit in units:
            rows.add_column(world.name(unit), width=2, overflow="fold")
        for (one, urn), marks in lines.items():
            if one == privilege:
                sharing = "、".join(hits[urn].sharing).replace("共享方式：", "")
                rows.add_row(hits[urn].name, sharing, *(marks[unit] for unit in units))
        console().print(rows, markup=False)


@command.command("diff")
@click.option("--from", "from_", default="HEAD", show_default=True, metavar="REV|catalog", help="What was.")
@click.option("--to", metavar="REV|catalog", help="What will be; default: the content as it lies in the home.")
@privilege_option
@version_option
@format_option
@click.pass_obj
def diff(
    settings: Settings, from_: str, to: str | None, privileges: tuple[str, ...], version: str, format_: str
) -> None:
    """Show what a change of the content grants and withdraws, per dataset and privilege.

    Compares two Git revisions of the content, or a revision with the catalog: 'catalog' is the policies and assets in
    the target as they are.
    """
    from campus_catalog.access.diff import diff as compute

    before, after = _side(settings, from_, version), _side(settings, to, version)
    changes = compute(before, after, privileges or MAIN_PRIVILEGES)

    def name(urn: str) -> str:
        return after.world.names.get(urn) or before.world.name(urn)

    if format_ == "json":
        print_json(
            [
                {"dataset": change.dataset, "name": name(change.dataset), "privilege": change.privilege,
                 "gained": change.gained, "lost": change.lost}
                for change in changes
            ]
        )  # fmt: skip
        return
    rows = table("数据集", "权限", "得到", "失去")
    total = len(after.world.users)
    for change in changes:
        sides = []
        for urns in (change.gained, change.lost):
            shown = "、".join(map(name, urns[:_SHOWN]))
            sides.append("所有人" if len(urns) == total else f"{shown} 等 {len(urns)} 人" if urns[_SHOWN:] else shown)
        rows.add_row(name(change.dataset), change.privilege, *sides)
    if changes:
        console().print(rows, markup=False)
    gained, lost = (sum(bool(getattr(change, key)) for change in changes) for key in ("gained", "lost"))
    click.echo(f"{gained} grant(s), {lost} withdrawal(s)" if changes else "no difference")


def _criterion(criterion: Any, world: Any) -> str:
    """A criterion with names for urns."""
    signs = {"EQUALS": "=", "NOT_EQUALS": "≠", "STARTS_WITH": "以…开头"}
    values = (world.name(value) if value.startswith("urn:li:") else value for value in sorted(criterion.values))
    return f"{criterion.field} {signs.get(criterion.condition, criterion.condition)} {'、'.join(values)}"


def _open(settings: Settings, of: str, version: str) -> tuple[Snapshot, Evaluator]:
    """The snapshot to find names in, and the evaluator."""
    from campus_catalog.school import School

    if of == "content":
        school = School(settings.home)
        return school.snapshot, school.evaluator(version)
    from campus_catalog.access.evaluate import Evaluator
    from campus_catalog.access.loader import effective
    from campus_catalog.access.world import world_of
    from campus_catalog.catalog.read import policies_in, read_catalog

    snapshot = read_catalog(settings.target)
    return snapshot, Evaluator(effective(policies_in(snapshot)), world_of(snapshot).with_members(), version)


def _side(settings: Settings, revision: str | None, version: str) -> Evaluator:
    """The evaluator of one side of a diff."""
    if revision == "catalog":
        return _open(settings, "catalog", version)[1]
    if revision is None:
        return _open(settings, "content", version)[1]
    from campus_catalog.migration.revisions import RevisionError, exported

    try:
        with exported(settings.home, revision) as home:
            return _open(Settings(home, settings.target_text), "content", version)[1]
    except RevisionError as error:
        raise click.UsageError(str(error)) from error


def _find(snapshot: Any, word: str, types: Sequence[str]) -> str:
    """The one entity called ``word``; ends the command when there is none or several."""
    from campus_catalog.catalog.snapshot import Snapshot, entity_type

    if types:
        snapshot = Snapshot((urn, aspects) for urn, aspects in snapshot.entities.items() if entity_type(urn) in types)
    kind = " or ".join(types) or "entity"
    urns = snapshot.find(word)
    if not urns:
        near = [hit.name for hit in snapshot.search(word)][:5]
        hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        click.echo(f"no {kind} named '{word}'{hint}", err=True)
    elif len(urns) > 1:
        click.echo(f"'{word}' is the name of {len(urns)} entities; give the urn:", err=True)
        for urn in urns:
            click.echo(f"  {urn}", err=True)
    if len(urns) != 1:
        raise click.exceptions.Exit(AT_FAULT)
    return str(urns[0])
