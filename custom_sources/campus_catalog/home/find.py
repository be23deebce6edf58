"""Where a plugin's content is: a folder, an installed package, a Git repository or a file to download.

A recipe on this machine reads a folder. DataHub's executor has none of ours, so the content can come with the
environment it makes (``package:``) or be fetched when the run begins (``git+``, ``https:``). See docs/howto/install.md.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from datahub.configuration.common import ConfigurationError

from campus_catalog.home.download import from_url
from campus_catalog.home.fetch import FORMS, Home, content_root
from campus_catalog.home.git import from_git
from campus_catalog.variables import filled, listed, missing

logger = logging.getLogger(__name__)

_found: dict[str, Home] = {}
_lock = threading.Lock()


def find_home(text: str) -> Home:
    """The content that ``home`` names. The same text means the same content for the life of the process.

    Args:
        text: see ``fetch.FORMS``; variables are filled in from the environment, where DataHub has not done so.

    Returns:
        The folder, and what to say of where it came from.

    Raises:
        ConfigurationError: it cannot be had, or is no content; the message says what to do and holds no secret.
    """
    find = _finder(text)
    if find is None:
        return Home(Path(text))
    with _lock:
        if text not in _found:
            _found[text] = find(_filled(text))
            logger.info("content: %s", _found[text].origin)
        return _found[text]


def _finder(text: str) -> Callable[[str], Home] | None:
    if text.startswith("package:"):
        return _from_package
    if text.startswith("git+"):
        return from_git
    if text.lower().startswith(("https://", "http://")):
        return from_url
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        raise ConfigurationError(f"home: {text.split(':')[0]}:// is not understood; write {FORMS}")
    return None


def _filled(text: str) -> str:
    lacking = missing(text, os.environ)
    if lacking:
        raise ConfigurationError(
            f"home: environment variable {listed(lacking)} is not set. DataHub's executor fills in secrets in the "
            "recipe only: write the address as 'home' into the recipe, or set the variable where the executor runs"
        )
    return str(filled(text, os.environ))


def _from_package(text: str) -> Home:
    name = text.removeprefix("package:").strip()
    module = re.sub(r"[-.]+", "_", name).lower()
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise ConfigurationError(
            f"home: package '{name}' is not installed here; put its wheel, as 'campus-catalog schedule pack' makes it, "
            "into extra_pip of the ingestion source (here: pip install it)"
        )
    try:
        version = metadata.version(module)
    except metadata.PackageNotFoundError:
        version = "of unknown version"
    return Home(content_root(Path(folders[0]), f"package {name}"), f"package {name} {version}")
