"""Classifier ``campus-personal``: recognises personal information in the values a stock source has sampled.

DataHub reads the sample, of the tables that a recipe's ``classification`` names; here the values only pass the
checks of ``glossary/personal.yml``. What leaves this module is the name of a column and the kind it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from datahub.configuration.common import ConfigurationError
from datahub.ingestion.glossary.classification_types import ColumnInfo, DebugInfo, InfotypeProposal
from datahub.ingestion.glossary.classifier import Classifier
from datahub.ingestion.glossary.classifier_registry import classifier_registry

from campus_catalog.aspects.personal import SAMPLE_INFOTYPE
from campus_catalog.content import layout
from campus_catalog.regulation.personal import PersonalKind, Sample
from campus_catalog.regulation.personal_numbers import CHECKS, share_of
from campus_catalog.sources.common import CampusConfig, load_content

#: The classifier's type in ``campus-system``; a stock recipe names the class by its path instead.
CLASSIFIER_TYPE = "campus-personal"


class CampusPersonalClassifierConfig(CampusConfig):
    """Configuration of ``campus-personal``."""


class CampusPersonalClassifier(Classifier):
    """Proposes for a column the kind of personal information most of its sampled values pass the check of.

    Args:
        kinds: those a sample can tell. Worker processes get a copy of the classifier, so it holds nothing else.
    """

    def __init__(self, kinds: Iterable[PersonalKind]):
        self._samples: list[tuple[str, Sample]] = [(kind.id, kind.sample) for kind in kinds if kind.sample]

    @classmethod
    def create(cls, config_dict: dict[str, Any] | None) -> CampusPersonalClassifier:
        """Build the classifier from a recipe.

        Args:
            config_dict: the classifier's ``config``; None where the recipe has none.

        Returns:
            The classifier for the content it names.

        Raises:
            ConfigurationError: the content has faults, or names nothing to recognise by.
        """
        config = CampusPersonalClassifierConfig.model_validate(config_dict or {})
        personal = load_content(config.home).regulation.personal
        kinds = [kind for kind in (personal.kinds if personal else ()) if kind.sample]
        if not kinds:
            raise ConfigurationError(
                f"nothing can be recognised by sample: no kind in {layout.PERSONAL.place} has a `sample`; "
                "add one or set classification.enabled to false"
            )
        return cls(kinds)

    def classify(self, columns: list[ColumnInfo]) -> list[ColumnInfo]:
        """Look for personal information in sampled values.

        Args:
            columns: columns with their sampled values.

        Returns:
            The columns recognised, without their values.
        """
        found = []
        for column in columns:
            proposals = list(self._proposals(column.values))
            if proposals:
                found.append(ColumnInfo(column.metadata, [], proposals))
        return found

    def _proposals(self, values: list[Any]) -> Iterable[InfotypeProposal]:
        for id_, sample in self._samples:
            share = share_of(CHECKS[sample.check], values, sample.distinct)
            if share >= sample.share:
                yield InfotypeProposal(f"{SAMPLE_INFOTYPE}{id_}", share, DebugInfo(values=share))


classifier_registry.register(CLASSIFIER_TYPE, CampusPersonalClassifier, override=True)
