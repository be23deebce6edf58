"""What a server asks for before it does something: of some sets of privileges, any one out of each.

One table, read off the server's code (``source`` names the place). A privilege alone is what the policy engine judges
(``evaluate``); people want to know whether something can be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_catalog.access.evaluate import Decision, Evaluator, Miss
from campus_catalog.access.vocabulary import PLATFORM_PRIVILEGES, release

#: sets of privileges; one out of each is asked for
Asked = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Ask:
    """Any of some privileges is asked for.

    Attributes:
        types: entity types for which this is asked instead of what is asked for others.
        since: the first release that asks it.
        until: the first release that does not any more.
    """

    any_of: tuple[str, ...]
    types: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def holds_in(self, version: str) -> bool:
        """Whether a release asks this."""
        now = release(version)
        return (self.since is None or release(self.since) <= now) and (self.until is None or now < release(self.until))


@dataclass(frozen=True)
class Operation:
    """Something people do.

    Attributes:
        name: what the command line calls it.
        label: what stewards read.
        privileges: those that mean this operation when they are asked for by name.
        asks: all of them must be met.
        source: where in the server's code it is asked.
    """

    name: str
    label: str
    privileges: tuple[str, ...]
    asks: tuple[Ask, ...]
    source: str

    def asked(self, version: str, type_: str) -> Asked:
        """What a release asks for.

        Args:
            version: the server release.
            type_: type of the entity.

        Returns:
            Sets of privileges, one out of each.
        """
        asks = [ask for ask in self.asks if ask.holds_in(version)]
        own = [ask for ask in asks if type_ in ask.types]
        return tuple(ask.any_of for ask in own or asks if own or not ask.types)

    @property
    def title(self) -> str:
        """What stewards read, and what the command line calls it."""
        return f"{self.label}（{self.name}）" if self.label else self.name

    @property
    def privilege(self) -> str | None:
        """The first privilege that means this operation."""
        return next(iter(self.privileges), None)


def _edit(name: str, label: str, privilege: str, source: str, *also: Ask) -> Operation:
    """A finer edit: the privilege of its own, or EDIT_ENTITY."""
    return Operation(name, label, (privilege,), also or (Ask((privilege, "EDIT_ENTITY")),), source)


def _in_ui(name: str, label: str, privilege: str) -> Operation:
    """Seeing statistics of a dataset in the UI."""
    asks = (Ask((privilege,)), Ask(_READ, since="1.8"))
    return Operation(name, label, (privilege,), asks, "AuthorizationUtils.isViewDataset…Authorized; TimeseriesAuthUtil")


def _over_api(name: str, label: str, privilege: str) -> Operation:
    """Seeing them as an aspect over the HTTP interface, where reading the dataset was enough."""
    asks = (Ask(_READ), Ask((privilege,), since="1.8"))
    return Operation(name, label, (), asks, "EntityController; TimeseriesAuthUtil since 1.7.0.1")


_READ = ("VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY")
_API = "PoliciesConfig.API_PRIVILEGE_MAP"
_BY_TYPE = "PoliciesConfig.API_ENTITY_PRIVILEGE_MAP"
_PROPERTIES, _POLICIES, _PEOPLE = ("structuredProperty",), ("dataHubPolicy",), "MANAGE_USERS_AND_GROUPS"
_SEE_QUERIES = ("VIEW_ENTITY_QUERIES", "EDIT_ENTITY_QUERIES", "EDIT_ENTITY", "VIEW_ALL_QUERIES")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "read", "查看", ("VIEW_ENTITY_PAGE", "GET_ENTITY_PRIVILEGE"),
        (Ask(_READ[:2], until="0.13"), Ask(_READ, since="0.13"),
         Ask(("VIEW_ENTITY_PAGE", "MANAGE_STRUCTURED_PROPERTIES"), _PROPERTIES, since="1.4")),
        f"{_API} ENTITY READ, {_BY_TYPE}; AuthUtil.canViewEntity",
    ),
    Operation(
        "exists", "得知有无", ("EXISTS_ENTITY",),
        (Ask(("EXISTS_ENTITY", "EDIT_ENTITY", "DELETE_ENTITY", "VIEW_ENTITY_PAGE", "SEARCH_PRIVILEGE")),),
        f"{_API} ENTITY EXISTS",
    ),
    _in_ui("view-profile", "查看数据概况", "VIEW_DATASET_PROFILE"),
    _in_ui("view-usage", "查看使用情况", "VIEW_DATASET_USAGE"),
    _in_ui("view-operations", "查看更新记录", "VIEW_DATASET_OPERATIONS"),
    _over_api("view-profile-over-openapi", "经接口查看数据概况", "VIEW_DATASET_PROFILE"),
    _over_api("view-usage-over-openapi", "经接口查看使用情况", "VIEW_DATASET_USAGE"),
    _over_api("view-operations-over-openapi", "经接口查看更新记录", "VIEW_DATASET_OPERATIONS"),
    Operation(
        "read-timeseries", "经接口查看时间序列", ("GET_TIMESERIES_ASPECT_PRIVILEGE",),
        (Ask(("GET_TIMESERIES_ASPECT_PRIVILEGE", "EDIT_ENTITY", "DELETE_ENTITY")), Ask(_READ, since="1.8")),
        f"{_API} TIMESERIES READ; TimeseriesAuthUtil",
    ),
    Operation(
        "read-timeline", "查看变更历史", ("GET_TIMELINE_PRIVILEGE",),
        (Ask(("GET_TIMELINE_PRIVILEGE",)), Ask(_READ, since="1.7")), "TimelineControllerV2",
    ),
    Operation(
        "view-queries", "查看查询语句", ("VIEW_ENTITY_QUERIES",),
        (Ask(_READ, until="1.6"), Ask(("VIEW_ENTITY_PAGE", "EDIT_ENTITY_QUERIES", "EDIT_ENTITY"), since="1.6",
                                      until="1.8"), Ask(_SEE_QUERIES, since="1.8")),
        "EntityAspectAuthorizationUtils.allowedToViewQueriesOnEntity",
    ),
    _edit("edit-description", "修改说明", "EDIT_ENTITY_DOCS", "DescriptionUtils",
          Ask(("EDIT_ENTITY_DOCS", "EDIT_ENTITY"), until="1.3"),
          Ask(("EDIT_ENTITY_DOCS", "MANAGE_ASSET_SUMMARY", "EDIT_ENTITY"), since="1.3")),
    _edit("edit-links", "修改链接", "EDIT_ENTITY_DOC_LINKS", "LinkUtils"),
    _edit("edit-terms", "增删术语", "EDIT_ENTITY_GLOSSARY_TERMS", "LabelUtils"),
    _edit("edit-tags", "增删标签", "EDIT_ENTITY_TAGS", "AuthUtil.tagModificationPrivilegeGroup"),
    _edit("edit-properties", "修改属性", "EDIT_ENTITY_PROPERTIES", "AuthorizationUtils.canEditProperties"),
    _edit("edit-column-description", "修改字段说明", "EDIT_DATASET_COL_DESCRIPTION", "DescriptionUtils"),
    _edit("edit-column-terms", "增删字段术语", "EDIT_DATASET_COL_GLOSSARY_TERMS", "LabelUtils"),
    _edit("edit-column-tags", "增删字段标签", "EDIT_DATASET_COL_TAGS", "AuthUtil.tagModificationPrivilegeGroup"),
    _edit("edit-column-attribute", "修改字段的业务属性", "EDIT_DATASET_COL_BUSINESS_ATTRIBUTE_PRIVILEGE",
          "BusinessAttributeAuthorizationUtils"),
    _edit("edit-owners", "改变责任人", "EDIT_ENTITY_OWNERS", "OwnerUtils"),
    _edit("edit-domain", "改变所属子集", "EDIT_DOMAINS_PRIVILEGE", "DomainUtils"),
    _edit("edit-applications", "改变所属系统", "EDIT_ENTITY_APPLICATIONS_PRIVILEGE", "ApplicationAuthorizationUtils"),
    _edit("edit-data-products", "改变所属数据产品", "EDIT_ENTITY_DATA_PRODUCTS", "DataProductAuthorizationUtils"),
    _edit("edit-deprecation", "标记停用", "EDIT_DEPRECATION_PRIVILEGE", "UpdateDeprecationResolver"),
    _edit("edit-status", "改变状态", "EDIT_ENTITY_STATUS", "DatasetType"),
    _edit("edit-summary", "修改摘要页", "MANAGE_ASSET_SUMMARY", "AuthorizationUtils.canManageAssetSummary"),
    _edit("edit-lineage", "修改血缘", "EDIT_LINEAGE", f"{_API} LINEAGE UPDATE"),
    _edit("edit-embed", "修改嵌入内容", "EDIT_ENTITY_EMBED", "EmbedUtils"),
    _edit("edit-queries", "修改查询语句", "EDIT_ENTITY_QUERIES", "AuthorizationUtils.canEditEntityQueries"),
    _edit("edit-incidents", "处理事件", "EDIT_ENTITY_INCIDENTS", "IncidentUtils"),
    _edit("edit-assertions", "修改校验规则", "EDIT_ENTITY_ASSERTIONS", "AssertionUtils"),
    _edit("edit-data-contract", "修改数据合约", "EDIT_ENTITY_DATA_CONTRACT", "DataContractUtils"),
    _edit("report-operations", "登记更新记录", "EDIT_ENTITY_OPERATIONS", "ReportOperationResolver"),
    _edit("manage-data-products", "管理数据产品", "MANAGE_DATA_PRODUCTS", "DataProductAuthorizationUtils"),
    _edit("edit-tag-color", "改变标签颜色", "EDIT_TAG_COLOR", "SetTagColorResolver"),
    _edit("edit-contact", "修改联系方式", "EDIT_CONTACT_INFO", "CorpGroupType, CorpUserType"),
    _edit("edit-profile", "修改个人资料", "EDIT_USER_PROFILE", "CorpUserType"),
    _edit("edit-members", "增删单位成员", "EDIT_GROUP_MEMBERS", "AuthorizationUtils.canEditGroupMembers; "
          "PrivilegeGrantAuthorizationValidator since 1.7.0.1, which asks MANAGE_USERS_AND_GROUPS for adding oneself",
          Ask(("EDIT_GROUP_MEMBERS", "EDIT_ENTITY", _PEOPLE, "UPDATE_USERS_AND_GROUPS", "UPDATE_USERS"), until="1.8"),
          Ask(("EDIT_GROUP_MEMBERS", _PEOPLE), since="1.8")),
    Operation(
        "create", "新建", ("CREATE_ENTITY",),
        (Ask(("CREATE_ENTITY", "EDIT_ENTITY")), Ask(("MANAGE_POLICIES",), _POLICIES),
         Ask(("MANAGE_STRUCTURED_PROPERTIES",), _PROPERTIES, since="1.4"),
         Ask(("CREATE_USERS_AND_GROUPS", _PEOPLE, "CREATE_USERS", "UPDATE_USERS"), ("corpuser",)),
         Ask(("CREATE_USERS_AND_GROUPS", _PEOPLE, "CREATE_GROUPS", "UPDATE_GROUPS"), ("corpGroup",))),
        f"{_API} ENTITY CREATE, {_BY_TYPE}",
    ),
    Operation(
        "edit-entity", "修改任何信息", ("EDIT_ENTITY",),
        (Ask(("EDIT_ENTITY",)), Ask(("MANAGE_POLICIES",), _POLICIES),
         Ask(("EDIT_ENTITY", "MANAGE_STRUCTURED_PROPERTIES"), _PROPERTIES, since="1.4"),
         Ask(("UPDATE_USERS_AND_GROUPS", _PEOPLE, "UPDATE_USERS"), ("corpuser",)),
         Ask(("UPDATE_USERS_AND_GROUPS", _PEOPLE, "UPDATE_GROUPS"), ("corpGroup",))),
        f"{_API} ENTITY UPDATE, {_BY_TYPE}",
    ),
    Operation(
        "delete", "删除", ("DELETE_ENTITY",),
        (Ask(("DELETE_ENTITY",)), Ask(("MANAGE_POLICIES",), _POLICIES),
         Ask(("DELETE_ENTITY", "MANAGE_STRUCTURED_PROPERTIES"), _PROPERTIES, since="1.4"),
         Ask((_PEOPLE, "UPDATE_USERS"), ("corpuser",)), Ask((_PEOPLE, "UPDATE_GROUPS"), ("corpGroup",))),
        f"{_API} ENTITY DELETE, {_BY_TYPE}; AuthorizationUtils.canDeleteEntity",
    ),
)  # fmt: skip

BY_NAME = {operation.name: operation for operation in OPERATIONS}
_BY_PRIVILEGE = {privilege: operation for operation in OPERATIONS for privilege in operation.privileges}


def operation_of(word: str, exact: bool = False) -> Operation:
    """The operation a word means.

    Args:
        word: name of an operation, or of a privilege: then the operation it is asked for.
        exact: take a privilege by itself, as the engine judges it.

    Returns:
        The operation; for a privilege no operation asks for, or an exact one, that which asks for it alone.
    """
    found = BY_NAME.get(word) or (None if exact else _BY_PRIVILEGE.get(word))
    return found or Operation(word, "", (word,), (Ask((word,)),), "PolicyEngine")


def granted(
    evaluator: Evaluator, asked: Asked, actor: str, resource: str, tags: Sequence[str] = ()
) -> tuple[str, str] | None:
    """What lets somebody do an operation.

    Args:
        evaluator: who may do what.
        asked: what is asked for, from ``Operation.asked``.
        actor: urn of the user.
        resource: urn of the entity.
        tags: urns of the tags to be added or removed.

    Returns:
        The privilege and the urn of the policy that meet the first thing asked for; None when anything asked for is
        not met.
    """
    first = None
    for any_of in asked:
        for privilege in any_of:
            policy = evaluator.allows(actor, privilege, _about(privilege, resource), tags)
            if policy:
                first = first or (privilege, policy)
                break
        else:
            return None
    return first


def able(evaluator: Evaluator, asked: Asked, resource: str) -> set[str]:
    """Who of the world can do an operation; the same as ``granted`` for each, in a fraction of the time.

    Args:
        evaluator: who may do what.
        asked: what is asked for, from ``Operation.asked``.
        resource: urn of an entity that is no user.

    Returns:
        The urns of the users.
    """
    users: list[set[str]] = []
    for any_of in asked:
        abouts = {privilege: _about(privilege, resource) for privilege in any_of}
        rules = {
            (rule.urn, about): evaluator.holders(rule, about)
            for privilege, about in abouts.items()
            for rule in evaluator.granting(privilege, about)
        }
        users.append(set().union(*rules.values()))
    return set.intersection(*users)


def decide(
    evaluator: Evaluator, asked: Asked, actor: str, resource: str, tags: Sequence[str] = ()
) -> tuple[Decision, tuple[str, ...]]:
    """Whether somebody can do an operation, by which policy, or why not.

    Args:
        evaluator: who may do what.
        asked: what is asked for, from ``Operation.asked``.
        actor: urn of the user.
        resource: urn of the entity.
        tags: urns of the tags to be added or removed.

    Returns:
        The answer with its reason, and the privileges it is about: the one granted, or those of which one is missing.
    """
    found = granted(evaluator, asked, actor, resource, tags)
    if found:
        return evaluator.decide(actor, found[0], _about(found[0], resource), tags), found[:1]
    missing = next(any_of for any_of in asked if granted(evaluator, (any_of,), actor, resource, tags) is None)
    misses: dict[str, Miss] = {}
    for privilege in missing:
        for miss in evaluator.decide(actor, privilege, _about(privilege, resource), tags).misses:
            misses.setdefault(miss.policy, miss)
    return Decision(False, misses=evaluator.nearest(misses.values())), missing


def _about(privilege: str, resource: str) -> str | None:
    """A platform privilege is asked without a resource: a policy that names resources then does not fit."""
    return None if privilege in PLATFORM_PRIVILEGES else resource
