"""The entities and users access is computed for, from the content or from a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from campus_catalog.catalog.snapshot import Snapshot, entity_type, is_removed, name_of
from campus_catalog.catalog.store import Aspects
from campus_catalog.register.systems import Register

#: A user of no unit at all: what this one may do, everyone with an account may do.
STRANGER = "urn:li:corpuser:__stranger"
_MEMBER = "urn:li:corpuser:__member."


@dataclass(frozen=True)
class Owner:
    """An owner of an entity, with the ownership type's urn where one is stated."""

    urn: str
    type: str | None = None


@dataclass
class Entity:
    """What policies can ask of a resource.

    Attributes:
        parent: the parent of a domain, glossary node or glossary term.
        container: the container directly around it.
        removed: whether it is soft-deleted. The server does not ask: whoever may read it can still open it.
        real: False for a sample, which stands for what the content does not hold.
    """

    urn: str
    type: str
    domains: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    owners: tuple[Owner, ...] = ()
    container: str | None = None
    instance: str | None = None
    parent: str | None = None
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    removed: bool = False
    real: bool = True


@dataclass
class User:
    """What policies can ask of a user.

    Attributes:
        active: whether the user can log in, which soft-deleted and suspended ones cannot. DataHub's policies do not
            ask, its login does; what ``corpUserInfo`` calls active neither asks.
        real: False for the plain member of a unit and the stranger, who stand for many.
    """

    urn: str
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    active: bool = True
    real: bool = True


@dataclass
class World:
    """Entities, users, the roles of groups, and the names people know them by."""

    entities: dict[str, Entity] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    group_roles: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def entity(self, urn: str) -> Entity:
        """An entity, known or not.

        Args:
            urn: its urn.

        Returns:
            The entity; of an unknown one only urn and type can be asked.
        """
        return self.entities.get(urn) or Entity(urn, entity_type(urn))

    def user(self, urn: str) -> User:
        """A user, known or not.

        Args:
            urn: its urn.

        Returns:
            The user; an unknown one is active, in no unit and without a role.
        """
        return self.users.get(urn) or User(urn)

    def name(self, urn: str) -> str:
        """What people know something by.

        Args:
            urn: of an entity or user.

        Returns:
            The name people see, or the urn's last part.
        """
        return self.names.get(urn) or urn.split(":", 3)[3]

    @property
    def datasets(self) -> list[Entity]:
        """Every dataset that is not removed, by name."""
        return sorted(
            (entity for entity in self.entities.values() if entity.type == "dataset" and not entity.removed),
            key=lambda entity: (self.name(entity.urn), entity.urn),
        )

    @property
    def groups(self) -> list[Entity]:
        """Every unit that is not removed."""
        return [entity for entity in self.entities.values() if entity.type == "corpGroup" and not entity.removed]

    @cached_property
    def members(self) -> dict[str, set[str]]:
        """Group -> its users, by urn."""
        found: dict[str, set[str]] = {}
        for user in self.users.values():
            for group in user.groups:
                found.setdefault(group, set()).add(user.urn)
        return found

    def ancestors(self, urns: Iterable[str], up: str = "parent") -> set[str]:
        """Some entities and everything above them.

        Args:
            urns: the entities.
            up: what leads up: ``parent``, of domains and of the glossary, or ``container``.

        Returns:
            Urns; a cycle ends where it began.
        """
        found: set[str] = set()
        left = list(urns)
        while left:
            urn = left.pop()
            if urn not in found:
                found.add(urn)
                above = getattr(self.entity(urn), up)
                if above:
                    left.append(above)
        return found

    def with_members(self) -> World:
        """This world with people who stand for many.

        Returns:
            A copy with a plain member of every unit, who holds no post, and one user of no unit.
        """
        users = {**self.users, STRANGER: User(STRANGER, real=False)}
        names = {**self.names, STRANGER: "不属于任何单位的用户"}
        for group in self.groups:
            urn = member_of(group.urn)
            users[urn] = User(urn, groups=frozenset({group.urn}), real=False)
            names[urn] = f"{self.name(group.urn)}普通成员"
        return World(self.entities, users, self.group_roles, names)


def member_of(group: str) -> str:
    """The plain member of a unit, as in a world ``with_members``.

    Args:
        group: the unit's urn.

    Returns:
        The member's urn.
    """
    return _MEMBER + group.split(":", 3)[3]


def world_of(snapshot: Snapshot) -> World:
    """The world a catalog's entities make, those that are removed included.

    Args:
        snapshot: the catalog.

    Returns:
        The world; ``with_members`` adds those who stand for many.
    """
    gone = {urn: name_of(urn, aspects) for urn, aspects in snapshot.removed.items()}
    world = World(names={**gone, **snapshot.names})
    for urn, aspects in [*snapshot.entities.items(), *snapshot.removed.items()]:
        type_ = entity_type(urn)
        world.entities[urn] = _entity(urn, type_, aspects)
        if type_ == "corpuser":
            world.users[urn] = _user(urn, aspects)
        elif type_ == "corpGroup" and "roleMembership" in aspects:
            world.group_roles[urn] = frozenset(aspects["roleMembership"].get("roles", []))
    return world


def world_of_content(register: Register) -> World:
    """The world the content declares: its datasets, systems, taxonomy, units and posts."""
    return world_of(content_snapshot(register))


def content_snapshot(register: Register) -> Snapshot:
    """The declared entities as a catalog would hold them, as far as access and names go.

    Args:
        register: the school's register and regulation.

    Returns:
        The entities, with the aspects that access and names need.
    """
    return Snapshot(_content_entities(register))


def _entity(urn: str, type_: str, aspects: Aspects) -> Entity:
    def listed(aspect: str, key: str, part: str | None = None) -> frozenset[str]:
        values = aspects.get(aspect, {}).get(key) or []
        return frozenset(value[part] if part else value for value in values)

    parent = aspects.get("domainProperties", {}).get("parentDomain")
    for aspect in ("glossaryNodeInfo", "glossaryTermInfo"):
        parent = parent or aspects.get(aspect, {}).get("parentNode")
    return Entity(
        urn=urn,
        type=type_,
        domains=listed("domains", "domains"),
        tags=listed("globalTags", "tags", "tag"),
        terms=listed("glossaryTerms", "terms", "urn"),
        owners=tuple(
            Owner(owner["owner"], owner.get("typeUrn")) for owner in aspects.get("ownership", {}).get("owners") or []
        ),
        container=aspects.get("container", {}).get("container"),
        instance=aspects.get("dataPlatformInstance", {}).get("instance"),
        parent=parent,
        properties={
            value["propertyUrn"]: frozenset(_plain(one) for one in value.get("values", []))
            for value in aspects.get("structuredProperties", {}).get("properties") or []
        },
        removed=is_removed(aspects),
    )


def _plain(value: Any) -> str:
    """A structured property's value; DataHub wraps it in a union."""
    if isinstance(value, Mapping):
        (value,) = value.values()
    return str(value)


def _user(urn: str, aspects: Aspects) -> User:
    status = aspects.get("corpUserStatus", {}).get("status")
    native = aspects.get("nativeGroupMembership", {}).get("nativeGroups") or []
    return User(
        urn=urn,
        groups=frozenset([*(aspects.get("groupMembership", {}).get("groups") or []), *native]),
        roles=frozenset(aspects.get("roleMembership", {}).get("roles") or []),
        active=not is_removed(aspects) and status != "SUSPENDED",
    )


def _content_entities(register: Register) -> Iterator[tuple[str, Aspects]]:
    """Every declared entity with the aspects that matter for access and for names."""
    from datahub.ingestion.api.common import PipelineContext

    from campus_catalog.aspects.common import application_urn
    from campus_catalog.aspects.dataset import dataset_urn, instance_aspects
    from campus_catalog.aspects.stamp import stamp_of, system_aspects
    from campus_catalog.aspects.taxonomy import taxonomy_proposals
    from campus_catalog.aspects.terms import term_proposals

    regulation = register.regulation
    found: dict[str, Aspects] = {}
    context = PipelineContext(run_id="campus-catalog-access")
    for proposals in (taxonomy_proposals(regulation), term_proposals(regulation.term_files, context)):
        for proposal in proposals:
            assert proposal.aspect is not None
            found.setdefault(str(proposal.entityUrn), {})[proposal.aspect.ASPECT_NAME] = proposal.aspect.to_obj()
    yield from found.items()
    for declared in register:
        yield application_urn(declared.id), _json(system_aspects(declared))
        instance = instance_aspects(declared)  # of a connected system the live source says it
        for entry in declared.datasets:
            aspects = _json([*stamp_of(entry), *instance])
            yield dataset_urn(entry.key), {**aspects, "datasetProperties": {"name": entry.dataset.name}}


def _json(aspects: Iterable[Any]) -> Aspects:
    return {aspect.ASPECT_NAME: aspect.to_obj() for aspect in aspects}
