"""Names in policies looked up: units, posts, subsets, tags, terms, systems and datasets become urns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from campus_catalog.access.vocabulary import RESOURCE_PRIVILEGES, ROLES
from campus_catalog.aspects.common import (
    application_urn,
    domain_urn,
    group_urn,
    ownership_type_urn,
    platform_urn,
    tag_urn,
    term_urn,
    user_urn,
)
from campus_catalog.aspects.dataset import dataset_urn
from campus_catalog.content.names import Lookup
from campus_catalog.content.places import Place, Problems
from campus_catalog.register.systems import DeclaredSystem, Register


def _named(items: Iterable[Any], urn: Any) -> list[tuple[list[str], str]]:
    return [([item.id, item.name, *getattr(item, "aliases", ())], urn(item.id)) for item in items]


class Resolver:
    """Looks up every name a policy may hold.

    Args:
        register: the school's register and regulation.
        problems: receives every unknown name.
    """

    def __init__(self, register: Register, problems: Problems):
        regulation = register.regulation
        self.problems = problems
        self.users = Lookup("岗位", "unknown-person", _named(regulation.people, user_urn))
        self.groups = Lookup("单位", "unknown-unit", _named(regulation.units, group_urn))
        self.domains = Lookup("数据子集", "unknown-subset", _named(regulation.subsets, domain_urn))
        self.tags = Lookup("标签", "unknown-tag", _named(regulation.tags, tag_urn))
        self.terms = Lookup("术语", "unknown-term", _named(regulation.terms.values(), term_urn))
        types = _named(regulation.ownership_types.values(), ownership_type_urn)
        self.ownership_types = Lookup("责任类型", "unknown-ownership-type", types)
        self.roles = Lookup("DataHub 角色", "unknown-role", [([role], f"urn:li:dataHubRole:{role}") for role in ROLES])
        self.types = Lookup("实体类型", "unknown-type", [([type_], type_) for type_ in RESOURCE_PRIVILEGES])
        self.owners = Lookup(
            "单位或岗位", "unknown-owner", [*_named(regulation.units, group_urn), *_named(regulation.people, user_urn)]
        )
        self.systems = Lookup("系统", "unknown-system", [([s.id, s.name], s) for s in register])
        entries = [([key.plain, entry.dataset.name], dataset_urn(key)) for key, entry in register.by_key.items()]
        systems = [([s.id, s.name], application_urn(s.id)) for s in register]
        self.resources = Lookup("数据集或系统", "unknown-resource", [*entries, *systems])

    def all(self, lookup: Lookup[str], words: Sequence[str], place: Place) -> list[str]:
        """The urns of ``words``, unknown ones left out."""
        found = [lookup.find(word, place.at(index), self.problems) for index, word in enumerate(words)]
        return list(dict.fromkeys(urn for urn in found if urn))

    def criterion_values(self, field: str, condition: str, words: Sequence[str], place: Place) -> list[str]:
        """What a criterion's values mean for the server."""
        if field == "CONTAINER":  # containers come from live systems; content has no names for them
            return list(words)
        if field == "DATA_PLATFORM_INSTANCE":
            return self._systems(words, place, self._instance)
        if field == "URN" and condition == "STARTS_WITH":
            return self._systems(words, place, self._prefix)
        lookup = {
            "TYPE": self.types,
            "DOMAIN": self.domains,
            "TAG": self.tags,
            "GLOSSARY": self.terms,
            "OWNER": self.owners,
            "GROUP_MEMBERSHIP": self.groups,
            "URN": self.resources,
        }[field]
        out = []
        for index, word in enumerate(words):
            if field == "URN" and word.startswith("urn:li:"):
                out.append(word)
            else:
                out += [urn for urn in [lookup.find(word, place.at(index), self.problems)] if urn]
        return list(dict.fromkeys(out))

    def constraint_values(self, words: Sequence[str], place: Place) -> list[str]:
        """The tags a privilege constraint names."""
        return self.all(self.tags, words, place)

    def _systems(self, words: Sequence[str], place: Place, urn: Any) -> list[str]:
        out = []
        for index, word in enumerate(words):
            if word.startswith("urn:li:"):
                out.append(word)
                continue
            system = self.systems.find(word, place.at(index), self.problems)
            value = urn(system, place.at(index)) if system else None
            if value:
                out.append(value)
        return out

    def _instance(self, system: DeclaredSystem, place: Place) -> str | None:
        if system.system.instance:
            return f"urn:li:dataPlatformInstance:({platform_urn(system.system.platform)},{system.system.instance})"
        message = f"系统「{system.name}」没有 instance，不能用 DATA_PLATFORM_INSTANCE 匹配"
        self.problems.add(place.path, place.location, "unsuited-system", message)
        return None

    def _prefix(self, system: DeclaredSystem, place: Place) -> str | None:
        if system.prefix:
            return f"urn:li:dataset:({platform_urn(system.system.platform)},{system.prefix}"
        message = f"系统「{system.name}」没有 database、schema 或 instance，其数据集没有共同的前缀，请逐个写数据集"
        self.problems.add(place.path, place.location, "unsuited-system", message)
        return None
