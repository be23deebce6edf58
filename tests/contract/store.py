"""The stand-in's memory: the latest value of every aspect, and every value of the timeseries ones."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datahub.metadata.schema_classes import KEY_ASPECTS
from datahub.metadata.urns import Urn

from tests.contract.patch import apply_patch
from tests.contract.proposals import Proposal, Rejected, check_target, check_value, is_timeseries, key_aspect


@dataclass
class Stored:
    """A value as it was last written."""

    value: dict[str, Any]
    system_metadata: dict[str, Any] | None = None


class Store:
    """Aspects by urn and name, safe to use from several threads.

    Attributes:
        aspects: urn -> aspect name -> what is stored.
        timeseries: urn -> aspect name -> all values, oldest first.
        accepted: every proposal that was applied, in order.
        rejected: every one that was refused, with the reason.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.aspects: dict[str, dict[str, Stored]] = {}
        self.timeseries: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.accepted: list[Proposal] = []
        self.rejected: list[tuple[Proposal, str]] = []

    def apply(self, proposals: list[Proposal]) -> None:
        """Applies the proposals of one request: all of them, or none.

        Raises:
            Rejected: one or more are invalid; the message names them all.
        """
        with self.lock:
            # On a copy of what changes, so that a refused one takes the others with it, as on a server.
            touched = {p.urn: dict(self.aspects.get(p.urn, {})) for p in proposals}
            series: list[tuple[str, str, dict[str, Any]]] = []
            problems: list[Rejected] = []
            for proposal in proposals:
                try:
                    self._apply_one(proposal, touched, series)
                except Rejected as problem:
                    problems.append(problem)
                    self.rejected.append((proposal, problem.message))
            if problems:
                raise Rejected("; ".join(problem.message for problem in problems), problems[0].status)
            self.aspects.update(touched)
            for urn, aspect, value in series:
                self.timeseries.setdefault(urn, {}).setdefault(aspect, []).append(value)
            self.accepted.extend(proposals)

    def _apply_one(
        self,
        proposal: Proposal,
        touched: dict[str, dict[str, Stored]],
        series: list[tuple[str, str, dict[str, Any]]],
    ) -> None:
        check_target(proposal)
        name, entity = proposal.aspect, touched[proposal.urn]
        if proposal.change == "DELETE":
            raise Rejected("DELETE is a request of its own, not a proposal")
        if proposal.change == "CREATE" and name in entity:
            raise Rejected(f"Cannot perform CREATE since the aspect {name} of {proposal.urn} already exists")
        if proposal.change == "CREATE_ENTITY" and entity:
            raise Rejected(f"Cannot perform CREATE_ENTITY since {proposal.urn} already exists")
        value = proposal.value
        if proposal.change == "PATCH":
            if is_timeseries(name):
                raise Rejected(f"PATCH is not supported for timeseries aspect {name}")
            value = apply_patch(name, entity[name].value if name in entity else None, value)
        check_value(name, value)
        key_name, key = key_aspect(proposal.urn)
        entity.setdefault(key_name, Stored(key, proposal.system_metadata))
        if is_timeseries(name):
            series.append((proposal.urn, name, copy.deepcopy(value)))
        else:
            entity[name] = Stored(copy.deepcopy(value), proposal.system_metadata)

    # -- reading ------------------------------------------------------------------------------------------------

    def urns(self, entity_type: str | None = None) -> list[str]:
        """All urns, or those of one entity type, in order."""
        with self.lock:
            return sorted(urn for urn in self.aspects if entity_type in (None, Urn.from_string(urn).entity_type))

    def get(self, urn: str, aspect: str) -> dict[str, Any] | None:
        """A copy of an aspect's value, in wire form; None if there is none."""
        with self.lock:
            stored = self.aspects.get(urn, {}).get(aspect)
            return copy.deepcopy(stored.value) if stored else None

    def entity(self, urn: str, names: list[str] | None = None) -> dict[str, Stored]:
        """The aspects of an entity, or the named ones of them; its key aspect is always among the former."""
        with self.lock:
            return {
                name: copy.deepcopy(stored)
                for name, stored in self.aspects.get(urn, {}).items()
                if not names or name in names
            }

    def series(self, urn: str, aspect: str) -> Iterator[dict[str, Any]]:
        """The values of a timeseries aspect, newest first."""
        with self.lock:
            values = list(self.timeseries.get(urn, {}).get(aspect, []))
        values.reverse()  # of the same instant, the one written last counts as newest
        yield from sorted(values, key=lambda value: -int(value.get("timestampMillis", 0)))

    # -- deleting -----------------------------------------------------------------------------------------------

    def delete(self, urn: str, aspect: str | None = None) -> tuple[int, int]:
        """Deletes an entity, or one of its aspects (the key aspect stands for the whole entity).

        Returns:
            how many values went: of plain aspects, and of timeseries ones.
        """
        with self.lock:
            parsed = Urn.from_string(urn)
            if aspect is None or aspect == KEY_ASPECTS[parsed.entity_type].get_aspect_name():
                gone = self.aspects.pop(urn, {})
                return len(gone), sum(len(values) for values in self.timeseries.pop(urn, {}).values())
            rows = 1 if self.aspects.get(urn, {}).pop(aspect, None) else 0
            return rows, len(self.timeseries.get(urn, {}).pop(aspect, []))
