"""Targets: ``lite:PATH``, ``file:PATH.json``, ``http(s)://HOST[:PORT]``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from campus_catalog.errors import UNREACHABLE, USAGE, CampusError

TARGET_VARIABLE = "CAMPUS_CATALOG_TARGET"
TOKEN_VARIABLE = "DATAHUB_GMS_TOKEN"


class TargetError(CampusError):
    """The target cannot be understood or cannot be reached; the message says what to do.

    Args:
        message: for the reader.
        usage: whether it cannot be understood as it was given.
        retry: whether it may be reached later as things are.
        status: the HTTP status a server answered with.
    """

    def __init__(self, message: str, usage: bool = False, retry: bool = True, status: int | None = None):
        super().__init__(message)
        self.exit_code, self.retry = (USAGE, False) if usage else (UNREACHABLE, retry)
        self.status = status


@dataclass(frozen=True)
class Target:
    """Where the catalog is.

    Attributes:
        kind: ``lite``, ``file`` or ``server``.
        address: absolute path, or the server's base url.
    """

    kind: Literal["lite", "file", "server"]
    address: str

    def __str__(self) -> str:
        return self.address if self.kind == "server" else f"{self.kind}:{self.address}"

    @property
    def path(self) -> Path:
        """The file of a ``lite`` or ``file`` target."""
        return Path(self.address)


def parse_target(text: str, home: Path) -> Target:
    """Understand a target.

    Args:
        text: ``lite:PATH``, ``file:PATH.json`` or ``http(s)://HOST[:PORT]``.
        home: folder that relative paths lie under.

    Returns:
        The target; whether it is there is not looked at.

    Raises:
        TargetError: not one of the three forms, or with a user and password in it.
    """
    scheme, _, rest = text.partition(":")
    if scheme in ("http", "https"):
        if "@" in urlsplit(text).netloc:  # it would stand in every message, and in what schedule export writes
            reason = f"a target has no user and password; set {TOKEN_VARIABLE} to a DataHub access token"
            raise TargetError(reason, usage=True)
        if not urlsplit(text).hostname:
            raise TargetError(f"target '{text}' has no host; write e.g. http://datahub.example.edu:8080", usage=True)
        return Target("server", text.rstrip("/"))
    if scheme == "lite" and rest:
        return Target("lite", str((home / rest).absolute()))
    if scheme == "file" and rest.endswith(".json"):
        return Target("file", str((home / rest).absolute()))
    raise TargetError(f"target '{text}' is none of lite:PATH, file:PATH.json, http(s)://HOST[:PORT]", usage=True)
