"""What identifies a dataset: one function from platform, instance, names and environment to its identity.

DataHub percent-encodes the four characters that have a meaning in a urn, and nothing else. An identity is spelt as in
the urn, so that what is declared and what is found live meet whatever the table is called; people read the plain one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

#: see ``datahub.utilities.urn_encoder``; a test holds that the two agree
RESERVED = ",()␟"
_ENCODED = {character: quote(character) for character in RESERVED}
_PLAIN = {code: character for character, code in _ENCODED.items()}
_CODES = re.compile("|".join(map(re.escape, _PLAIN)))


def encoded(name: str) -> str:
    """A name as it stands in a urn.

    Args:
        name: as the database, workbook or steward spells it.

    Returns:
        The name with the reserved characters percent-encoded.
    """
    return "".join(_ENCODED.get(character, character) for character in name)


def plain(name: str) -> str:
    """A name of a urn as people spell it.

    Args:
        name: as it stands in the urn.

    Returns:
        The name with the reserved characters themselves.
    """
    return _CODES.sub(lambda match: _PLAIN[match[0]], name) if "%" in name else name


class DatasetKey(NamedTuple):
    """What identifies a dataset in DataHub.

    Attributes:
        platform: id of the data platform.
        name: with platform instance, spelt as in the urn.
        env: DataHub's environment, e.g. PROD.
    """

    platform: str
    name: str
    env: str

    @classmethod
    def of(cls, platform: str, names: Iterable[str | None], env: str) -> DatasetKey:
        """The identity of a dataset.

        Args:
            platform: id of the data platform.
            names: platform instance, database, schema and table, those that there are.
            env: DataHub's environment.

        Returns:
            The very identity live ingestion gives it.
        """
        return cls(platform, ".".join(encoded(name) for name in names if name), env.upper())

    @property
    def plain(self) -> str:
        """The name as people spell it."""
        return plain(self.name)
