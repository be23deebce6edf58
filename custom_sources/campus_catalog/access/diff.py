"""What a change of policies, or of the data they speak of, grants and withdraws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.operations import Operation, able, operation_of


@dataclass(frozen=True)
class AccessChange:
    """The users who can, or can no longer, do one thing with one dataset, by urn."""

    dataset: str
    operation: Operation
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def datasets_of(before: Evaluator, after: Evaluator) -> tuple[list[str], int]:
    """The datasets two sides can be compared on.

    Args:
        before: who may do what on the one side.
        after: who may do what on the other.

    Returns:
        The urns of those both sides have, and how many only one has.
    """
    sides = [[entity.urn for entity in side.world.datasets] for side in (before, after)]
    both = [urn for urn in sides[0] if urn in set(sides[1])]
    return both, len(set(sides[0]) ^ set(sides[1]))


def diff(
    before: Evaluator,
    after: Evaluator,
    words: Sequence[str],
    datasets: Sequence[str] | None = None,
    exact: bool = False,
) -> list[AccessChange]:
    """Whose access differs between two sides.

    Args:
        before: who may do what on the one side; a dataset or user the other does not have counts too.
        after: who may do what on the other.
        words: the operations compared, by name or by a privilege they ask for.
        datasets: the datasets compared; all of either side by default.
        exact: judge privileges by themselves.

    Returns:
        One change per dataset and operation with a difference.
    """
    if datasets is None:
        datasets = list(dict.fromkeys(entity.urn for side in (before, after) for entity in side.world.datasets))
    operations = [operation_of(word, exact) for word in words]
    out = []
    for dataset in datasets:
        for operation in operations:
            could, can = (_users(side, operation, dataset) for side in (before, after))
            if could != can:
                out.append(AccessChange(dataset, operation, tuple(sorted(can - could)), tuple(sorted(could - can))))
    return out


def _users(evaluator: Evaluator, operation: Operation, dataset: str) -> set[str]:
    entity = evaluator.world.entities.get(dataset)
    if entity is None or entity.removed:
        return set()
    can = able(evaluator, operation.asked(evaluator.version, "dataset"), dataset)
    return {urn for urn in can if evaluator.world.users[urn].active}
