"""What a change of policies, or of the data they speak of, grants and withdraws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_catalog.access.evaluate import Evaluator


@dataclass(frozen=True)
class AccessChange:
    """The users who gain or lose one privilege on one dataset, by urn."""

    dataset: str
    privilege: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def diff(before: Evaluator, after: Evaluator, privileges: Sequence[str]) -> list[AccessChange]:
    """Whose access differs between two sides.

    Args:
        before: who may do what on the one side; a dataset or user the other does not have counts too.
        after: who may do what on the other.
        privileges: names of the privileges compared.

    Returns:
        One change per dataset and privilege with a difference.
    """
    datasets = dict.fromkeys(entity.urn for side in (before, after) for entity in side.world.datasets)
    out = []
    for dataset in datasets:
        for privilege in privileges:
            could, can = (_users(side, privilege, dataset) for side in (before, after))
            if could != can:
                out.append(AccessChange(dataset, privilege, tuple(sorted(can - could)), tuple(sorted(could - can))))
    return out


def _users(evaluator: Evaluator, privilege: str, dataset: str) -> set[str]:
    if dataset not in evaluator.world.entities:
        return set()
    return {
        user.urn
        for user in evaluator.world.users.values()
        if user.active and evaluator.allows(user.urn, privilege, dataset)
    }
