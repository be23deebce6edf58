"""Takes secrets out of everything a run says."""

from __future__ import annotations

import os
from collections.abc import Mapping

from campus_catalog.schedule.loader import Schedule
from campus_catalog.secrets import Redactor, is_secret_variable, values


def redactor(schedule: Schedule, environment: Mapping[str, str] = os.environ) -> Redactor:
    """The redactor for everything secret in an environment.

    Secret are the variables called so, what recipes use as a secret, and the webhook's address and key.
    """
    found = {value for name, value in environment.items() if is_secret_variable(name)}
    for recipe in schedule.recipes.values():
        found |= set(values(recipe.content, environment))
    names = schedule.webhook.variables if schedule.webhook else []
    return Redactor(found | {environment[name] for name in names if name in environment})
