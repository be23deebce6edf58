"""``${NAME}`` and its relatives in recipes, secrets and homes: read and filled in as DataHub itself does it.

DataHub fills in the values of a recipe, not its keys, by the library expandvars: ``${NAME}``, ``${NAME:-default}``,
``${NAME:?what to do}`` and the other forms of a shell, also one inside another. Nothing of that grammar is written down
here; what is asked of it is answered by running it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from expandvars import ExpandvarsException

#: a variable that brings no text of its own: without a default, or with an empty one; what :? says is none
_BARE = re.compile(r"\$\{\w+(?::?-\0*|:?\?[^{}]*)?\}")
#: what expandvars says of :? where the text says nothing
_UNSAID = ("unbound variable", "parameter null or not set", "invalid indirect expansion")
#: a value for a variable that is not set, where it matters only that there is one; no variable has this name
_SOME = " "


def names(text: str) -> list[str]:
    """The variables of a text.

    Args:
        text: of a recipe, an address or a home.

    Returns:
        Every name it refers to, sorted; none for a text that cannot be read.
    """
    if "$" not in text:
        return []
    from datahub.configuration.config_loader import EnvResolver

    try:
        return sorted(EnvResolver.list_referenced_variables({"": text}))
    except ExpandvarsException:
        return []


def missing(value: Any, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables without which DataHub would refuse to fill in a value.

    Args:
        value: a text, or a configuration with texts in it.
        environment: the variables there are; in an empty one every variable without a default is missing.

    Returns:
        The name of each, and what ``${NAME:?...}`` says of it, or nothing.
    """
    found: dict[str, str] = {}
    known = {**environment, _SOME: _SOME}
    while True:
        try:
            _resolved(value, dict(known))
            return found
        except ExpandvarsException as error:
            name, _, said = str(error.args[0]).partition(": ")
            if not isinstance(error, KeyError) or known.get(name) == _SOME:  # DataHub, too, says what is wrong with it
                return found
            found[name] = found.get(name) or ("" if said in _UNSAID else said)
            # the empty text first: it does for ${NAME}, and brings out what a later ${NAME:?...} says
            known[name] = _SOME if name in known else ""


def listed(missing: Mapping[str, str]) -> str:
    """Variables that are missing, for the reader.

    Args:
        missing: what ``missing`` returns.

    Returns:
        Each name with what is said of it, sorted.
    """
    return ", ".join(f"{name} ({said})" if said else name for name, said in sorted(missing.items()))


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """A value as DataHub fills it in.

    Args:
        value: a text, or a configuration with texts in it.
        environment: the variables there are.

    Returns:
        The same with variables filled in; one that is missing stays ``${NAME}``, a text that cannot be read as it is.
    """
    stand_ins = {name: f"${{{name}}}" for name in missing(value, environment)}
    try:
        return _resolved(value, {**environment, **stand_ins})
    except ExpandvarsException:  # must not keep the other texts from being filled in
        if isinstance(value, dict):
            return {key: filled(part, environment) for key, part in value.items()}
        return [filled(part, environment) for part in value] if isinstance(value, list) else value


def own_text(text: str) -> str:
    """What a text says by itself, whatever its variables hold.

    Args:
        text: as it is written.

    Returns:
        All but the variables; a default is the text's own.
    """
    while (rest := _BARE.sub("\0", text)) != text:
        text = rest
    return text.replace("\0", "")


def _resolved(value: Any, environment: dict[str, str]) -> Any:
    """What DataHub makes of a value; ``${NAME:=default}`` also sets the variable."""
    from datahub.configuration.config_loader import EnvResolver

    return EnvResolver(environment, register_secrets=False).resolve({"": value})[""]
