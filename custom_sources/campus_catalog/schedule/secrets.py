"""Takes secrets out of everything a run says."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from campus_catalog.schedule.loader import SECRET_NAME, Schedule

#: a shorter value would black out ordinary words
_SHORTEST = 4
_SECRET_KEY = re.compile(r"password|passwd|secret|token|private_key|access_key|uri|url", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_URL_LOGIN = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)(?=@)")


class Redactor:
    """Replaces known secrets, however they are written, by ``***``."""

    def __init__(self, values: Iterable[str]):
        found: set[str] = set()
        for value in values:
            for line in {value, *value.splitlines()}:
                if len(line.strip()) >= _SHORTEST:
                    found |= _spellings(line.strip())
        self._pattern = re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern:
            text = self._pattern.sub("***", text)
        return _URL_LOGIN.sub(r"\1:***", text)


def _spellings(value: str) -> set[str]:
    return {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        base64.b64encode(value.encode()).decode(),
    }


def redactor(schedule: Schedule, environment: Mapping[str, str] = os.environ) -> Redactor:
    """The redactor for everything secret in an environment.

    Secret are the variables called so, those recipes use under a secret key, and the webhook's address and key.
    """
    names = {name for name in environment if SECRET_NAME.search(name)}
    for recipe in schedule.recipes.values():
        names |= set(_used(recipe.content, ""))
    if schedule.webhook:
        names |= set(schedule.webhook.variables)
    return Redactor(environment[name] for name in names if name in environment)


def _used(value: Any, key: str) -> Iterator[str]:
    """Variables below keys that hold secrets."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _used(part, str(name))
    elif isinstance(value, list):
        for part in value:
            yield from _used(part, key)
    elif isinstance(value, str) and _SECRET_KEY.search(key):
        yield from _VARIABLE.findall(value)
