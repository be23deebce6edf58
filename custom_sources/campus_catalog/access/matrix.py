"""Units by datasets: what a plain member of a unit may do, and what its posts may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_catalog.access.evaluate import Evaluator
from campus_catalog.access.world import World, member_of


@dataclass(frozen=True)
class Cell:
    """What one unit may do with one dataset.

    Attributes:
        member: whether a plain member, who holds no post, may.
        posts: the posts of the unit that may, by urn.
    """

    unit: str
    dataset: str
    privilege: str
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


def matrix(evaluator: Evaluator, privileges: Sequence[str]) -> list[Cell]:
    """What every unit may do with every dataset.

    Args:
        evaluator: who may do what; its world must be one ``with_members``.
        privileges: names of the privileges looked at.

    Returns:
        One cell per privilege, dataset and unit, in this order.
    """
    world = evaluator.world
    posts = {group.urn: posts_of(world, group.urn) for group in world.groups}
    return [
        Cell(
            group,
            dataset.urn,
            privilege,
            evaluator.allows(member_of(group), privilege, dataset.urn) is not None,
            tuple(user for user in users if evaluator.allows(user, privilege, dataset.urn)),
        )
        for privilege in privileges
        for dataset in world.datasets
        for group, users in posts.items()
    ]
