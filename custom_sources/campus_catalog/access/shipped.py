"""The policies every DataHub server creates at its start, as data.

A server writes them again at each start unless they are ``editable`` and there already, so only the editable ones can
be taken over. What they grant is needed to compute access: until it is taken over, ``view-entity-page-all`` shows
everything to everyone whatever the school's own policies say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from campus_catalog.access.vocabulary import METADATA_PRIVILEGES, PLATFORM_PRIVILEGES

_INTERFACE = (
    "GET_COUNTS_PRIVILEGE",
    "GET_TIMESERIES_ASPECT_PRIVILEGE",
    "GET_ENTITY_PRIVILEGE",
    "GET_TIMELINE_PRIVILEGE",
    "ES_EXPLAIN_QUERY_PRIVILEGE",
)
_VIEW = ("VIEW_ENTITY_PAGE", *_INTERFACE)
_SENSITIVE = ("VIEW_DATASET_USAGE", "VIEW_DATASET_PROFILE", "VIEW_DATASET_OPERATIONS")
_EDIT = (
    "EDIT_ENTITY_TAGS EDIT_ENTITY_GLOSSARY_TERMS EDIT_ENTITY_DOCS EDIT_ENTITY_DOC_LINKS EDIT_ENTITY_STATUS "
    "EDIT_DOMAINS_PRIVILEGE EDIT_ENTITY_DATA_PRODUCTS EDIT_DEPRECATION_PRIVILEGE EDIT_ENTITY_ASSERTIONS "
    "EDIT_ENTITY_INCIDENTS EDIT_DATASET_COL_TAGS EDIT_DATASET_COL_GLOSSARY_TERMS "
    "EDIT_DATASET_COL_DESCRIPTION EDIT_DATASET_COL_BUSINESS_ATTRIBUTE_PRIVILEGE EDIT_TAG_COLOR EDIT_LINEAGE "
    "EDIT_ENTITY_QUERIES MANAGE_DATA_PRODUCTS EDIT_ENTITY_PROPERTIES MANAGE_ASSET_SUMMARY"
).split()
_EDITOR_PLATFORM = (
    "GENERATE_PERSONAL_ACCESS_TOKENS MANAGE_DOMAINS MANAGE_GLOBAL_ANNOUNCEMENTS MANAGE_GLOSSARIES "
    "MANAGE_TAGS MANAGE_BUSINESS_ATTRIBUTE MANAGE_STRUCTURED_PROPERTIES VIEW_STRUCTURED_PROPERTIES_PAGE "
    "MANAGE_DOCUMENTATION_FORMS MANAGE_FEATURES MANAGE_DOCUMENTS"
).split()
_EDITOR_TYPES = (
    "dataset chart dashboard dataFlow dataJob tag container domain glossaryTerm glossaryNode notebook dataProduct "
    "dataProcessInstance document"
).split()


@dataclass(frozen=True)
class Shipped:
    """A policy of DataHub's own.

    Attributes:
        actor: whom it grants to: ``all``, ``owners``, ``root`` or the name of a role.
        types: entity types it is limited to; none means everything.
        note: what to know about releases, and why a school may have to take it over.
    """

    id: str
    name: str
    type: Literal["METADATA", "PLATFORM"]
    actor: str
    privileges: tuple[str, ...]
    editable: bool
    types: tuple[str, ...] = ()
    note: str = ""

    @property
    def urn(self) -> str:
        """Urn of the policy."""
        return policy_urn(self.id)

    def info(self, state: str = "ACTIVE") -> dict[str, Any]:
        """The policy as ``dataHubPolicyInfo`` JSON."""
        actors: dict[str, Any] = {
            "users": ["urn:li:corpuser:datahub"] if self.actor == "root" else [],
            "groups": [],
            "resourceOwners": self.actor == "owners",
            "allUsers": self.actor == "all",
            "allGroups": False,
        }
        if self.actor not in ("all", "owners", "root"):
            actors["roles"] = [f"urn:li:dataHubRole:{self.actor}"]
        info: dict[str, Any] = {
            "displayName": self.name,
            "description": f"DataHub: {self.name}",
            "type": self.type,
            "state": state,
            "privileges": list(self.privileges),
            "actors": actors,
            "editable": self.editable,
        }
        if self.types:
            criterion = {"field": "TYPE", "values": list(self.types), "condition": "EQUALS"}
            info["resources"] = {"allResources": False, "filter": {"criteria": [criterion]}}
        return info


def policy_urn(id_: str) -> str:
    """Urn of a policy."""
    return f"urn:li:dataHubPolicy:{id_}"


_PLATFORM_ALL = tuple(sorted(PLATFORM_PRIVILEGES))
_METADATA_ALL = tuple(sorted(METADATA_PRIVILEGES))

SHIPPED: dict[str, Shipped] = {
    shipped.id: shipped
    for shipped in (
        Shipped("0", "Root User - All Platform Privileges", "PLATFORM", "root", _PLATFORM_ALL, False),
        Shipped("1", "Root User - Edit and View All Resources", "METADATA", "root", _METADATA_ALL, False),
        Shipped(
            "root-domain-manage-data-products-policy", "Root User - Manage Data Products on All Domains", "METADATA",
            "root", ("MANAGE_DATA_PRODUCTS",), False, ("domain",), note="since about 1.6",
        ),
        Shipped(
            "admin-domain-manage-data-products-policy", "Admins - Manage Data Products on All Domains", "METADATA",
            "Admin", ("MANAGE_DATA_PRODUCTS",), False, ("domain",), note="since about 1.6",
        ),
        Shipped(
            "editor-domain-manage-data-products-policy", "Editors - Manage Data Products on All Domains", "METADATA",
            "Editor", ("MANAGE_DATA_PRODUCTS",), False, ("domain",), note="since about 1.6",
        ),
        Shipped(
            "7", "All Users - Base Platform Privileges", "PLATFORM", "all",
            ("VIEW_ANALYTICS", "GENERATE_PERSONAL_ACCESS_TOKENS"), True,
            note="before 0.9 it granted every platform privilege to everyone",
        ),
        Shipped(
            "view-entity-page-all", "All Users - View Entity Page", "METADATA", "all",
            (*_VIEW, "SEARCH_PRIVILEGE"), True,
            note="before 0.10 only VIEW_ENTITY_PAGE; shows everything to everyone",
        ),
        Shipped(
            "view-dataset-sensitive", "All Users - View Dataset Sensitive Information", "METADATA", "all",
            _SENSITIVE, True,
            note="VIEW_DATASET_OPERATIONS since about 1.0; shows profile and usage to everyone",
        ),
        Shipped("admin-platform-policy", "Admins - Platform Policy", "PLATFORM", "Admin", _PLATFORM_ALL, False),
        Shipped("admin-metadata-policy", "Admins - Metadata Policy", "METADATA", "Admin", _METADATA_ALL, False),
        Shipped(
            "editor-platform-policy", "Editors - Platform Policy", "PLATFORM", "Editor", tuple(_EDITOR_PLATFORM), False
        ),
        Shipped(
            "editor-metadata-policy", "Editors - Metadata Policy", "METADATA", "Editor",
            (*_VIEW, "SEARCH_PRIVILEGE", "PRODUCE_PLATFORM_EVENT_PRIVILEGE", *_SENSITIVE, *_EDIT), False,
            note="whoever has the role sees and edits everything; not editable, so do not give the role to people",
        ),
        Shipped(
            "editor-metadata-policy-entities", "Editors - Edit Metadata Entities", "METADATA", "Editor",
            ("EDIT_ENTITY",), True, tuple(_EDITOR_TYPES),
        ),
        Shipped("reader-platform-policy", "Readers - Platform Policy", "PLATFORM", "Reader", (), False),
        Shipped(
            "reader-metadata-policy", "Readers - Metadata Policy", "METADATA", "Reader",
            (*_VIEW, "SEARCH_PRIVILEGE", *_SENSITIVE), False,
            note="whoever has the role sees everything; not editable, so do not give the role to people",
        ),
        Shipped(
            "asset-owners-metadata-policy", "Asset Owners - Metadata Policy", "METADATA", "owners",
            (*_VIEW, *_SENSITIVE, *_EDIT, "EDIT_ENTITY_OWNERS", "EDIT_ENTITY", "EDIT_GROUP_MEMBERS",
             "EDIT_USER_PROFILE", "EDIT_CONTACT_INFO"), True,
            note="since about 0.10; lets owners of any type change owners and tags",
        ),
    )
}  # fmt: skip

#: Ids that were DataHub's once; servers remove such policies at an upgrade.
FORMER_IDS = frozenset({"2", "3", "4", "5", "6", "8", "9", "10"})
