"""How data with personal information is shared when only its system's defaults, or nobody, said how."""

from __future__ import annotations

from collections.abc import Iterable

from campus_catalog.register.inheritance import Answer
from campus_catalog.regulation.personal import Personal, PersonalKind

#: where a class taken from personal.yml comes from; shown like a rule's
ORIGIN = "rule:个人信息"
_FAR = ("default", "system")


def restricted(answer: Answer, personal: Personal, kinds: Iterable[PersonalKind]) -> Answer:
    """How a dataset with columns of these kinds is shared.

    A rule or the dataset's own statement is nearer than personal.yml and wins, and so does a class that personal.yml
    does not take the place of. The caller checks ``personal.missing``.

    Args:
        answer: what holds for the dataset without regard to its columns.
        personal: personal.yml.
        kinds: of its columns.

    Returns:
        The answer with personal.yml's class; ``answer`` itself where nothing changes.
    """
    if personal.sharing is None or personal.sharing is answer.sharing or answer.sharing.id not in personal.instead_of:
        return answer
    if answer.origins.get("sharing", "default") not in _FAR or not any(kind.restricts for kind in kinds):
        return answer
    return answer.instead(personal.sharing, personal.beside, ORIGIN)
