"""What a DataHub server understands in a policy: privileges, criteria fields, conditions, entity types.

Taken from the server's model (release 1.7 and what followed it until this project's client release). Where a server
learnt something later than its first releases, the release is noted; ``evaluate`` honours it. A privilege or type of a
later release belongs here too: the invariants of every school then have to say something of it (``closed``).
"""

from __future__ import annotations

import re
from functools import cache

#: The newest server release whose behaviour is known here.
NEWEST = "1.8"

#: Criteria fields and the release that introduced each.
FIELDS: dict[str, str] = {
    "TYPE": "0.10",
    "URN": "0.10",
    "RESOURCE_TYPE": "0.8",  # the former names of TYPE and URN, still understood
    "RESOURCE_URN": "0.8",
    "OWNER": "0.8",
    "DOMAIN": "0.8",
    "GROUP_MEMBERSHIP": "0.12",
    "DATA_PLATFORM_INSTANCE": "0.12",
    "TAG": "0.13",
    "CONTAINER": "1.1",
    "GLOSSARY": "1.5",
    "PARENT_DOMAIN": "1.7",
    "PARENT_GLOSSARY_NODE": "1.7",
    "STRUCTURED_PROPERTY": "1.8",
}

#: Fields content may use. The others are understood in a catalog's policies, but a server that does not know them
#: silently matches nothing, so a school's own rules must not rest on them.
CONTENT_FIELDS = frozenset(
    {"TYPE", "URN", "OWNER", "DOMAIN", "GROUP_MEMBERSHIP", "DATA_PLATFORM_INSTANCE", "TAG", "CONTAINER", "GLOSSARY"}
)

#: Conditions and the release that introduced each.
CONDITIONS: dict[str, str] = {"EQUALS": "0.8", "STARTS_WITH": "0.15", "NOT_EQUALS": "1.2"}

#: Other behaviour that changed, by the release that changed it. docs/access.md explains each.
CHANGES: dict[str, str] = {
    "all-groups-needs-a-group": "0.12",
    "roles-through-groups": "0.13",
    "privilege-constraints": "1.2",
    "subdomain-matches-parent-domain": "1.5",
    "resources-without-type": "1.7",
}

#: Roles every server ships.
ROLES = ("Admin", "Editor", "Reader")

PLATFORM_PRIVILEGES = frozenset(
    "APPLY_RETENTION_PRIVILEGE CREATE_BUSINESS_ATTRIBUTE CREATE_DOMAINS CREATE_GLOBAL_ANNOUNCEMENTS CREATE_GROUPS "
    "CREATE_LOGICAL_MODELS CREATE_TAGS CREATE_USERS CREATE_USERS_AND_GROUPS GENERATE_PERSONAL_ACCESS_TOKENS "
    "GET_ANALYTICS_PRIVILEGE GET_ES_TASK_STATUS_PRIVILEGE GET_METADATA_CHANGE_LOG_EVENTS "
    "GET_PLATFORM_EVENTS GET_TIMESERIES_INDEX_SIZES_PRIVILEGE GET_TOPIC_EVENTS MANAGE_ACCESS_TOKENS "
    "MANAGE_BUSINESS_ATTRIBUTE MANAGE_CONNECTIONS MANAGE_DOCUMENTATION_FORMS MANAGE_DOCUMENTS "
    "MANAGE_DOMAINS MANAGE_FEATURES MANAGE_GLOBAL_ANNOUNCEMENTS MANAGE_GLOBAL_OWNERSHIP_TYPES "
    "MANAGE_GLOBAL_SETTINGS MANAGE_GLOBAL_VIEWS MANAGE_GLOSSARIES MANAGE_HOME_PAGE_TEMPLATES "
    "MANAGE_INGESTION MANAGE_POLICIES MANAGE_SECRETS MANAGE_SERVICE_ACCOUNTS MANAGE_STRUCTURED_PROPERTIES "
    "MANAGE_SYSTEM_OPERATIONS MANAGE_TAGS MANAGE_TESTS MANAGE_USERS_AND_GROUPS MANAGE_USER_CREDENTIALS "
    "RESTORE_INDICES_PRIVILEGE SET_WRITEABLE_PRIVILEGE TRUNCATE_TIMESERIES_INDEX_PRIVILEGE "
    "UPDATE_GROUPS UPDATE_USERS UPDATE_USERS_AND_GROUPS VIEW_ALL_QUERIES VIEW_ANALYTICS VIEW_MANAGE_TAGS "
    "VIEW_STRUCTURED_PROPERTIES_PAGE VIEW_TESTS".split()
)

#: Privileges of the HTTP interfaces; they hold for every entity type.
INTERFACE_PRIVILEGES = frozenset(
    "ES_EXPLAIN_QUERY_PRIVILEGE GET_COUNTS_PRIVILEGE GET_ENTITY_PRIVILEGE GET_TIMELINE_PRIVILEGE "
    "GET_TIMESERIES_ASPECT_PRIVILEGE PRODUCE_PLATFORM_EVENT_PRIVILEGE SEARCH_PRIVILEGE".split()
)

_COMMON = frozenset(
    "CREATE_ENTITY DELETE_ENTITY EDIT_DEPRECATION_PRIVILEGE EDIT_DOMAINS_PRIVILEGE EDIT_ENTITY "
    "EDIT_ENTITY_APPLICATIONS_PRIVILEGE EDIT_ENTITY_DATA_PRODUCTS EDIT_ENTITY_DOCS EDIT_ENTITY_DOC_LINKS "
    "EDIT_ENTITY_GLOSSARY_TERMS "
    "EDIT_ENTITY_INCIDENTS EDIT_ENTITY_OWNERS EDIT_ENTITY_PROPERTIES EDIT_ENTITY_STATUS EDIT_ENTITY_TAGS "
    "EXISTS_ENTITY MANAGE_ASSET_SUMMARY VIEW_ENTITY_PAGE".split()
)
_EVERY = frozenset({"VIEW_ENTITY_PAGE", "EXISTS_ENTITY", "CREATE_ENTITY", "EDIT_ENTITY", "DELETE_ENTITY"})
_DESCRIBED = _EVERY | {"EDIT_ENTITY_OWNERS", "EDIT_ENTITY_DOCS", "EDIT_ENTITY_DOC_LINKS", "EDIT_ENTITY_PROPERTIES"}
_LINKED = frozenset({"EDIT_LINEAGE", "EDIT_ENTITY_EMBED", "VIEW_ENTITY_QUERIES", "EDIT_ENTITY_QUERIES"})
_NAMESPACES = frozenset({"DATA_MANAGE_NAMESPACES", "DATA_MANAGE_TABLES", "DATA_MANAGE_VIEWS", "DATA_LIST_ENTITIES"})

#: Other assets, and what DataHub keeps for itself. Policies about everything are about these, too.
_ASSETS = (
    "agentSkill aiAgent api dataContract dataProcess metric mlFeature mlFeatureTable mlModel mlModelDeployment "
    "mlModelGroup mlPrimaryKey repository semanticModel service"
).split()
_INTERNAL = (
    "dataHubAccessToken dataHubAction dataHubConnection dataHubExecutionRequest dataHubFile dataHubOpenAPISchema "
    "dataHubPageModule dataHubPageTemplate dataHubPersona dataHubPolicy dataHubRetention dataHubRole dataHubSecret "
    "dataHubStepState dataHubUpgrade dataType entityType globalSettings inviteToken lifecycleStageType "
    "platformResource post role searchTemplate telemetry test"
).split()

#: Entity type -> the privileges that mean something for it: every type of the model.
RESOURCE_PRIVILEGES: dict[str, frozenset[str]] = {
    "dataset": _COMMON
    | _LINKED
    | frozenset(
        "VIEW_DATASET_USAGE VIEW_DATASET_PROFILE VIEW_DATASET_OPERATIONS EDIT_DATASET_COL_DESCRIPTION "
        "EDIT_DATASET_COL_TAGS EDIT_DATASET_COL_GLOSSARY_TERMS EDIT_DATASET_COL_BUSINESS_ATTRIBUTE_PRIVILEGE "
        "EDIT_ENTITY_ASSERTIONS EDIT_ENTITY_OPERATIONS EDIT_ENTITY_DATA_CONTRACT DATA_READ_ONLY DATA_READ_WRITE "
        "CREATE_ENTITY_ER_MODEL_RELATIONSHIP".split()
    ),
    "chart": _COMMON | _LINKED,
    "dashboard": _COMMON | _LINKED,
    "dataFlow": _COMMON | {"EXECUTE_ENTITY"},
    "dataJob": _COMMON | _LINKED | {"EXECUTE_ENTITY"},
    "dataProcessInstance": _COMMON,
    "notebook": _COMMON,
    "container": _COMMON | _NAMESPACES,
    "application": _COMMON,
    "document": _COMMON,
    "erModelRelationship": _COMMON,
    "versionSet": _COMMON,
    "dataProduct": _DESCRIBED
    | {"EDIT_ENTITY_TAGS", "EDIT_ENTITY_GLOSSARY_TERMS", "EDIT_DOMAINS_PRIVILEGE", "MANAGE_ASSET_SUMMARY"},
    "domain": _DESCRIBED | {"MANAGE_DATA_PRODUCTS", "MANAGE_ASSET_SUMMARY"},
    "glossaryTerm": _DESCRIBED | {"EDIT_DEPRECATION_PRIVILEGE", "MANAGE_ASSET_SUMMARY"},
    "glossaryNode": _DESCRIBED
    | {"EDIT_DEPRECATION_PRIVILEGE", "MANAGE_GLOSSARY_CHILDREN", "MANAGE_ALL_GLOSSARY_CHILDREN"},
    "tag": _DESCRIBED | {"EDIT_TAG_COLOR"},
    "corpGroup": _DESCRIBED | {"EDIT_GROUP_MEMBERS", "EDIT_CONTACT_INFO"},
    "corpuser": _EVERY | {"EDIT_CONTACT_INFO", "EDIT_USER_PROFILE", "EDIT_ENTITY_PROPERTIES"},
    "structuredProperty": _EVERY,
    "businessAttribute": _EVERY
    | {"EDIT_ENTITY_OWNERS", "EDIT_ENTITY_DOCS", "EDIT_ENTITY_TAGS", "EDIT_ENTITY_GLOSSARY_TERMS"},
    "dataPlatformInstance": _EVERY | _NAMESPACES | {"DATA_READ_ONLY", "DATA_READ_WRITE"},
    "dataHubView": _EVERY,
    "dataHubIngestionSource": _EVERY | {"EXECUTE_ENTITY"},
    "ownershipType": _EVERY,
    "dataPlatform": _EVERY,
    "form": _EVERY,
    "incident": _EVERY,
    "assertion": _EVERY,
    "query": _EVERY,
    "schemaField": _COMMON,
    **dict.fromkeys(_ASSETS, _COMMON),
    **dict.fromkeys(_INTERNAL, _EVERY),
}

METADATA_PRIVILEGES = frozenset().union(*RESOURCE_PRIVILEGES.values()) | INTERFACE_PRIVILEGES

#: Privileges whose use names tags, so that ``privilegeConstraints`` narrows them.
TAG_PRIVILEGES = frozenset({"EDIT_ENTITY_TAGS", "EDIT_DATASET_COL_TAGS", "EDIT_ENTITY"})

#: Of what ``access`` shows the operations unless told otherwise.
MAIN_PRIVILEGES = (
    "VIEW_ENTITY_PAGE",
    "VIEW_DATASET_PROFILE",
    "VIEW_DATASET_USAGE",
    "VIEW_ENTITY_QUERIES",
    "EDIT_ENTITY_DOCS",
    "EDIT_ENTITY_GLOSSARY_TERMS",
    "EDIT_ENTITY_TAGS",
    "EDIT_ENTITY_PROPERTIES",
    "EDIT_ENTITY_OWNERS",
    "EDIT_ENTITY_INCIDENTS",
    "EDIT_ENTITY",
)


@cache
def release(text: str) -> tuple[int, ...]:
    """A server release such as ``1.2`` or ``v1.2.0.1`` as numbers to compare.

    Args:
        text: the release, as a server or a person writes it.

    Returns:
        Major and minor number.

    Raises:
        ValueError: no release number.
    """
    found = re.fullmatch(r"v?(\d+)\.(\d+)(?:[.\w-]*)", text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no DataHub release such as 1.2")
    return int(found[1]), int(found[2])
