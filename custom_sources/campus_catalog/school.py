"""A school's content, composed once for every command: what is declared, who may do what, what is to be written.

Nothing else reads glossary, register, policies, recipes and schedule together, and nothing else makes the plan of
``apply``.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from campus_catalog.content.layout import POLICIES, SCHEDULE, unread_files
from campus_catalog.content.problems import ContentError, Problem

if TYPE_CHECKING:
    from campus_catalog.access.evaluate import Evaluator
    from campus_catalog.access.loader import Access
    from campus_catalog.access.world import World
    from campus_catalog.apply.plan import Plan
    from campus_catalog.catalog.snapshot import Snapshot
    from campus_catalog.catalog.target import Target
    from campus_catalog.ingest.recipes import Recipe
    from campus_catalog.register.systems import Register
    from campus_catalog.schedule.loader import Schedule


class School:
    """Everything in a home. Each part is read when it is first asked for, and once.

    Args:
        home: content folder.
        commands: the commands of campus-catalog, which the schedule may run.
    """

    def __init__(self, home: Path, commands: Collection[str] = ()):
        self.home = home
        self._commands = commands

    @cached_property
    def _declared(self) -> tuple[Register | None, list[Problem]]:
        from campus_catalog.register.loader import check_content

        _, register, problems = check_content(self.home)
        return register, [*problems, *self._unread()]

    def _unread(self) -> list[Problem]:
        """The files that neither we nor a recipe reads; in content of another version others may be read."""
        from campus_catalog.regulation.version import CONTENT_VERSION, content_version

        if content_version(self.home) not in (None, CONTENT_VERSION):
            return []
        try:
            unread = unread_files(self.home)
        except ContentError as error:
            return error.problems
        named = json.dumps([recipe.content for recipe in self.recipes], ensure_ascii=False, default=str)
        return [problem for path, problem in unread.items() if path.name not in named]

    @property
    def register(self) -> Register | None:
        """The register with its regulation; None where either is at fault."""
        return self._declared[0]

    @cached_property
    def snapshot(self) -> Snapshot:
        """What the content declares, as a catalog would hold it, as far as access and names go.

        Raises:
            ContentError: glossary or register is at fault.
        """
        from campus_catalog.access.world import content_snapshot

        return content_snapshot(self._sound_register())

    @cached_property
    def world(self) -> World:
        """The entities and users access is judged for.

        Raises:
            ContentError: glossary or register is at fault.
        """
        from campus_catalog.access.world import world_of

        return world_of(self.snapshot)

    @cached_property
    def _policies(self) -> tuple[Access | None, list[Problem]]:
        """The policies compiled, and their problems; broken rules of access are not among them."""
        from campus_catalog.access.loader import Access, load_access

        register = self._sound_register()
        if not (self.home / POLICIES.top).is_dir():
            return Access(self.home), []
        try:
            return load_access(register, self.world), []
        except ContentError as error:
            return None, error.problems

    @property
    def access(self) -> Access | None:
        """The policies and rules of access; None where they, or the register, are at fault."""
        return self._policies[0] if self.register is not None else None

    def evaluator(self, version: str) -> Evaluator:
        """Who may do what by the content's policies.

        Args:
            version: the DataHub release whose rules hold.

        Returns:
            Answers for everybody in the content, and for those who stand for many.

        Raises:
            ContentError: glossary, register or policies are at fault.
        """
        from campus_catalog.access.evaluate import Evaluator
        from campus_catalog.access.loader import effective

        access, problems = self._policies
        if access is None:
            raise ContentError(problems)
        return Evaluator(effective(access.policies), self.world.with_members(), version)

    @cached_property
    def declared_problems(self) -> list[Problem]:
        """Every problem of glossary, register and policies, broken rules of access included."""
        register, problems = self._declared
        if register is None:
            return problems
        access, faults = self._policies
        if access is None or not access.ruled:
            return [*problems, *faults]
        from campus_catalog.access.invariants import check_access

        return [*problems, *faults, *check_access(register, access, self.world)]

    @cached_property
    def _found_recipes(self) -> tuple[list[Recipe], list[Problem]]:
        from campus_catalog.ingest.recipes import find_recipes

        recipes, problems = find_recipes(self.home)
        return recipes, problems.found

    @property
    def recipes(self) -> list[Recipe]:
        """The recipes that can be read, in the order to run them."""
        return self._found_recipes[0]

    def recipe_problems(self, chosen: Collection[Recipe] | None = None) -> list[Problem]:
        """What is wrong with recipe files: those that are none, and the chosen ones.

        Args:
            chosen: the recipes to look at; None for all.

        Returns:
            The problems found.
        """
        from campus_catalog.content.places import Problems
        from campus_catalog.ingest.recipes import check_recipes

        problems = Problems(self.home)
        check_recipes(list(self.recipes if chosen is None else chosen), self.register, problems)
        return [*self._found_recipes[1], *problems.found]

    @cached_property
    def _scheduled(self) -> tuple[Schedule | None, list[Problem]]:
        from campus_catalog.schedule.loader import load_schedule

        if not (self.home / SCHEDULE.path).exists():
            return None, []
        try:
            return load_schedule(self.home, self._commands), []
        except ContentError as error:
            return None, error.problems

    @property
    def schedule(self) -> Schedule | None:
        """The schedule; None where there is none, or it is at fault."""
        return self._scheduled[0]

    @cached_property
    def problems(self) -> list[Problem]:
        """Every problem of all content, sorted by file and line."""
        return sorted({*self.declared_problems, *self.recipe_problems(), *self._scheduled[1]})

    def problems_of_run(self, chosen: Collection[Recipe]) -> list[Problem]:
        """What stands against running recipes.

        Args:
            chosen: the recipes to run.

        Returns:
            Faults of glossary, register and the recipes themselves.
        """
        return [*self._declared[1], *self.recipe_problems(chosen)]

    def raise_any(self) -> None:
        """Stop here if any content is at fault.

        Raises:
            ContentError: with every problem.
        """
        if self.problems:
            raise ContentError(self.problems)

    def _sound_register(self) -> Register:
        register, problems = self._declared
        if register is None:
            raise ContentError(problems)
        return register

    def plan(self, target: Target, prune: bool = False) -> Plan:
        """What ``apply`` would change in a target. Nothing is written.

        Args:
            target: the catalog to compare with.
            prune: also remove what this project created and no longer declares.

        Returns:
            The changes, in the order to write them.

        Raises:
            ContentError: glossary, register or policies are at fault, or break a rule of access.
            TargetError: the target cannot be opened or reached.
            PlanError: another school's content was applied to the target.
        """
        from campus_catalog.access.shipped import SHIPPED
        from campus_catalog.apply.desired import desired_aspects
        from campus_catalog.apply.plan import make_plan
        from campus_catalog.apply.writers import open_writer

        register, access = self.register, self.access
        if register is None or access is None or self.declared_problems:
            raise ContentError(self.declared_problems)
        desired = desired_aspects(register, dict(access.policies), {policy.urn for policy in SHIPPED.values()})
        writer = open_writer(target, read_only=True)
        try:
            school = register.regulation.school.id
            return make_plan(str(target), desired, writer.current, prune, writer.knows, school=school)
        finally:
            writer.finish(keep=False)
