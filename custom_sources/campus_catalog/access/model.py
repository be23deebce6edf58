"""The models of ``policies/access/*.yml`` and ``policies/invariants.yml``. See docs/access.md."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Key

from campus_catalog.content.models import ContentModel, Id, Text, Words


class Criterion(ContentModel):
    """One condition on the resource; its values are alternatives."""

    field: Text = Key(description="按什么匹配，如 TYPE、DOMAIN、TAG、OWNER、URN")
    values: Words = Key(description="匹配的值，写 id 或名称均可；符合其中一个即可")
    condition: Text = Key(default="EQUALS", description="EQUALS：等于；NOT_EQUALS：不等于；STARTS_WITH：以此开头")


class Filter(ContentModel):
    """Criteria that must all hold."""

    criteria: list[Criterion] = Key(description="须全部满足的条件")


class Resources(ContentModel):
    """What a METADATA policy is about: everything, said explicitly, or what a filter matches."""

    allResources: bool = Key(default=False, description="true：全部资源；与 filter 只能写一个")
    filter: Filter | None = Key(default=None, description="只针对符合条件的资源")
    privilegeConstraints: Filter | None = Key(default=None, description="可增删哪些标签")


class Actors(ContentModel):
    """Whom a policy grants to; any of these suffices."""

    users: Words = Key(default=[], description="岗位")
    groups: Words = Key(default=[], description="单位")
    roles: Words = Key(default=[], description="DataHub 角色")
    allUsers: bool = Key(default=False, description="true：所有用户")
    allGroups: bool = Key(default=False, description="true：属于任何一个单位的用户")
    resourceOwners: bool = Key(default=False, description="true：该资源的责任人；须同时写明 resourceOwnersTypes")
    resourceOwnersTypes: Words = Key(default=[], description="责任类型")


class Policy(ContentModel):
    """An access policy: the fields of ``dataHubPolicyInfo``, with names instead of urns."""

    id: Id
    name: Text = Key(description="策略的名称")
    description: Text = Key(description="授予什么、为什么，末尾注明条款")
    type: Literal["METADATA", "PLATFORM"] = Key(description="METADATA：针对资源的权限；PLATFORM：针对整个平台的权限")
    state: Literal["ACTIVE", "INACTIVE"] = Key(default="ACTIVE", description="ACTIVE：生效；INACTIVE：停用")
    for_each: Literal["domain", "unit"] | None = Key(default=None, description="对每个子集或单位各生成一条策略")
    privileges: list[Text] = Key(description="授予的权限，用 DataHub 的名称，如 VIEW_ENTITY_PAGE")
    actors: Actors = Key(description="授予谁；符合其中一项即可")
    resources: Resources | None = Key(default=None, description="针对哪些资源；PLATFORM 策略不写")
    editable: bool = Key(default=True, description="能否在 DataHub 界面中修改")


class TakeOver(ContentModel):
    """One of DataHub's shipped policies, switched off."""

    policy: Text = Key(description="自带策略的 id，如 view-entity-page-all")
    state: Literal["INACTIVE"] = Key(description="INACTIVE：停用")
    reason: Text = Key(description="为何停用，末尾注明条款")


class PolicyFile(ContentModel):
    """A file of policies/access/."""

    policies: list[Policy] = Key(default=[], description="访问策略")
    take_over: list[TakeOver] = Key(default=[], description="停用的 DataHub 自带策略")


class People(ContentModel):
    """Who: any of these."""

    everyone: bool = Key(default=False, description="true：所有用户")
    owners: bool = Key(default=False, description="该资源的责任单位、责任人、第一责任人")
    involved: bool = Key(default=False, description="与该数据集所属子集有关的单位")
    units: Words = Key(default=[], description="这些单位的全体成员")
    people: Words = Key(default=[], description="这些岗位")


class Of(ContentModel):
    """Of what: the datasets of some sharing classes, other kinds of entity, or the platform itself."""

    sharing: Words = Key(default=[], description="共享方式；与 untagged 都不写，即不论共享方式")
    untagged: bool = Key(default=False, description="true：没有共享方式标签的")
    types: Words = Key(default=["dataset"], description="实体类型，如 dataset、application、domain；all：全部类型")
    without: Words = Key(default=[], description="types 中除去这些类型")
    platform: bool = Key(default=False, description="true：平台权限，不针对资源")


class Invariant(ContentModel):
    """A rule of access that must hold whatever the policies are."""

    id: Id
    description: Text = Key(description="规则的内容，校验信息会引用；末尾注明条款")
    privileges: list[Text] = Key(description="逐一检查的权限")
    of: Of = Key(default=Of(), description="针对什么；不写即全部数据集")
    changing: Literal["sharing", "other"] | None = Key(
        default=None, description="增删共享标签（sharing）或别的标签（other）"
    )
    only: People | None = Key(default=None, description="除此之外谁都不可以")
    always: People | None = Key(default=None, description="这些人都必须可以")


class Free(ContentModel):
    """Privileges no rule has to hold, and why."""

    privileges: list[Text] = Key(description="不设规则的权限")
    of: Of = Key(default=Of(types=["all"]), description="针对什么；不写即全部类型")
    reason: Text = Key(description="为何不设规则，末尾注明条款")


class Invariants(ContentModel):
    """invariants.yml."""

    invariants: list[Invariant] = Key(description="无论策略怎样改都必须成立的规则")
    free: list[Free] = Key(default=[], description="不设规则的权限；DataHub 的每项权限都须有规则（only），或列在这里")
