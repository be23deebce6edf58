"""Units by datasets: what a plain member of a unit may do, and what its posts may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.operations import Operation, able, operation_of
from campus_catalog.access.world import World, member_of


@dataclass(frozen=True)
class Cell:
    """Whether one unit may do one thing with one dataset.

    Attributes:
        member: whether a plain member, who holds no post, may.
        posts: the posts of the unit that may, by urn.
    """

    unit: str
    dataset: str
    operation: Operation
    member: bool
    posts: tuple[str, ...]

    @property
    def mark(self) -> str:
        """``●`` every member, ``○`` only some posts, empty nobody."""
        return "●" if self.member else "○" if self.posts else ""


def posts_of(world: World, group: str) -> list[str]:
    """The real, active users of a unit.

    Args:
        world: entities and users.
        group: urn of the unit.

    Returns:
        Their urns, sorted.
    """
    return sorted(user.urn for user in world.users.values() if user.real and user.active and group in user.groups)


def matrix(evaluator: Evaluator, words: Sequence[str], exact: bool = False) -> list[Cell]:
    """What every unit may do with every dataset.

    Args:
        evaluator: who may do what; its world must be one ``with_members``.
        words: the operations looked at, by name or by a privilege they ask for.
        exact: judge privileges by themselves.

    Returns:
        One cell per operation, dataset and unit, in this order.
    """
    world = evaluator.world
    posts = {group.urn: posts_of(world, group.urn) for group in world.groups}
    cells = []
    for operation in (operation_of(word, exact) for word in words):
        asked = operation.asked(evaluator.version, "dataset")
        for dataset in world.datasets:
            can = able(evaluator, asked, dataset.urn)
            for group, users in posts.items():
                allowed = tuple(user for user in users if user in can)
                cells.append(Cell(group, dataset.urn, operation, member_of(group) in can, allowed))
    return cells
