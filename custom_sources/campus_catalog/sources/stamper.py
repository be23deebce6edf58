"""The stamp of one entity: what the register declares, put on what a live source found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, cast

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    DatasetProfileClass,
    DatasetPropertiesClass,
    DatasetUsageStatisticsClass,
    GlobalTagsClass,
    MetadataChangeProposalClass,
    SchemaMetadataClass,
    _Aspect,
)

from campus_catalog.aspects.common import REVIEW_KEY
from campus_catalog.aspects.live import SNAPSHOT, keep_workbook, merge_properties, merge_schema, merge_stamp
from campus_catalog.aspects.patch import proposal
from campus_catalog.aspects.personal import (
    dataset_tag,
    found_tag_patch,
    keep_counts,
    personal_columns,
    tag_columns,
    take_sampled,
)
from campus_catalog.aspects.stamp import stamp_aspects
from campus_catalog.register.identity import plain
from campus_catalog.register.personal import restricted, restriction_of
from campus_catalog.register.systems import DeclaredDataset
from campus_catalog.regulation.loader import Regulation
from campus_catalog.regulation.personal_signs import Recognised
from campus_catalog.sources.columns import leave_out
from campus_catalog.sources.entities import HeldEntity, Item, StampingReport
from campus_catalog.sources.gate import Gate, shown
from campus_catalog.sources.records import Opened
from campus_catalog.sources.references import forget


class Stamper(Generic[Item]):
    """Puts the stamp on entities that have passed the gate.

    Args:
        regulation: the school's regulation.
        gate: knows what is refused.
        report: receives what is met.
        make, patching: see ``Stamping``.
    """

    def __init__(
        self,
        regulation: Regulation,
        gate: Gate,
        report: StampingReport,
        make: Callable[[MetadataChangeProposalWrapper | MetadataChangeProposalClass], Item],
        patching: bool,
    ):
        self.regulation = regulation
        self.gate = gate
        self.report = report
        self.make = make
        self.patching = patching
        self._sampled: dict[str, dict[str, str]] = {}

    def note_sampled(self, urn: str, aspects: Iterable[_Aspect]) -> None:
        """Take what the classifier has found off a schema.

        Args:
            urn: of the dataset.
            aspects: of a record; changed in place.
        """
        for schema in aspects:
            if isinstance(schema, SchemaMetadataClass):
                # a processor may lower the urn's letters on the way
                self._sampled.setdefault(urn.lower(), {}).update(take_sampled(schema))

    def release(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        """Let an entity go on with its stamp.

        Args:
            entity: not refused, all that was held of it being seen.

        Yields:
            Its records, and proposals with what of the stamp is in none of them.
        """
        entity.released = True
        held, entity.held = entity.held, []
        if entity.answer is None and entity.kind == "dataset":
            self.report.undeclared.append(entity.name)
        for _, opened in held:
            self._look(entity, opened.aspects)
        self._restrict(entity)
        stamp = self._stamp(entity)
        self.report.stamped += entity.answer is not None
        carried: set[type] = set()
        for item, opened in held:
            aspects = opened.aspects
            if not self.patching:
                carried |= merge_stamp(aspects, stamp)
                if len(aspects) > 1:
                    # a snapshot record: what fits into it need not become a record of its own
                    there = {type(aspect) for _, others in held for aspect in others.aspects}
                    fitting = [type_ for type_ in SNAPSHOT if type_ in stamp and type_ not in there]
                    aspects.extend(stamp[type_] for type_ in fitting)
                    carried.update(fitting)
            if self._pass(entity, opened):
                yield item
        for type_, aspect in stamp.items():
            if type_ not in carried:
                yield self.make(proposal(entity.urn, aspect, self.patching))
        yield from self._found(entity)

    def follow(self, entity: HeldEntity[Item], item: Item, opened: Opened) -> Iterator[Item]:
        """Let a later record of a released entity through; what it says of our lists must not undo the stamp.

        Args:
            entity: the entity.
            item: the record as the stream has it.
            opened: the record.

        Yields:
            It, and proposals after it.
        """
        self._look(entity, opened.aspects)
        stamp = self._stamp(entity)
        if not self.patching:
            merge_stamp(opened.aspects, stamp)
        if not self._pass(entity, opened):
            return
        yield item
        if self.patching:
            for aspect in opened.aspects:
                if type(aspect) in stamp:
                    yield self.make(proposal(entity.urn, stamp[type(aspect)], True))
            if any(isinstance(aspect, GlobalTagsClass) for aspect in opened.aspects):
                yield from self._found(entity)

    def _found(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        """On a server the tag for what was found is patched in beside the declared ones."""
        if self.patching and entity.personal and self.regulation.personal:
            yield self.make(found_tag_patch(entity.urn, self.regulation.personal, entity.personal))

    def _look(self, entity: HeldEntity[Item], aspects: Iterable[_Aspect]) -> None:
        """Leave out columns whose names are data; recognise and tag those that hold personal information."""
        personal = self.regulation.personal
        self.note_sampled(entity.urn, aspects)
        for schema in aspects:
            if not isinstance(schema, SchemaMetadataClass):
                continue
            left_out = leave_out(schema)
            if left_out - entity.left_out:
                self._say_left_out(entity, len(left_out), len(schema.fields))
            entity.left_out |= left_out
            if personal is None:
                continue
            named = personal_columns(schema, personal, entity.entry.dataset if entity.entry else None)
            paths = {column.fieldPath for column in schema.fields}
            sampled = {
                path: Recognised(personal.kind(id_), "")
                for path, id_ in self._sampled.get(entity.urn.lower(), {}).items()
                if path in paths and path not in named
            }
            entity.personal = named | sampled
            entity.safe = paths - entity.personal.keys()
            tag_columns(schema, personal, entity.personal, sampled)
            self.report.sampled |= {f"{entity.name}.{path}": found.kind.name for path, found in sampled.items()}

    def _say_left_out(self, entity: HeldEntity[Item], out: int, left: int) -> None:
        what = (
            f"{out} columns are called like values and were left out"
            if left
            else ("its columns are called like values of a row of data, so none is registered")
        )
        self.report.notes.append(f"{shown(plain(entity.name))}: {what}; give the columns names")

    def _restrict(self, entity: HeldEntity[Item]) -> None:
        """Share an undeclared table with personal information as personal.yml says; of a declared one, tell."""
        personal = self.regulation.personal
        if personal is None or entity.answer is None or not entity.personal:
            return
        kinds = [found.kind for found in entity.personal.values()]
        restriction = restriction_of(entity.answer, personal, kinds)
        if restriction is None:
            return
        if entity.entry is not None:
            self.report.wider.append(entity.name)
        elif not restriction.missing:
            entity.answer = restricted(entity.answer, personal, kinds)
            return
        columns = ", ".join(entity.personal)
        self.report.notes.append(
            f"{entity.name}: holds personal information ({columns}) and is shared by its system's default; "
            f"state its sharing class in the register"
        )

    def _stamp(self, entity: HeldEntity[Item]) -> dict[type, _Aspect]:
        stamp: dict[type, _Aspect] = {}
        if entity.answer is not None:
            system = entity.system.id if entity.system else None
            stamp = {type(aspect): aspect for aspect in stamp_aspects(entity.answer, self.regulation, system)}
        if entity.personal and self.regulation.personal and not self.patching:
            tags = cast(GlobalTagsClass, stamp.setdefault(GlobalTagsClass, GlobalTagsClass(tags=[])))
            tags.tags.append(dataset_tag(self.regulation.personal, entity.personal, found=True))
        return stamp

    def _pass(self, entity: HeldEntity[Item], opened: Opened) -> bool:
        """Put what is declared on what the live source found, and drop what must not be passed on."""
        for aspect in opened.aspects:
            if isinstance(aspect, DatasetProfileClass):
                profiles = aspect.fieldProfiles or []
                aspect.fieldProfiles = [one for one in profiles if one.fieldPath not in entity.left_out]
                keep_counts(aspect, entity.safe)
            elif isinstance(aspect, DatasetPropertiesClass):
                keep_workbook(entity.urn, aspect)
                if entity.reviewed is not None:
                    aspect.customProperties = {**aspect.customProperties, REVIEW_KEY: str(entity.reviewed)}
            elif isinstance(aspect, DatasetUsageStatisticsClass):
                queries = aspect.topSqlQueries or []
                aspect.topSqlQueries = [sql for sql in queries if not self.gate.names_refused(sql, entity)]
        if entity.entry is not None:
            for aspect in opened.aspects:
                self._merge_declared(aspect, entity.entry)
        return self._seal(opened)

    def pass_other(self, opened: Opened) -> bool:
        """Drop what must not be passed on of what is not stamped.

        Args:
            opened: a record; changed in place.

        Returns:
            Whether anything is left to pass on.
        """
        for aspect in opened.aspects:
            if isinstance(aspect, DatasetProfileClass):
                keep_counts(aspect, ())  # nothing is known of its columns
        return self._seal(opened)

    def _seal(self, opened: Opened) -> bool:
        left = forget(self.gate.is_refused, opened) if self.gate.refused else True
        opened.seal()
        return left

    def _merge_declared(self, aspect: _Aspect, entry: DeclaredDataset) -> None:
        if isinstance(aspect, DatasetPropertiesClass):
            merge_properties(aspect, entry)
        elif isinstance(aspect, SchemaMetadataClass):
            for name in merge_schema(aspect, entry):
                self.report.notes.append(f"{entry.key.name}: declared field {name} is not in the live table")
