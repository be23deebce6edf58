"""Everything the content declares, as aspects, in the order to write them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from datahub.ingestion.api.common import PipelineContext
from datahub.metadata.schema_classes import _Aspect

from campus_catalog.aspects.common import aspect_json
from campus_catalog.aspects.register import register_aspects
from campus_catalog.aspects.taxonomy import taxonomy_proposals
from campus_catalog.aspects.terms import term_proposals
from campus_catalog.register.systems import Register

Phase = Literal["glossary", "policies", "register"]


@dataclass(slots=True)
class Desired:
    """One aspect the content declares.

    Attributes:
        owned: whether the entity exists because we declare it.
    """

    phase: Phase
    urn: str
    name: str
    json: Any
    owned: bool


def desired_aspects(
    register: Register, policies: dict[str, _Aspect], foreign: Collection[str] = ()
) -> Iterator[Desired]:
    """What the catalog should say, what is referred to before what refers to it.

    Args:
        register: the school's register and regulation.
        policies: compiled access policies by urn.
        foreign: urns of policies that are DataHub's own, changed by us but never ours to remove.

    Yields:
        Each aspect, in the order to write them.
    """
    regulation = register.regulation
    for proposal in taxonomy_proposals(regulation):
        yield _desired("glossary", str(proposal.entityUrn), proposal.aspect)
    context = PipelineContext(run_id="campus-catalog-apply")
    for proposal in term_proposals(regulation.term_files, context):
        yield _desired("glossary", str(proposal.entityUrn), proposal.aspect)
    for urn, aspect in policies.items():
        yield _desired("policies", urn, aspect, owned=urn not in foreign)
    for declared in register:
        for item in register_aspects(declared):
            yield _desired("register", item.urn, item.aspect, item.owned)


def _desired(phase: Phase, urn: str, aspect: Any, owned: bool = True) -> Desired:
    return Desired(phase, urn, aspect.ASPECT_NAME, aspect_json(aspect), owned)
