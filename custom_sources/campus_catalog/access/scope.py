"""What a rule of ``invariants.yml`` is about: entity types, and which entities of them by their sharing class."""

from __future__ import annotations

from campus_catalog.access.model import Of
from campus_catalog.access.vocabulary import RESOURCE_PRIVILEGES
from campus_catalog.aspects.common import tag_urn
from campus_catalog.regulation.loader import Regulation


def sharing_tags(regulation: Regulation) -> dict[str, str]:
    """The tag of every sharing class.

    Args:
        regulation: knows the classes.

    Returns:
        id of the class -> urn of its tag.
    """
    return {sharing.id: tag_urn(sharing.tag) for sharing in regulation.sharing}


def types_of(of: Of) -> list[str]:
    """The entity types a rule is about.

    Args:
        of: what it says.

    Returns:
        The types, each once.
    """
    types = list(RESOURCE_PRIVILEGES) if of.types == ["all"] else of.types
    return [type_ for type_ in dict.fromkeys(types) if type_ not in of.without]


def classes_of(of: Of, regulation: Regulation) -> set[str | None]:
    """The sharing classes a rule is about.

    Args:
        of: what it says.
        regulation: knows the classes.

    Returns:
        Their tags; None stands for what has no such tag.
    """
    if not of.sharing and not of.untagged:
        return {*sharing_tags(regulation).values(), None}
    classes = (regulation.sharing.get(word) for word in of.sharing)
    tags: set[str | None] = {tag_urn(sharing.tag) for sharing in classes if sharing}
    return tags | {None} if of.untagged else tags
