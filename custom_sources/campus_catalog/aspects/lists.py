"""The aspects that are lists to which people and other sources add: one table.

Merging, patching and stamping read it. Of each it says what identifies an entry, what makes an entry ours, and the keys
by which a patch addresses one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from campus_catalog.aspects.common import ACTOR, ATTRIBUTION_SOURCE

#: an entry of a list as JSON, or a urn where the list holds nothing else
Entry = Any
#: the message DataHub's glossary reader leaves on what it writes
_READER = "ingestion bot"


@dataclass(frozen=True)
class ListAspect:
    """One aspect with a list.

    Attributes:
        name: the aspect.
        field: the field with the entries.
        key: what identifies an entry: of each group the first field that says anything. Without groups, entries are
            bare urns.
        ours: how our entries are told: they are ``attributed`` to us, were ``read`` from the glossary by DataHub's
            reader, or are ``declared``, since they carry no mark.
        patch: the fields by which DataHub's patches address entries of one source; without any the list is not patched.
    """

    name: str
    field: str
    key: tuple[tuple[str, ...], ...]
    ours: Literal["attributed", "read", "declared"]
    patch: tuple[str, ...] = ()

    def identity(self, entry: Entry) -> Any:
        """What identifies an entry.

        Args:
            entry: as JSON, or as an object of DataHub's model.
        """
        if not self.key:
            return entry
        fields = entry if isinstance(entry, Mapping) else _Fields(entry)
        return tuple(next((fields[name] for name in names if fields.get(name)), None) for names in self.key)

    def is_ours(self, entry: Entry, declared: Collection[str] = ()) -> bool:
        """Whether an entry was written by this project.

        Args:
            entry: as JSON.
            declared: urns this project declares or once declared.
        """
        if self.ours == "declared":
            return (entry if not self.key else self.identity(entry)[0]) in declared
        if self.ours == "read":
            # the message is the reader's: people may have signed in as the same user
            made = entry.get("createStamp") or {}
            return bool(made.get("actor") == ACTOR and made.get("message") == _READER)
        return bool((entry.get("attribution") or {}).get("source") == ATTRIBUTION_SOURCE)


class _Fields:
    """The fields of an object of DataHub's model, read like a mapping."""

    def __init__(self, entry: Any):
        self._entry = entry

    def get(self, name: str) -> Any:
        return getattr(self._entry, name, None)

    __getitem__ = get


LISTS = {
    row.name: row
    for row in (
        ListAspect(
            "ownership", "owners", (("owner",), ("typeUrn", "type")), "attributed", ("owner", "type", "typeUrn")
        ),
        ListAspect("glossaryTerms", "terms", (("urn",),), "attributed", ("urn",)),
        ListAspect("globalTags", "tags", (("tag",),), "attributed", ("tag",)),
        ListAspect("structuredProperties", "properties", (("propertyUrn",),), "attributed", ("propertyUrn",)),
        ListAspect("institutionalMemory", "elements", (("url",),), "read"),
        ListAspect("groupMembership", "groups", (), "declared"),
        ListAspect("applications", "applications", (), "declared"),
        ListAspect("access", "roles", (("urn",),), "declared"),
    )
}
