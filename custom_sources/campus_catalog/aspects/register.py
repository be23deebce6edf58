"""Systems and declared datasets as proposals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datahub.metadata.schema_classes import _Aspect

from campus_catalog.aspects.common import application_urn
from campus_catalog.aspects.dataset import dataset_urn, declared_aspects
from campus_catalog.aspects.stamp import stamp_of, system_aspects
from campus_catalog.register.systems import DeclaredSystem


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared aspect.

    Attributes:
        owned: whether the entity exists because we declare it; a dataset of a connected system does not.
    """

    urn: str
    aspect: _Aspect
    owned: bool = True


def register_aspects(declared: DeclaredSystem) -> Iterator[Declared]:
    """The aspects of one system and its datasets.

    A dataset of a connected system gets what is declared of it but no structure: that is the live source's to say, and
    whichever of the two ran last would otherwise win.

    Args:
        declared: the system.

    Yields:
        Each aspect; the system's own first.
    """
    connected = declared.system.connected
    for aspect in system_aspects(declared):
        yield Declared(application_urn(declared.id), aspect)
    for entry in declared.datasets:
        urn = dataset_urn(entry.key)
        if not connected:
            for aspect in declared_aspects(entry):
                yield Declared(urn, aspect)
        for aspect in stamp_of(entry):
            yield Declared(urn, aspect, owned=not connected)
