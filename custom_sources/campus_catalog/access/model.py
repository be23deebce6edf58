"""The models of ``policies/access/*.yml`` and ``policies/invariants.yml``. See docs/access.md."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Key

from campus_catalog.content.models import ContentModel, Id, Text, Words


class Criterion(ContentModel):
    """One condition on the resource; its values are alternatives."""

    field: Text
    values: Words
    condition: Text = "EQUALS"


class Filter(ContentModel):
    """Criteria that must all hold."""

    criteria: list[Criterion]


class Resources(ContentModel):
    """What a METADATA policy is about: everything, said explicitly, or what a filter matches."""

    allResources: bool = False
    filter: Filter | None = None
    privilegeConstraints: Filter | None = Key(default=None, description="可增删哪些标签")


class Actors(ContentModel):
    """Whom a policy grants to; any of these suffices."""

    users: Words = Key(default=[], description="岗位")
    groups: Words = Key(default=[], description="单位")
    roles: Words = Key(default=[], description="DataHub 角色")
    allUsers: bool = False
    allGroups: bool = False
    resourceOwners: bool = False
    resourceOwnersTypes: Words = Key(default=[], description="责任类型")


class Policy(ContentModel):
    """An access policy: the fields of ``dataHubPolicyInfo``, with names instead of urns."""

    id: Id
    name: Text = Key(description="displayName")
    description: Text
    type: Literal["METADATA", "PLATFORM"]
    state: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    for_each: Literal["domain", "unit"] | None = Key(default=None, description="对每个子集或单位各生成一条策略")
    privileges: list[Text]
    actors: Actors
    resources: Resources | None = None
    editable: bool = True


class TakeOver(ContentModel):
    """One of DataHub's shipped policies, switched off."""

    policy: Text
    state: Literal["INACTIVE"]
    reason: Text


class PolicyFile(ContentModel):
    """A file of policies/access/."""

    policies: list[Policy] = []
    take_over: list[TakeOver] = []


class People(ContentModel):
    """Who: any of these."""

    everyone: bool = False
    owners: bool = Key(default=False, description="该资源的责任单位、责任人、第一责任人")
    involved: bool = Key(default=False, description="与该数据集所属子集有关的单位")
    units: Words = []
    people: Words = []


class Of(ContentModel):
    """Of what: the datasets of some sharing classes, other kinds of entity, or the platform itself."""

    sharing: Words = Key(default=[], description="共享方式；不写即全部数据集")
    types: Words = ["dataset"]
    platform: bool = False


class Invariant(ContentModel):
    """A rule of access that must hold whatever the policies are."""

    id: Id
    description: Text
    privileges: list[Text] = Key(description="逐一检查的权限")
    of: Of = Of()
    changing: Literal["sharing", "other"] | None = Key(
        default=None, description="增删共享标签（sharing）或别的标签（other）"
    )
    only: People | None = Key(default=None, description="除此之外谁都不可以")
    always: People | None = Key(default=None, description="这些人都必须可以")


class Invariants(ContentModel):
    """invariants.yml."""

    invariants: list[Invariant]
