"""Reaching a DataHub server: DataHub's own client and its own configuration."""

from __future__ import annotations

import os
import re
from typing import Any

from datahub.cli.config_utils import get_raw_client_config
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig

from campus_catalog.catalog.target import TOKEN_VARIABLE, Target, TargetError
from campus_catalog.errors import first_line


def client_config(target: Target, **options: Any) -> DatahubClientConfig:
    """The client's configuration for a target.

    The token comes from the environment. TLS and header options come from DataHub's own ``~/.datahubenv`` (as
    ``datahub init`` writes it) where that names the same server.

    Args:
        target: a server.
        options: further fields of ``DatahubClientConfig``, which win, e.g. ``timeout_sec=10``.

    Returns:
        The configuration; nothing has been asked of the server yet.
    """
    try:
        known = (get_raw_client_config() or {}).get("gms") or {}
    except Exception:  # no such file, or none we can read: it is optional
        known = {}
    if str(known.get("server", "")).rstrip("/") != target.address:
        known = {}
    token = os.environ.get(TOKEN_VARIABLE)
    named = {**known, "server": target.address, **({"token": token} if token else {}), **options}
    return DatahubClientConfig(**named)


def connect(target: Target, **options: Any) -> DataHubGraph:
    """A client the server has answered.

    ``/config``, which the client's own test asks for, answers without a token, so something else is asked for too.

    Args:
        target: a server.
        options: further fields of ``DatahubClientConfig``, e.g. ``timeout_sec=10``.

    Returns:
        The client; close it when done.

    Raises:
        Exception: whatever the client raises; ``explain`` puts it in words.
    """
    graph = DataHubGraph(client_config(target, **options))
    graph.test_connection()
    graph.get_entities("corpuser", ["urn:li:corpuser:datahub"])
    return graph


def explain(target: Target, error: BaseException) -> str:
    """What a failed call to a server means and what to do about it.

    Args:
        target: the server.
        error: what the client raised, or a text that a report kept of it.

    Returns:
        What is wrong with which target, and what to do.
    """
    return str(unreached(target, error))


def unreached(target: Target, error: BaseException) -> TargetError:
    """The error to raise over a failed call to a server.

    Args:
        target: the server.
        error: what the client raised, or a text that a report kept of it.

    Returns:
        What is wrong with which target, what to do, and whether trying again may help.
    """
    status = status_of(error)
    if status is None:  # reports of a run keep only the text
        named = re.search(r"\b(401|403) Client Error|status(?:_code)?\W{1,4}(401|403)\b", str(error))
        status = int(named.group(1) or named.group(2)) if named else None
    lasting = _lasting(target, str(error), status)
    if lasting:
        return TargetError(lasting, retry=False, status=status)
    return TargetError(f"{target} could not be reached: {first_line(error)[:300]}", status=status)


def _lasting(target: Target, text: str, status: int | None) -> str | None:
    """What is wrong that stays so until somebody puts it right, and how; None when the server may just be away."""
    if status == 401 or "Unauthorized" in text:
        return f"{target} refused the token (401); set {TOKEN_VARIABLE} to a valid DataHub access token"
    if status == 403 or "Forbidden" in text:
        return f"{target} forbids this to the token's owner (403); give its owner the privilege on the server"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        # requests lets these two variables win over what a client was told
        bundle = next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
        place = f"the file {bundle} names" if bundle else "~/.datahubenv (gms: ca_certificate_path)"
        return f"the certificate of {target} is signed by no authority known here; put the school's own into {place}"
    if "WRONG_VERSION_NUMBER" in text:
        return f"{target} does not speak HTTPS; write http://"
    frontend = target.address.endswith((":9002", "/api/gms"))
    signs = ("connected to the frontend", "Expecting value", "JSONDecodeError", "/config with status_code: 404")
    if frontend or any(sign in text for sign in signs):
        return f"{target} answers like the DataHub frontend; use the metadata service (GMS), usually port 8080"
    return None


def status_of(error: BaseException | None) -> int | None:
    """The HTTP status behind an error of the client.

    Args:
        error: what it raised; the errors behind it are looked at too.

    Returns:
        The status, or None when there was no answer.
    """
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None and getattr(response, "status_code", None):
            return int(response.status_code)
        info = getattr(error, "info", None)
        if isinstance(info, dict) and isinstance(info.get("status"), int):
            return int(info["status"])
        error = error.__cause__ or error.__context__
    return None
