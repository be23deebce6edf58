"""``campus-catalog access``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from campus_catalog.access.vocabulary import MAIN_PRIVILEGES, METADATA_PRIVILEGES, NEWEST, PLATFORM_PRIVILEGES, release
from campus_catalog.cli.main import Settings
from campus_catalog.cli.named import only
from campus_catalog.cli.output import Rows, format_option, print_json, say
from campus_catalog.errors import AT_FAULT

if TYPE_CHECKING:
    from campus_catalog.access.evaluate import Evaluator
    from campus_catalog.catalog.snapshot import Snapshot

_REMOVED = "已从目录中移除；知道地址的人仍可打开，服务器照旧按它的标签和责任人判断"
_PARTS = {"state": "已停用", "resource": "资源不符", "tags": "不许增删这些标签", "actor": "不是授予的人"}
#: users of one change named in a table; JSON has them all
_SHOWN = 6


def _version(ctx: click.Context, option: click.Parameter, value: str) -> str:
    try:
        release(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


def _words(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    from campus_catalog.access.operations import BY_NAME
    from campus_catalog.content.problems import nearest

    known = {*BY_NAME, *METADATA_PRIVILEGES, *PLATFORM_PRIVILEGES}
    for word in [value] if isinstance(value, str) else value or ():
        if word not in known:
            near = nearest(word, known, likeness=0.6)
            hint = f" Did you mean '{near}'?" if near else ""
            raise click.BadParameter(
                f"no privilege '{word}' and no operation; docs/reference/operations.md lists them.{hint}"
            )
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
words_option = click.option(
    "--operation",
    "--privilege",
    "words",
    multiple=True,
    callback=_words,
    help="Only this operation, or the one a privilege is asked for; may be repeated.",
)
exact_option = click.option(
    "--exact", is_flag=True, help="Judge a privilege by itself, as DataHub's policy engine does, not the operation."
)


@click.group("access")
def command() -> None:
    """Who may do what, computed with the rules of DataHub's own policy engine."""


@command.command("who")
@click.argument("dataset")
@click.argument("operation", required=False, callback=_words)
@exact_option
@of_option
@version_option
@format_option
@click.pass_obj
def who(
    settings: Settings, dataset: str, operation: str | None, exact: bool, of: str, version: str, format_: str
) -> None:
    """List who can do OPERATION (default: the main ones) with DATASET, and by which policy.

    DATASET is a Chinese name, a physical name or the end of it, or a urn. OPERATION is a name such as read or
    edit-tags, or a privilege: then the operation it is asked for.
    """
    from campus_catalog.access.operations import granted, operation_of

    snapshot, evaluator = _open(settings, of, version)
    urn = _find(snapshot, dataset, ("dataset",))
    world = evaluator.world
    names = {rule.urn: rule.name for rule in evaluator.rules}
    active = [user.urn for user in world.users.values() if user.active]
    found: list[dict[str, Any]] = []
    for one in [operation_of(word, exact) for word in ([operation] if operation else MAIN_PRIVILEGES)]:
        asked = one.asked(version, "dataset")
        ways: dict[tuple[str, str], list[str]] = {}
        for user in active:
            way = granted(evaluator, asked, user, urn)
            if way:
                ways.setdefault(way, []).append(user)
        found += [
            {
                "operation": one.name,
                "title": one.title,
                "privilege": privilege,
                "policy": policy,
                "policy_name": names.get(policy, policy),
                "everyone": len(users) == len(active),
                "users": [{"urn": user, "name": world.name(user)} for user in users],
            }
            for (privilege, policy), users in ways.items()
        ]
    if format_ == "json":
        answer = {"dataset": urn, "name": world.name(urn), "removed": world.entity(urn).removed}
        print_json({**answer, "access": found})
        return
    rows = Rows("策略", "人员", "可以", title=f"{world.name(urn)}  {urn}", sentences=("策略", "人员", "可以"))
    together: dict[tuple[str, str], dict[str, None]] = {}
    for entry in found:
        users = "所有人" if entry["everyone"] else "、".join(user["name"] for user in entry["users"])
        together.setdefault((entry["policy_name"], users), {})[entry["title"]] = None
    for (policy, users), several in together.items():
        rows.add(policy, users, "\n".join(several))
    rows.print()
    if not found:
        say("没有策略授予任何人")
    if world.entity(urn).removed:
        say(_REMOVED)


@command.command("can")
@click.argument("user")
@click.argument("dataset")
@click.argument("operation", callback=_words)
@click.option("--tag", "tags", multiple=True, help="A tag to be added or removed; may be repeated.")
@exact_option
@of_option
@version_option
@format_option
@click.pass_obj
def can(
    settings: Settings,
    user: str,
    dataset: str,
    operation: str,
    tags: tuple[str, ...],
    exact: bool,
    of: str,
    version: str,
    format_: str,
) -> None:
    """Say whether USER can do OPERATION with DATASET, by which policy, or why no policy grants it.

    USER is a post's name, id or urn; a unit stands for a member of it who holds no post. DATASET may be any entity.
    OPERATION is a name such as read or edit-tags, or a privilege: then the operation it is asked for. Exits with 1 when
    it is not allowed.
    """
    from campus_catalog.access.operations import decide, operation_of
    from campus_catalog.access.world import member_of

    snapshot, evaluator = _open(settings, of, version)
    actor = _find(snapshot, user, ("corpuser", "corpGroup"))
    if actor.startswith("urn:li:corpGroup:"):
        actor = member_of(actor)
    resource = _find(snapshot, dataset, ())
    world = evaluator.world
    one, entity = operation_of(operation, exact), world.entity(resource)
    asked = one.asked(version, entity.type)
    urns = [_find(snapshot, tag, ("tag",)) for tag in tags]
    decision, privileges = decide(evaluator, asked, actor, resource, urns)
    # the engine does not ask whether somebody can log in; the server does, before it asks the engine
    active = world.user(actor).active
    allowed = decision.allowed and (active or exact)
    if format_ == "json":
        misses = [
            {"policy": miss.policy, "name": miss.name, "unmet": miss.parts, "criteria": [str(c) for c in miss.criteria]}
            for miss in decision.misses
        ]
        print_json(
            {"user": actor, "active": active, "resource": resource, "removed": entity.removed, "operation": one.name,
             "asked": asked, "privilege": privileges[0], "allowed": allowed, "policy": decision.policy,
             "policy_name": decision.name, "misses": misses}
        )  # fmt: skip
    else:
        subject = f"「{world.name(actor)}」对「{world.name(resource)}」"
        alone = operation == privileges[0]
        if decision.allowed:
            has = f"有 {operation}" if alone else f"可以{one.title}，凭 {privileges[0]}"
            answer = "可以" if allowed else "不可以（已停用，不能登录）"
            say(f"{answer}：{subject}{has}，由策略「{decision.name}」（{decision.policy}）授予")
        else:
            lacks = f"没有 {operation}" if alone else f"不能{one.title}，须有 {' 或 '.join(privileges)}"
            say(f"不可以：{subject}{lacks}")
            for miss in decision.misses[:5]:
                why = "、".join(_PARTS[part] for part in miss.parts)
                criteria = "；".join(_criterion(criterion, world) for criterion in miss.criteria)
                say(f"  策略「{miss.name}」：{why}{f'（{criteria}）' if criteria else ''}")
            if not decision.misses:
                say("  没有策略授予这项权限")
        if entity.removed:
            say(f"  「{world.name(resource)}」{_REMOVED}")
    if not allowed:
        raise click.exceptions.Exit(AT_FAULT)


@command.command("matrix")
@words_option
@exact_option
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
def matrix(settings: Settings, words: tuple[str, ...], exact: bool, of: str, version: str, format_: str) -> None:
    """Show units by datasets: which units can do what (default: see the dataset).

    ● every member of the unit can, ○ only some of its posts can, empty nobody can.
    """
    from campus_catalog.access.matrix import matrix as compute
    from campus_catalog.cli.matrix import print_csv, print_tables

    snapshot, evaluator = _open(settings, of, version)
    cells = compute(evaluator, words or MAIN_PRIVILEGES[:1], exact)
    if format_ == "json":
        print_json(
            [
                {"operation": cell.operation.name, "privilege": cell.operation.privilege, "dataset": cell.dataset,
                 "unit": cell.unit, "member": cell.member, "posts": cell.posts}
                for cell in cells
            ]
        )  # fmt: skip
    elif format_ == "csv":
        print_csv(cells, snapshot)
    else:
        print_tables(cells, snapshot)


@command.command("diff")
@click.option("--from", "from_", default="HEAD", show_default=True, metavar="REV|catalog", help="What was.")
@click.option("--to", metavar="REV|catalog", help="What will be; default: the content as it lies in the home.")
@words_option
@exact_option
@version_option
@format_option
@click.pass_obj
def diff(
    settings: Settings, from_: str, to: str | None, words: tuple[str, ...], exact: bool, version: str, format_: str
) -> None:
    """Show what a change of the content grants and withdraws, per dataset and operation.

    Compares two Git revisions of the content, or a revision with the catalog: 'catalog' is the policies and assets in
    the target as they are. With the catalog, datasets only one side has are left out, and counted.
    """
    from campus_catalog.access.diff import datasets_of
    from campus_catalog.access.diff import diff as compute
    from campus_catalog.cli.matrix import told_apart

    before, after = _side(settings, from_, version), _side(settings, to, version)
    datasets, left_out = datasets_of(before, after) if "catalog" in (from_, to) else (None, 0)
    changes = compute(before, after, words or MAIN_PRIVILEGES, datasets, exact)

    def name(urn: str) -> str:
        return after.world.names.get(urn) or before.world.name(urn)

    if format_ == "json":
        print_json(
            [
                {"dataset": change.dataset, "name": name(change.dataset), "operation": change.operation.name,
                 "privilege": change.operation.privilege, "gained": change.gained, "lost": change.lost}
                for change in changes
            ]
        )  # fmt: skip
    elif changes:
        rows = Rows("数据集", "可以", "得到", "失去", sentences=("得到", "失去"))
        total = len(after.world.users)
        told = told_apart({change.dataset: name(change.dataset) for change in changes})
        for change in changes:
            sides = []
            for urns in (change.gained, change.lost):
                shown = "、".join(map(name, urns[:_SHOWN]))
                several = f"{shown} 等 {len(urns)} 人" if urns[_SHOWN:] else shown
                sides.append("所有人" if len(urns) == total else several)
            rows.add(told[change.dataset], change.operation.title, *sides)
        rows.print()
    if format_ != "json":
        gained, lost = (sum(bool(getattr(change, key)) for change in changes) for key in ("gained", "lost"))
        say(f"{gained} grant(s), {lost} withdrawal(s)" if changes else "no difference")
    if left_out:
        say(f"{left_out} dataset(s) only one side has, left out", err=True)


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

    removed = [urn for urn in snapshot.removed if not types or entity_type(urn) in types]
    if types:
        snapshot = Snapshot((urn, aspects) for urn, aspects in snapshot.entities.items() if entity_type(urn) in types)
    kind = " or ".join(types) or "entity"
    urns = snapshot.find(word) or ([word] if word in removed else [])
    return only(urns, word, f"no {kind} named '{word}'", snapshot)
