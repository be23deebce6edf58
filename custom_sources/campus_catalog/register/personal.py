"""How data with personal information is shared when only its system's defaults, or nobody, said how."""

from __future__ import annotations

from collections.abc import Iterable

from campus_catalog.register.inheritance import Answer
from campus_catalog.regulation.personal import Personal, PersonalKind, Restriction

#: where a class taken from personal.yml comes from; shown like a rule's
ORIGIN = "rule:个人信息"
_FAR = ("default", "system")


def restriction_of(answer: Answer, personal: Personal, kinds: Iterable[PersonalKind]) -> Restriction | None:
    """What changes the sharing class of a dataset with columns of these kinds.

    A rule or the dataset's own statement is nearer than personal.yml and wins, and so does a class that personal.yml
    does not take the place of. What a kind says for itself comes before what the file says for all.

    Args:
        answer: what holds for the dataset without regard to its columns.
        personal: personal.yml.
        kinds: of its columns.

    Returns:
        What personal.yml says, complete or not; None where nothing changes.
    """
    if answer.origins.get("sharing", "default") not in _FAR:
        return None
    ids = {kind.id for kind in kinds if kind.restricts}
    own = [restriction for id_, restriction in personal.restrictions.items() if id_ in ids]
    general = [personal.restriction] if personal.restriction and ids - personal.restrictions.keys() else []
    return next((one for one in (*own, *general) if answer.sharing.id in one.instead_of - {one.sharing.id}), None)


def restricted(answer: Answer, personal: Personal, kinds: Iterable[PersonalKind]) -> Answer:
    """How a dataset with columns of these kinds is shared.

    Nothing is made up: where personal.yml does not say what its class requires, nothing changes.

    Args:
        answer: what holds for the dataset without regard to its columns.
        personal: personal.yml.
        kinds: of its columns.

    Returns:
        The answer with personal.yml's class; ``answer`` itself where nothing changes.
    """
    restriction = restriction_of(answer, personal, kinds)
    if restriction is None or restriction.missing:
        return answer
    return answer.instead(restriction.sharing, restriction.beside, ORIGIN)
