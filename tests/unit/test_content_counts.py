"""The repository's own content says what the regulation says, and becomes aspects DataHub accepts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import pytest
import yaml
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.metadata.schema_classes import KEY_ASPECTS
from datahub.utilities.urns.urn import guess_entity_type

from campus_catalog.regulation.loader import Regulation
from tests.support.content import ROOT, proposals_of

ARTICLE = re.compile("(第[一二三四五六七八九十]+条)((?:（[一二三四五六七八九十]+）)?)")
CITATION = re.compile(f"（{ARTICLE.pattern}(?:、{ARTICLE.pattern})*）$")


@pytest.fixture(scope="module")
def proposals() -> list[MetadataChangeProposalWrapper]:
    return list(proposals_of(ROOT))


@pytest.fixture(scope="module")
def datasets(proposals: list[MetadataChangeProposalWrapper]) -> dict[str, dict[str, Any]]:
    """Aspects of every dataset by urn."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for proposal in proposals:
        assert proposal.entityUrn and proposal.aspectName
        if guess_entity_type(proposal.entityUrn) == "dataset":
            found[proposal.entityUrn][proposal.aspectName] = proposal.aspect
    return found


def _nodes(nodes: list[Any]) -> list[Any]:
    return [one for node in nodes for one in (node, *_nodes(node.get("nodes", [])))]


def _glossary() -> list[Any]:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "glossary" / "terms").glob("*.yml")]
    return [one for file in files for one in _nodes(file["nodes"])]


def test_nine_subsets_in_the_order_of_article_7(regulation: Regulation) -> None:
    assert [subset.number for subset in regulation.subsets] == list(range(1, 10))
    assert [subset.explicit for subset in regulation.subsets] == [False] * 8 + [True]


def test_24_groups_of_which_22_are_units(regulation: Regulation) -> None:
    assert Counter(unit.kind for unit in regulation.units) == {"unit": 22, "group": 2}


def test_38_involvements_of_units_in_subsets(regulation: Regulation) -> None:
    assert [len(subset.involved) for subset in regulation.subsets] == [2, 6, 5, 3, 3, 5, 8, 6, 0]
    involved = {unit.id for subset in regulation.subsets for word in subset.involved
                if (unit := regulation.units.get(word))}  # fmt: skip
    assert involved == {unit.id for unit in regulation.units if unit.kind == "unit"}


def test_the_international_office_is_one_unit_under_two_names(regulation: Regulation) -> None:
    assert regulation.units.get("国际合作与交流处") is regulation.units.get("国际交流合作处") is not None


def test_every_unit_has_a_head_of_its_own(regulation: Regulation) -> None:
    heads = [regulation.head_of(unit) for unit in regulation.units]
    assert len({head.id for head in heads if head}) == 24
    for unit, head in zip(regulation.units, heads, strict=True):
        assert head is not None and regulation.unit_of(head) is unit


def test_55_items_under_one_node_per_subset(regulation: Regulation) -> None:
    assert len(regulation.items) == 55
    below = {node["id"]: len(node.get("terms", [])) for node in _glossary() if node["id"].startswith("items.")}
    assert [below.pop(subset.items_node) for subset in regulation.subsets] == [3, 12, 9, 4, 3, 6, 11, 7, 0]
    assert below == {}


def test_22_articles_numbered_in_order_each_with_its_text(regulation: Regulation) -> None:
    articles = list(regulation.articles)
    assert [article.number for article in articles] == list(range(1, 23))
    assert len({article.label for article in articles}) == len({article.text for article in articles}) == 22
    assert min(len(article.text) for article in articles) > 10


def test_every_term_and_node_ends_with_the_articles_it_comes_from(regulation: Regulation) -> None:
    texts = {article.label: article.text for article in regulation.articles}
    described = [one for node in _glossary() for one in (node, *node.get("terms", []))]
    assert len(described) > len(regulation.terms) == 119
    for one in described:
        assert CITATION.search(one["description"]), f"{one['id']} cites no article"
        for label, paragraph in ARTICLE.findall(one["description"]):
            assert label in texts, f"{one['id']} cites {label}"
            assert paragraph in texts[label], f"{one['id']} cites {label}{paragraph}"


@pytest.mark.parametrize("sink", ["file", "datahub-rest"])
def test_every_aspect_is_one_its_entity_may_carry_and_is_valid(sink: str) -> None:
    proposals = list(proposals_of(ROOT, sink))
    assert len(proposals) > 1500
    for proposal in proposals:
        entity = guess_entity_type(proposal.entityUrn)
        allowed = KEY_ASPECTS[entity].ASPECT_INFO["entityAspects"]
        assert proposal.aspectName in allowed, f"{entity} may not carry {proposal.aspectName}"
        assert proposal.validate(), f"{proposal.entityUrn} {proposal.aspectName}"


def test_no_aspect_is_emitted_twice(proposals: list[MetadataChangeProposalWrapper]) -> None:
    times = Counter((proposal.entityUrn, proposal.aspectName) for proposal in proposals)
    assert [key for key, count in times.items() if count > 1] == []


def test_every_entity_referred_to_is_emitted_too(proposals: list[MetadataChangeProposalWrapper]) -> None:
    kinds = "domain|corpGroup|corpuser|glossaryTerm|glossaryNode|tag|ownershipType|structuredProperty|application"
    # the actors of audit stamps: ours, and the one DataHub's glossary reader writes
    actors = {"urn:li:corpuser:datahub", "urn:li:corpuser:unknown"}
    emitted = {proposal.entityUrn for proposal in proposals} | actors
    for proposal in proposals:
        assert proposal.aspect is not None
        referred = set(re.findall(f'"(urn:li:(?:{kinds}):[^"]+)"', str(proposal.aspect.to_obj()).replace("'", '"')))
        assert referred <= emitted, f"{proposal.entityUrn} {proposal.aspectName}: {referred - emitted}"


def test_every_dataset_has_one_domain_one_unit_and_somebody_responsible(datasets: dict[str, dict[str, Any]]) -> None:
    assert len(datasets) == 149
    for urn, aspects in datasets.items():
        assert len(aspects["domains"].domains) == 1, urn
        roles = Counter(owner.typeUrn.rsplit(":", 1)[1] for owner in aspects["ownership"].owners)
        assert roles["responsible-unit"] == roles["first-responsible-person"] == 1, urn
        assert roles["responsible-person"] >= 1, urn
        assert roles.keys() == {"responsible-unit", "responsible-person", "first-responsible-person"}, urn


def test_every_dataset_has_one_sharing_term_and_the_tag_of_the_same_class(
    datasets: dict[str, dict[str, Any]], regulation: Regulation
) -> None:
    tag_of = {f"urn:li:glossaryTerm:{sharing.term}": f"urn:li:tag:{sharing.tag}" for sharing in regulation.sharing}
    classes = set()
    for urn, aspects in datasets.items():
        (term,) = [one.urn for one in aspects["glossaryTerms"].terms if one.urn in tag_of]
        sharing_tags = [one.tag for one in aspects["globalTags"].tags if one.tag in tag_of.values()]
        assert sharing_tags == [tag_of[term]], urn
        classes.add(term)
    assert classes == set(tag_of)
