"""No privilege is passed over in silence: each is held by a rule, or named as free with a reason.

A policy is judged by the rules there are; what none of them speaks of, any policy may grant. So every privilege DataHub
knows, for every entity type it means something for and every sharing class, has to be held by a rule that says ``only``
(or that everyone must have it), or listed in ``free``. Which, is for the content to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from campus_catalog.access.loader import Access
from campus_catalog.access.model import Invariant, Of
from campus_catalog.access.scope import classes_of, types_of
from campus_catalog.access.vocabulary import INTERFACE_PRIVILEGES, PLATFORM_PRIVILEGES, RESOURCE_PRIVILEGES
from campus_catalog.content.places import Problems
from campus_catalog.register.systems import Register
from campus_catalog.regulation.loader import Regulation

#: Privileges with which others can be had, or everything read, and what they lead to. Whoever has one stands above the
#: rules, so a rule has to say who that is.
WAYS_ROUND: dict[str, str] = {
    "MANAGE_POLICIES": "可以改变策略，授予自己任何权限",
    "MANAGE_USERS_AND_GROUPS": "可以让任何人成为任何单位的成员",
    "UPDATE_USERS_AND_GROUPS": "可以让任何人成为任何单位的成员",
    "UPDATE_USERS": "可以让任何人成为任何单位的成员",
    "UPDATE_GROUPS": "可以给任何单位以管理员的角色",
    "CREATE_USERS_AND_GROUPS": "可以新建属于任何单位的账号",
    "CREATE_USERS": "可以新建属于任何单位的账号",
    "CREATE_GROUPS": "可以新建有管理员角色的单位",
    "EDIT_GROUP_MEMBERS": "可以让自己成为该单位的成员",
    "EDIT_ENTITY": "可以改变责任人、标签和成员",
    "EDIT_ENTITY_OWNERS": "可以让自己成为责任人",
    "EDIT_DOMAINS_PRIVILEGE": "可以改变所属子集",
    "MANAGE_USER_CREDENTIALS": "可以重置任何人的密码",
    "MANAGE_ACCESS_TOKENS": "可以签发任何人的令牌",
    "MANAGE_SERVICE_ACCOUNTS": "可以新建账号并签发其令牌",
    "MANAGE_INGESTION": "可以用系统的身份写入任何内容",
    "MANAGE_SECRETS": "可以读出、更换采集所用的密码",
    "MANAGE_CONNECTIONS": "可以读出、更换连接所用的密码",
    "MANAGE_GLOBAL_SETTINGS": "可以改变登录方式",
    "MANAGE_SYSTEM_OPERATIONS": "可以直接读写索引中的任何内容",
    "GET_METADATA_CHANGE_LOG_EVENTS": "可以读到每一次变更的全部内容",
    "GET_PLATFORM_EVENTS": "可以读到每一次变更",
    "GET_TOPIC_EVENTS": "可以读到每一次变更",
}

#: entity types named in a message
_SHOWN = 5
#: privilege, entity type, sharing tag; the type is None for the platform, the tag for what has none
_Cell = tuple[str, str | None, str | None]


def check_closed(register: Register, access: Access, problems: Problems) -> None:
    """Find privileges the invariants pass over, and ways round them that are called free.

    Args:
        register: the school's register and regulation.
        access: its invariants.
        problems: receives what is found.
    """
    regulation, path = register.regulation, access.invariants_path
    left = _all(regulation)
    for invariant in access.invariants:
        if _holds(invariant):
            left -= _cells(invariant.privileges, invariant.of, regulation)
    for index, free in enumerate(access.free):
        left -= _cells(free.privileges, free.of, regulation)
        for position, privilege in enumerate(free.privileges):
            if privilege in WAYS_ROUND:
                message = f"「{privilege}」{WAYS_ROUND[privilege]}，会使各条规则落空，不能列为 free，须用 only 写明归谁"
                problems.add(path, ("free", index, "privileges", position), "way-round", message)
    for privileges, where in _together(left, regulation):
        message = f"没有规则管到 {'、'.join(privileges)}{where}：请写进一条有 only 的规则，或列入 free 并写明理由"
        problems.add(path, (), "open-privilege", message)


def _holds(invariant: Invariant) -> bool:
    """Whether a rule says of all there is to it who may; one about some tags only does not."""
    if invariant.changing:
        return False
    closed = invariant.only is not None and not invariant.only.everyone
    return closed or (invariant.always is not None and invariant.always.everyone)


def _cells(privileges: Iterable[str], of: Of, regulation: Regulation) -> set[_Cell]:
    if of.platform:
        return {(privilege, None, None) for privilege in privileges}
    classes = classes_of(of, regulation)
    return {(privilege, type_, tag) for privilege in privileges for type_ in types_of(of) for tag in classes}


def _all(regulation: Regulation) -> set[_Cell]:
    cells = _cells(PLATFORM_PRIVILEGES, Of(platform=True), regulation)
    for type_, privileges in RESOURCE_PRIVILEGES.items():
        cells |= _cells(privileges | INTERFACE_PRIVILEGES, Of(types=[type_]), regulation)
    return cells


def _together(left: set[_Cell], regulation: Regulation) -> Iterator[tuple[list[str], str]]:
    """What is left over: privileges of which the same is left, and of what."""
    of: dict[str, set[tuple[str | None, str | None]]] = {}
    for privilege, type_, tag in left:
        of.setdefault(privilege, set()).add((type_, tag))
    alike: dict[frozenset[tuple[str | None, str | None]], list[str]] = {}
    for privilege in sorted(of):
        alike.setdefault(frozenset(of[privilege]), []).append(privilege)
    for pairs, privileges in alike.items():
        yield privileges, _where(pairs, regulation)


def _where(pairs: frozenset[tuple[str | None, str | None]], regulation: Regulation) -> str:
    types = [type_ for type_ in RESOURCE_PRIVILEGES if any(type_ == one for one, _ in pairs)]
    if not types:
        return ""
    named = "、".join(types[:_SHOWN]) + (f" 等 {len(types)} 种实体" if types[_SHOWN:] else "")
    tags = {tag for _, tag in pairs}
    if tags == classes_of(Of(), regulation):
        return f"（{named}）"
    names = [sharing.name for sharing in regulation.sharing if classes_of(Of(sharing=[sharing.id]), regulation) <= tags]
    return f"（{named}；共享方式：{'、'.join([*names, *(['无'] if None in tags else [])])}）"
