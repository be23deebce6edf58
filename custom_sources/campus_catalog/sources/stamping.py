"""Stamping a stream of live metadata with what the register declares, behind the gate (``sources.gate``).

Both the source ``campus-system`` and the transformer ``campus-stamp`` feed their records through :class:`Stamping`.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from typing import Any, Generic

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import (
    ContainerPropertiesClass,
    DatasetProfileClass,
    DatasetPropertiesClass,
    DatasetUsageStatisticsClass,
    MetadataChangeProposalClass,
    SchemaMetadataClass,
    StatusClass,
    SubTypesClass,
    ViewPropertiesClass,
)
from datahub.metadata.urns import DatasetUrn
from datahub.utilities.urns.urn import guess_entity_type

from campus_catalog.aspects.personal import SAMPLE_TERM
from campus_catalog.errors import REFUSED
from campus_catalog.register.identity import DatasetKey, plain
from campus_catalog.register.systems import DeclaredSystem, Register
from campus_catalog.sources.entities import HeldEntity, Item, PassingEntity, StampingReport
from campus_catalog.sources.gate import Found, Gate, called, shown
from campus_catalog.sources.records import Opened, look_into
from campus_catalog.sources.references import loose, made_of, statements, urns_in
from campus_catalog.sources.stamper import Stamper

#: entities a dataset waits for: something refused among them refuses it
_WAITED_FOR = ("urn:li:dataset:", "urn:li:container:", "urn:li:tag:", "urn:li:glossaryTerm:")


class Stamping(Generic[Item]):
    """Adds what the register declares to every dataset and container that passes the gate.

    A table is held until all that people wrote of it has been seen, and the entities it refers to; a view and whatever
    is no dataset or container are held to the end, because they may name any table. So of classified material nothing
    at all gets through (Art. 20).

    Attributes:
        refusal: how an entry about something refused begins.

    Args:
        register: the school's register.
        system: the system whose live metadata this is; None to find it by database and schema.
        make: turns a proposal into an item of the stream.
        patching: whether the stream goes to a server. There people add to the lists we stamp, so ours are patched in
            beside whatever the live source says; elsewhere they are merged into its own aspects.
        profiling: whether profiles follow, which come last and may have the word that refuses a table.
    """

    def __init__(
        self,
        register: Register,
        system: DeclaredSystem | None,
        make: Callable[[MetadataChangeProposalWrapper | MetadataChangeProposalClass], Item],
        patching: bool = False,
        profiling: bool = False,
    ):
        self.register = register
        self.system = system
        self.make = make
        self.profiling = profiling
        self.report = StampingReport()
        cited = register.regulation.school.cite("classified")
        self.refusal = f"{REFUSED}{cited}: nothing of it was passed on; deny it in the recipe"
        self._entities: dict[str, HeldEntity[Item]] = {}
        platform = system.system.platform if system else None
        self.gate = Gate(register.regulation.school.classified, platform, self._entities)
        self._stamper: Stamper[Item] = Stamper(register.regulation, self.gate, self.report, make, patching)
        self._met: set[DatasetKey] = set()
        self._waiting: list[tuple[HeldEntity[Item], Item, Opened]] = []
        self._others: dict[str, PassingEntity[Item]] = {}
        self._withdrawn: list[str] = []
        self._spelling = {key.name.lower(): key for key in register.by_key}
        self._misspelt: dict[str, DatasetKey] = {}

    def feed(self, item: Item, record: Any, primary: bool = True) -> Iterator[Item]:
        """Pass one record.

        Args:
            item: the record as the stream has it: a work unit, an envelope.
            record: the metadata in it; changed in place.
            primary: whether the source answers for the entity; what another one answers for is judged, not stamped.

        Yields:
            What may go on now: the record, records held before, and proposals with the stamp.
        """
        opened = look_into(record)
        urn = opened.urn or ""
        if opened.is_removal:
            yield item  # stale removal
            return
        if urn in self.gate.refused or urn.startswith(SAMPLE_TERM):  # in a stock recipe the processors come first
            return
        if opened.raw is not None and opened.names == [DatasetProfileClass.ASPECT_NAME]:
            return  # values that cannot be looked into
        kind = (guess_entity_type(urn) if urn.startswith("urn:li:") else None) or ""
        if not primary or kind not in ("dataset", "container"):
            key = urn or f"{type(record).__name__} {len(self._others)}"
            self._hold_other(self._others.get(key) or self._meet_other(key, kind, primary), item, opened)
            return
        entity = self._entities.get(urn) or self._meet(urn, kind)
        self._take(entity, opened)
        if entity.refused:
            return
        if any(isinstance(aspect, DatasetUsageStatisticsClass) for aspect in opened.aspects):
            self._waiting.append((entity, item, opened))  # it may quote any query
            return
        if entity.released:
            yield from self._later(entity, item, opened)
            return
        entity.held.append((item, opened))
        if not entity.missing and not entity.is_view and all(map(self._is_decided, entity.waits_for)):
            yield from self._decide(entity)

    def note_sampled(self, record: Any) -> None:
        """Take what the classifier has found off a record, before DataHub's processors make glossary terms of it.

        Args:
            record: the metadata; changed in place.
        """
        opened = look_into(record)
        self._stamper.note_sampled(opened.urn or "", opened.aspects)

    def finish(self) -> Iterator[Item]:
        """Release whatever is still held; call once, after the last record.

        Yields:
            Records and proposals with the stamp; what is refused does not come, and is marked removed where a part of
            it has gone on already.
        """
        waiting = [entity for entity in self._entities.values() if not (entity.released or entity.refused)]
        late = {entity.urn: entity for entity, _, _ in self._waiting if not entity.refused}
        if self.gate.refused:
            self.gate.know([*self._entities, *self._others])
            self._refuse_with_others([*waiting, *late.values(), *self._others.values()])
        for entity in waiting:
            if not entity.refused:
                yield from self._stamper.release(entity)
        for entity, item, opened in self._waiting:
            if not entity.refused:
                yield from self._stamper.follow(entity, item, opened)
        for other in self._others.values():
            yield from (item for item, opened in other.held if self._stamper.pass_other(opened))
        for urn in self._withdrawn:
            yield self.make(MetadataChangeProposalWrapper(entityUrn=urn, aspect=StatusClass(removed=True)))
        for name, key in self._misspelt.items():
            if key not in self._met:
                self.report.notes.append(f"{name}: declared as {key.name}; correct the register's spelling")

    def _is_decided(self, urn: str) -> bool:
        entity = self._entities.get(urn)
        return urn in self.gate.refused or (entity is not None and entity.released)

    def _meet(self, urn: str, kind: str) -> HeldEntity[Item]:
        if kind == "container":
            system = self.system
            answer = system.defaults if system and system.defaults.unit and system.defaults.subset else None
            entity: HeldEntity[Item] = HeldEntity(urn, "", kind, answer=answer, system=system)
            entity.missing = {ContainerPropertiesClass}
        else:
            entity = self._meet_dataset(urn)
            entity.missing = {DatasetPropertiesClass, SchemaMetadataClass, SubTypesClass}
            entity.missing |= {DatasetProfileClass} if self.profiling else set()
        self._entities[urn] = entity
        self._judge(entity, self.gate.judge_name(urn))
        return entity

    def _meet_dataset(self, urn: str) -> HeldEntity[Item]:
        parsed = DatasetUrn.from_string(urn)
        key = DatasetKey(parsed.get_data_platform_urn().platform_name, parsed.name, parsed.env)
        self._met.add(key)
        entry = self.register.by_key.get(key)
        if entry is not None:
            return HeldEntity(
                urn, key.name, "dataset", answer=entry.answer, system=entry.system, entry=entry, reviewed=entry.reviewed
            )
        spelled = self._spelling.get(key.name.lower())
        if spelled is not None and spelled.platform == key.platform:
            self._misspelt[key.name] = spelled
        system = self.system or self.register.system_at(key)
        answer = system.answer_for_live(key.name) if system else None
        reviewed = system.reviewed_at(key.name) if system else None
        return HeldEntity(urn, key.name, "dataset", answer=answer, system=system if answer else None, reviewed=reviewed)

    def _take(self, entity: HeldEntity[Item], opened: Opened) -> None:
        """Judge a record of a dataset or container, and note what it names."""
        for aspect in opened.aspects:
            if isinstance(aspect, DatasetUsageStatisticsClass):  # a query of a table is not the table
                queries = aspect.topSqlQueries or []
                aspect.topSqlQueries = [sql for sql in queries if not self.gate.holds_word(sql)]
            elif isinstance(aspect, ContainerPropertiesClass):
                entity.name = aspect.name
        texts = opened.texts()
        self._judge(entity, self.gate.judge(opened, texts))
        if entity.refused:
            return
        for aspect in opened.aspects:
            entity.missing.discard(type(aspect))
            entity.is_view |= isinstance(aspect, ViewPropertiesClass)
            entity.is_view |= isinstance(aspect, SubTypesClass) and "View" in aspect.typeNames
        self._note_names(entity, opened, texts)
        entity.waits_for |= {urn for urn in entity.names | loose(opened) if urn.startswith(_WAITED_FOR)}

    def _note_names(self, entity: PassingEntity[Item], opened: Opened, texts: list[str]) -> None:
        entity.names |= urns_in(texts) - loose(opened) - {entity.urn}
        of = made_of(opened)
        if of is not None:
            entity.made_of = (entity.made_of or set()) | of
        if not entity.is_plain:
            entity.statements += statements(opened, texts)

    def _judge(self, entity: PassingEntity[Item], found: Found | None) -> None:
        if found is None or entity.refused:
            return
        reviewed = getattr(entity, "reviewed", None)
        if reviewed is None or not found.word:
            self._refuse(entity, found)
        elif not any(line.startswith(f"{shown(plain(entity.name))} (") for line in self.report.reviewed):
            insort(self.report.reviewed, f"{shown(plain(entity.name))} ({found}; {reviewed})")

    def _refuse(self, entity: PassingEntity[Item], why: object) -> None:
        if getattr(entity, "released", False):
            self._withdrawn.append(entity.urn)  # a part of it has gone on already
        line = self.gate.refuse(entity, why)
        if line:
            insort(self.report.refused, line)

    def _decide(self, entity: HeldEntity[Item]) -> Iterator[Item]:
        why = self.gate.reason(entity)
        if why is not None:
            self._refuse(entity, why)
        else:
            yield from self._stamper.release(entity)

    def _meet_other(self, urn: str, kind: str, primary: bool) -> PassingEntity[Item]:
        other: PassingEntity[Item] = PassingEntity(urn, called(urn), kind, primary=primary)
        self._others[urn] = other
        self._judge(other, self.gate.judge_name(urn))
        return other

    def _hold_other(self, other: PassingEntity[Item], item: Item, opened: Opened) -> None:
        """Hold a record of what is not stamped; it may name what is refused later."""
        if other.refused:
            return
        other.is_view |= any(isinstance(aspect, ViewPropertiesClass) for aspect in opened.aspects)
        texts = opened.texts()
        self._judge(other, self.gate.judge(opened, texts))
        if not other.refused:
            other.held.append((item, opened))
            self._note_names(other, opened, texts)
            other.texts += [text for text in texts if "." in text and not text.startswith("urn:li:")]

    def _refuse_with_others(self, waiting: list[PassingEntity[Item]]) -> None:
        """Refuse what is made of something refused, or names it; and so on."""
        found = True
        while found:
            found = False
            for entity in waiting:
                if entity.urn in self.gate.refused:  # by another of its records
                    entity.refused = True
                    entity.held.clear()
                why = None if entity.refused else self.gate.reason(entity)
                if why is not None:
                    self._refuse(entity, why)
                    found = True

    def _later(self, entity: HeldEntity[Item], item: Item, opened: Opened) -> Iterator[Item]:
        """A record of an entity already released: nothing classified may come after, nor a name not yet decided."""
        why = self.gate.reason(entity) if entity.is_plain else None
        if why is not None:
            self._refuse(entity, why)
        elif all(map(self._is_decided, entity.waits_for)) and not entity.is_view:
            yield from self._stamper.follow(entity, item, opened)
        else:
            self._waiting.append((entity, item, opened))
