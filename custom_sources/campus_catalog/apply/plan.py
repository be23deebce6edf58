"""What would change: a list of small typed changes that can be printed, kept in a file and applied later."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from campus_catalog.apply import manifest as manifests
from campus_catalog.apply.desired import Desired, Phase
from campus_catalog.apply.manifest import Manifest
from campus_catalog.aspects.merge import merge
from campus_catalog.catalog.store import Aspects, same
from campus_catalog.content import layout
from campus_catalog.errors import CampusError
from campus_catalog.secrets import Redactor, find, is_literal

#: entity types that DataHub soft-deletes; the others can only be deleted
_SOFT = frozenset("application container corpGroup corpuser dataset glossaryNode glossaryTerm ownershipType "
                  "structuredProperty tag".split())  # fmt: skip
#: what a live source says of a dataset once its system is connected
_STRUCTURE = frozenset("dataPlatformInstance datasetProperties schemaMetadata status".split())
FORMAT = 1


class PlanError(CampusError):
    """No plan can be made or applied: the catalog is another school's, the file edited, stale or of another catalog."""


@dataclass
class Change:
    """One aspect to add (``+``), change (``~``) or take away (``-``).

    Attributes:
        phase: the part of the apply it belongs to.
        before: digest of the aspect the plan was made against; empty when there was none.
        after: the aspect to be, as JSON; None to delete the aspect, or with it the entity.
        fields: what differs, ``field: before -> after``.
        removes: whether it removes an entity, which apply asks about.
    """

    action: Literal["+", "~", "-"]
    phase: Phase | Literal["prune", "manifest"]
    urn: str
    aspect: str
    before: str
    after: Any | None
    fields: list[str] = field(default_factory=list)
    removes: bool = False


@dataclass
class Plan:
    """The changes that bring a catalog to what the content declares.

    Attributes:
        skipped: kinds of aspects left out because the catalog, an older server, does not know them.
        target: the catalog's name, as in ``--target``.
        changes: in the order to write them.
    """

    target: str
    changes: list[Change] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def visible(self) -> list[Change]:
        """The changes people care about: all but our own record of them."""
        return [change for change in self.changes if change.phase != "manifest"]

    def to_text(self) -> str:
        """The plan as a file.

        Returns:
            JSON, with a checksum over its changes.
        """
        body = {"format": FORMAT, "target": self.target, "changes": [asdict(change) for change in self.changes]}
        return json.dumps({**body, "checksum": _digest(body)}, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Plan:
        """A plan from a file.

        Args:
            path: what ``to_text`` made.

        Returns:
            The plan.

        Raises:
            PlanError: not a plan, of another format, or edited since it was made.
        """
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            checksum = body.pop("checksum")
            changes = [Change(**change) for change in body["changes"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise PlanError(f"{path} is not a plan: {error}") from error
        if body.get("format") != FORMAT:
            raise PlanError(f"{path} was made by another version of campus-catalog; make a new plan")
        if checksum != _digest(body):
            raise PlanError(f"{path} was edited after it was made; change the content and make a new plan")
        return cls(body["target"], changes)


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest(aspect: Any | None) -> str:
    """Identifies the state of an aspect.

    Args:
        aspect: the aspect as JSON, or None.

    Returns:
        16 hexadecimal digits; empty for none.
    """
    return "" if aspect is None else _digest(aspect)[:16]


def make_plan(
    target: str,
    desired: Iterable[Desired],
    current: Callable[[Collection[str]], dict[str, Aspects]],
    prune: bool = False,
    knows: Callable[[str, str], bool] = lambda urn, aspect: True,
    record: str = manifests.URN,
    school: str = "",
) -> Plan:
    """Compare what is declared with what is there.

    Args:
        target: the target's name, kept in the plan.
        desired: what the content declares.
        current: reads entities of the catalog by urn; unknown urns are left out of its answer.
        prune: also remove what this project created and no longer declares.
        knows: whether the catalog has the entity type of a urn, and an aspect on it.
        record: urn of the manifest; what another one records is not ours to remove.
        school: id of the school whose content it is.

    Returns:
        The changes in the order to write them; an unchanged catalog needs none.

    Raises:
        PlanError: another school's content was applied to this catalog. Each would undo and prune what the other did.
    """
    wanted, skipped = [], Counter[str]()
    for item in desired:
        if knows(item.urn, item.name):
            wanted.append(item)
        else:
            skipped[f"{item.name} of {item.urn.split(':', 3)[2]}"] += 1
    urns = dict.fromkeys(item.urn for item in wanted)
    old = Manifest.from_json(current([record]).get(record, {}).get(manifests.ASPECT))
    if school and old.school not in ("", school):
        raise PlanError(
            f"{target} holds what the content of '{old.school}' declares, and this content is '{school}' (id in "
            f"{layout.SCHOOL.place}); one catalog is for one content"
        )
    gone = [urn for urn in old.records if urn not in urns] if prune else []
    there = current([*urns, *gone])
    known = {*urns, *old.records}
    new = Manifest(school=school or old.school)
    plan = Plan(target, skipped=[f"{kind} ({count})" for kind, count in skipped.items()])
    declared: dict[str, set[str]] = {}
    for item in wanted:
        new.add(item)
        declared.setdefault(item.urn, set()).add(item.name)
        before = there.get(item.urn, {}).get(item.name)
        earlier = old.records.get(item.urn)
        after = merge(item.name, before, item.json, known, earlier.keys if earlier else ())
        if before is None or not same(after, before):
            plan.changes.append(_change(item.phase, item.urn, item.name, before, after))
    for urn, names in declared.items():
        plan.changes += _withdrawn(urn, names, old, there, known, new.records[urn].owned)
        plan.changes += _revived(urn, names, there, new.records[urn].owned)
    for urn in gone:
        plan.changes += _pruned(urn, old, there, known)
    if not prune:  # what is not pruned stays ours, for a later prune
        for urn in old.records.keys() - urns.keys():
            new.records[urn] = old.records[urn]
    before, after = (old.to_json() if old.records else None), new.to_json()
    if knows(record, manifests.ASPECT) and (before is None or not same(before, after)):
        plan.changes.append(_change("manifest", record, manifests.ASPECT, before, after))
    return plan


def _withdrawn(
    urn: str, names: set[str], old: Manifest, there: dict[str, Aspects], known: Collection[str], owned: bool
) -> Iterable[Change]:
    """Aspects we no longer declare on an entity we still declare: ours go, foreign entries stay.

    The structure of a dataset whose system has been connected stays too: it is the live source's now.
    """
    record = old.records.get(urn)
    handed_over = record is not None and record.owned and not owned
    for name in record.aspects if record else []:
        before = there.get(urn, {}).get(name)
        if name in names or before is None:
            continue
        after = merge(name, before, None, known)
        if after is None and handed_over and name in _STRUCTURE:
            continue
        if after is None or not same(after, before):
            yield _change("register", urn, name, before, after)


def _revived(urn: str, names: set[str], there: dict[str, Aspects], owned: bool) -> Iterable[Change]:
    """What was pruned and is declared again comes back, also where the declaration itself has no status."""
    status = there.get(urn, {}).get("status")
    if owned and "status" not in names and status and status.get("removed"):
        yield _change("glossary", urn, "status", status, {**status, "removed": False})


def _pruned(urn: str, old: Manifest, there: dict[str, Aspects], known: Collection[str]) -> Iterable[Change]:
    """An entity we no longer declare: removed if we created it, otherwise only our entries are taken away."""
    aspects = there.get(urn)
    record = old.records[urn]
    if not aspects:
        return
    if not record.owned:
        for name in record.aspects:
            if name in aspects and name != "dataHubPolicyInfo":  # DataHub's own policies stay as they are
                after = merge(name, aspects[name], None, known)
                if after is None or not same(after, aspects[name]):
                    yield _change("prune", urn, name, aspects[name], after)
        return
    if urn.split(":", 3)[2] in _SOFT:
        status = aspects.get("status")
        if not (status or {}).get("removed"):
            change = _change("prune", urn, "status", status, {**(status or {}), "removed": True})
            change.action, change.removes = "-", True
            yield change
        return
    for name in record.aspects:
        if name in aspects:
            change = _change("prune", urn, name, aspects[name], None)
            change.removes = True
            yield change


def _change(phase: Any, urn: str, name: str, before: Any | None, after: Any | None) -> Change:
    action: Literal["+", "~", "-"] = "+" if before is None else "-" if after is None else "~"
    fields = [] if phase == "manifest" else list(_differences(before, after))
    return Change(action, phase, urn, name, digest(before), after, fields)


def _differences(before: Any, after: Any, path: str = "") -> Iterable[str]:
    """The fields that differ, deepest first found, lists by their entries."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list):
        for entry in before:
            if entry not in after:
                yield f"{path}: - {_shown('', entry)}"
        for entry in after:
            if entry not in before:
                yield f"{path}: + {_shown('', entry)}"
    elif before != after and not (before is None and isinstance(after, (dict, list)) and not path):
        inside = _object(before), _object(after)
        if all(inside):  # a recipe is a text
            yield from _differences(*inside, path)
        else:
            key = path.rpartition(".")[2]
            yield f"{path or 'value'}: {_shown(key, before)} -> {_shown(key, after)}"


def _object(text: Any) -> dict[str, Any]:
    """The JSON object that a text is; nothing for all else."""
    try:
        found = json.loads(text) if isinstance(text, str) and text.startswith("{") else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _shown(key: str, value: Any) -> str:
    """A value in short; the catalog may have a secret that somebody wrote there."""
    text = _said(value)
    secrets = [secret for _, secret in find({key: value}) if is_literal(secret)]
    text = Redactor(secrets)(text) if secrets else text
    return text if len(text) <= 80 else text[:77] + "..."


def _said(value: Any) -> str:
    if isinstance(value, dict):
        for key in ("owner", "urn", "tag", "propertyUrn", "fieldPath", "url"):
            if key in value:
                detail = value.get("typeUrn") or value.get("values")
                return f"{value[key]}{f' ({detail})' if detail else ''}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
