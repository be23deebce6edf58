"""Stamping a stream of live metadata with what the register declares.

Both the source ``campus-system`` and the transformer ``campus-stamp`` feed their records through :class:`Stamping`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, cast

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    ContainerPropertiesClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    GlobalTagsClass,
    MetadataChangeProposalClass,
    QueryPropertiesClass,
    QuerySubjectsClass,
    SchemaMetadataClass,
    StatusClass,
    SubTypesClass,
    ViewPropertiesClass,
    _Aspect,
)
from datahub.metadata.urns import DatasetUrn
from datahub.utilities.urns.urn import guess_entity_type

from campus_catalog.aspects.live import SNAPSHOT, STAMPED, merge_properties, merge_schema, merge_stamp
from campus_catalog.aspects.patch import proposal
from campus_catalog.aspects.personal import (
    SAMPLE_TERM,
    dataset_tag,
    found_tag_patch,
    keep_counts,
    personal_columns,
    tag_columns,
    take_sampled,
)
from campus_catalog.aspects.stamp import stamp_aspects
from campus_catalog.register.identity import DatasetKey
from campus_catalog.register.personal import restricted, restriction_of
from campus_catalog.register.systems import DeclaredDataset, DeclaredSystem, Register
from campus_catalog.regulation.personal_signs import Finding
from campus_catalog.sources.entities import HeldEntity, Item, StampingReport
from campus_catalog.sources.records import aspects_of, forget, references, texts_of


class Stamping(Generic[Item]):
    """Adds what the register declares to every dataset and container that passes.

    A table is held until all that people wrote of it has been seen, and the tables it refers to; a view is held to the
    end, because it may be made of any table. So of classified material nothing at all gets through (Art. 20).

    Args:
        register: the school's register.
        system: the system whose live metadata this is; None to find it by database and schema.
        make: turns a proposal into an item of the stream.
        patching: whether the stream goes to a server. There people add to the lists we stamp, so ours are patched in
            beside whatever the live source says; elsewhere they are merged into its own aspects.
    """

    def __init__(
        self,
        register: Register,
        system: DeclaredSystem | None,
        make: Callable[[MetadataChangeProposalWrapper | MetadataChangeProposalClass], Item],
        patching: bool = False,
    ):
        self.register = register
        self.regulation = register.regulation
        self.classified = register.regulation.school.classified
        self.system = system
        self.make = make
        self.patching = patching
        self.report = StampingReport()
        self._entities: dict[str, HeldEntity[Item]] = {}
        self.refused: set[str] = set()
        self._sampled: dict[str, dict[str, str]] = {}
        self._waiting: list[tuple[HeldEntity[Item], Item, list[_Aspect]]] = []
        self._others: list[tuple[Item, list[_Aspect]]] = []
        self._spelling = {key.name.lower(): key for key in register.by_key}

    def feed(self, item: Item, record: Any) -> Iterator[Item]:
        """Pass one record.

        Args:
            item: the record as the stream has it: a work unit, an envelope.
            record: the metadata in it; changed in place.

        Yields:
            What may go on now: the record, records held before, and proposals with the stamp.
        """
        urn, aspects = aspects_of(record)
        kind = guess_entity_type(urn) if urn else None
        if kind not in ("dataset", "container"):
            if any(isinstance(aspect, (QueryPropertiesClass, QuerySubjectsClass)) for aspect in aspects):
                self._others.append((item, aspects))  # it may name what is refused later
            elif not (urn or "").startswith(SAMPLE_TERM):  # in a stock recipe the processors come first
                yield item
            return
        assert urn is not None
        if not aspects and getattr(record, "aspectName", None) == DatasetProfileClass.ASPECT_NAME:
            return  # values that cannot be looked into
        if len(aspects) == 1 and isinstance(aspects[0], StatusClass) and aspects[0].removed:
            yield item  # stale removal: says nothing but that the entity is gone
            return
        entity = self._entities.get(urn) or self._meet(urn, kind)
        if entity.refused:
            return
        if entity.released:
            yield from self._later(entity, item, aspects)
            return
        entity.held.append((item, aspects))
        for aspect in aspects:
            entity.missing.discard(type(aspect))
            entity.waits_for |= references(aspect) - {urn}
            entity.is_view |= isinstance(aspect, ViewPropertiesClass)
            entity.is_view |= isinstance(aspect, SubTypesClass) and "View" in aspect.typeNames
        decided = all(self._is_decided(other) for other in entity.waits_for)
        if not entity.missing and not entity.is_view and decided:
            yield from self._decide(entity)

    def note_sampled(self, record: Any) -> None:
        """Take what the classifier has found off a record, before DataHub's processors make glossary terms of it.

        Args:
            record: the metadata; changed in place.
        """
        urn, aspects = aspects_of(record)
        self._note_sampled(urn or "", aspects)

    def _note_sampled(self, urn: str, aspects: Iterable[_Aspect]) -> None:
        for schema in aspects:
            if isinstance(schema, SchemaMetadataClass):
                # a processor may lower the urn's letters on the way
                self._sampled.setdefault(urn.lower(), {}).update(take_sampled(schema))

    def finish(self) -> Iterator[Item]:
        """Release whatever is still held; call once, after the last record.

        Yields:
            Records and proposals with the stamp; what is refused does not come.
        """
        waiting = [entity for entity in self._entities.values() if not (entity.released or entity.refused)]
        for entity in waiting:
            self._refuse_if_classified(entity)
        self._refuse_views([entity for entity in waiting if entity.is_view])
        for entity in waiting:
            if not entity.refused:
                yield from self._release(entity)
        for entity, item, aspects in self._waiting:
            if not entity.refused:
                yield from self._follow(entity, item, aspects)
        for item, aspects in self._others:
            if not self._is_classified_query(aspects):
                forget(self.refused, aspects)
                yield item

    def _is_decided(self, urn: str) -> bool:
        entity = self._entities.get(urn)
        return entity is not None and (entity.released or entity.refused)

    def _meet(self, urn: str, kind: str) -> HeldEntity[Item]:
        if kind == "container":
            system = self.system
            answer = system.defaults if system and system.defaults.unit and system.defaults.subset else None
            entity: HeldEntity[Item] = HeldEntity(urn, "", answer, system, missing={ContainerPropertiesClass})
        else:
            entity = self._meet_dataset(urn)
        self._entities[urn] = entity
        return entity

    def _meet_dataset(self, urn: str) -> HeldEntity[Item]:
        parsed = DatasetUrn.from_string(urn)
        key = DatasetKey(parsed.get_data_platform_urn().platform_name, parsed.name, parsed.env)
        missing: set[type] = {DatasetPropertiesClass, SchemaMetadataClass, SubTypesClass}
        entry = self.register.by_key.get(key)
        if entry is not None:
            return HeldEntity(urn, key.name, entry.answer, entry.system, entry, missing=missing)
        spelled = self._spelling.get(key.name.lower())
        if spelled is not None and spelled.platform == key.platform:
            self.report.notes.append(f"{key.name}: declared as {spelled.name}; correct the register's spelling")
        system = self.system or self.register.system_at(key)
        answer = system.answer_for_live(key.name) if system else None
        return HeldEntity(urn, key.name, answer, system if answer else None, missing=missing)

    def _decide(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        self._refuse_if_classified(entity)
        if not entity.refused:
            yield from self._release(entity)

    def _refuse_if_classified(self, entity: HeldEntity[Item]) -> None:
        texts = [entity.name]
        for _, aspects in entity.held:
            texts += texts_of(aspects)
        word = self.classified.word_in("\n".join(text for text in texts if text))
        if word is not None:
            self._refuse(entity, word)

    def _refuse_views(self, views: list[HeldEntity[Item]]) -> None:
        """Refuse views made of refused tables or of such views: they carry their content and name them."""
        found = True
        while found:
            found = False
            for view in views:
                if view.refused:
                    continue
                aspects = [aspect for _, several in view.held for aspect in several]
                named = self._refused_name("\n".join(texts_of(aspects))) is not None
                if named or any(references(aspect) & self.refused for aspect in aspects):
                    self._refuse(view, "made of a refused table")
                    found = True

    def _refused_name(self, text: str) -> str | None:
        """A refused dataset's name in a text."""
        for urn in self.refused:
            name = self._entities[urn].name.rsplit(".", 1)[-1]
            if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                return name
        return None

    def _refuse(self, entity: HeldEntity[Item], word: str) -> None:
        entity.refused = True
        entity.held.clear()
        self.refused.add(entity.urn)
        self.report.refused.append(f"{entity.name or entity.urn} ({word})")

    def _release(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        entity.released = True
        held, entity.held = entity.held, []
        if entity.answer is None and entity.name:
            self.report.undeclared.append(entity.name)
        for _, aspects in held:
            self._look(entity, aspects)
        self._restrict(entity)
        stamp = self._stamp(entity)
        self.report.stamped += entity.answer is not None
        carried: set[type] = set()
        for item, aspects in held:
            if not self.patching:
                carried |= merge_stamp(aspects, stamp)
                if len(aspects) > 1:
                    # a snapshot record: what fits into it need not become a record of its own
                    there = {type(aspect) for _, others in held for aspect in others}
                    fitting = [type_ for type_ in SNAPSHOT if type_ in stamp and type_ not in there]
                    aspects.extend(stamp[type_] for type_ in fitting)
                    carried.update(fitting)
            self._pass(entity, aspects)
            yield item
        for type_, aspect in stamp.items():
            if type_ not in carried:
                yield self.make(proposal(entity.urn, aspect, self.patching))
        yield from self._found(entity)

    def _found(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        """On a server the tag for what was found is patched in beside the declared ones."""
        if self.patching and entity.personal and self.regulation.personal:
            yield self.make(found_tag_patch(entity.urn, self.regulation.personal, entity.personal))

    def _look(self, entity: HeldEntity[Item], aspects: Iterable[_Aspect]) -> None:
        """Recognise and tag the columns that hold personal information."""
        personal = self.regulation.personal
        self._note_sampled(entity.urn, aspects)
        for schema in aspects:
            if personal is None or not isinstance(schema, SchemaMetadataClass):
                continue
            named = personal_columns(schema, personal, entity.entry.dataset if entity.entry else None)
            paths = {column.fieldPath for column in schema.fields}
            sampled = {
                path: Finding(personal.kind(id_), "")
                for path, id_ in self._sampled.get(entity.urn.lower(), {}).items()
                if path in paths and path not in named
            }
            entity.personal = named | sampled
            entity.safe = paths - entity.personal.keys()
            tag_columns(schema, personal, entity.personal, sampled)
            self.report.sampled |= {f"{entity.name}.{path}": found.kind.name for path, found in sampled.items()}

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

    def strip(self, record: Any) -> None:
        """Remove the values from the profiles of a record that is not fed.

        Args:
            record: the metadata; changed in place.
        """
        for aspect in aspects_of(record)[1]:
            if isinstance(aspect, DatasetProfileClass):
                keep_counts(aspect, ())

    def _later(self, entity: HeldEntity[Item], item: Item, aspects: list[_Aspect]) -> Iterator[Item]:
        """A record of an entity already released: nothing classified may come after, nor a name not yet decided."""
        word = self.classified.word_in("\n".join(texts_of(aspects)))
        if word is not None:
            self._refuse(entity, word)
        elif all(self._is_decided(urn) for aspect in aspects for urn in references(aspect)):
            yield from self._follow(entity, item, aspects)
        else:
            self._waiting.append((entity, item, aspects))

    def _follow(self, entity: HeldEntity[Item], item: Item, aspects: list[_Aspect]) -> Iterator[Item]:
        """Let a later record of a released entity through; what it says of our lists must not undo the stamp."""
        self._look(entity, aspects)
        self._pass(entity, aspects)
        if not any(type(aspect) in STAMPED for aspect in aspects):
            yield item
            return
        stamp = self._stamp(entity)
        if not self.patching:
            merge_stamp(aspects, stamp)
        yield item
        if self.patching:
            for aspect in aspects:
                if type(aspect) in stamp:
                    yield self.make(proposal(entity.urn, stamp[type(aspect)], True))
            if any(isinstance(aspect, GlobalTagsClass) for aspect in aspects):
                yield from self._found(entity)

    def _stamp(self, entity: HeldEntity[Item]) -> dict[type, _Aspect]:
        stamp: dict[type, _Aspect] = {}
        if entity.answer is not None:
            system = entity.system.id if entity.system else None
            stamp = {type(aspect): aspect for aspect in stamp_aspects(entity.answer, self.regulation, system)}
        if entity.personal and self.regulation.personal and not self.patching:
            tags = cast(GlobalTagsClass, stamp.setdefault(GlobalTagsClass, GlobalTagsClass(tags=[])))
            tags.tags.append(dataset_tag(self.regulation.personal, entity.personal, found=True))
        return stamp

    def _pass(self, entity: HeldEntity[Item], aspects: list[_Aspect]) -> None:
        """Put what is declared on what the live source found, and drop what must not be passed on."""
        for aspect in aspects:
            if isinstance(aspect, DatasetProfileClass):
                keep_counts(aspect, entity.safe)
        if entity.entry is not None:
            for aspect in aspects:
                self._merge_declared(aspect, entity.entry)
        forget(self.refused, aspects)

    def _merge_declared(self, aspect: _Aspect, entry: DeclaredDataset) -> None:
        if isinstance(aspect, DatasetPropertiesClass):
            merge_properties(aspect, entry)
        elif isinstance(aspect, SchemaMetadataClass):
            for name in merge_schema(aspect, entry):
                self.report.notes.append(f"{entry.key.name}: declared field {name} is not in the live table")

    def _is_classified_query(self, aspects: Iterable[_Aspect]) -> bool:
        return any(
            isinstance(aspect, QueryPropertiesClass)
            and (self.classified.word_in(aspect.statement.value) or self._refused_name(aspect.statement.value))
            for aspect in aspects
        )
