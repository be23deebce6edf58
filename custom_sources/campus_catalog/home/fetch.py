"""What fetching content has in common: addresses without their secrets, finding the content."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

from datahub.configuration.common import ConfigurationError
from datahub.masking.secret_registry import SecretRegistry

from campus_catalog.content.layout import MARK

FORMS = "a folder, package:NAME, git+https://HOST/REPO.git[@REF][#subdirectory=DIR] or https://HOST/FILE.zip"
ESCAPES = "home: the address cannot be read; write user and password with %-escapes (@ as %40, / as %2F, # as %23)"


@dataclass(frozen=True)
class Home:
    """Content found.

    Attributes:
        folder: it has ``glossary/``.
        origin: what was used, for logs and reports, without secrets; empty for a folder.
    """

    folder: Path
    origin: str = ""


@dataclass(frozen=True)
class Address:
    """An address taken apart, its credentials kept away from the rest.

    Attributes:
        url: without credentials and fragment.
        shown: ``url`` without its query, which may hold a token; for people.
        options: what the fragment says.
    """

    url: str
    shown: str
    user: str = ""
    password: str = ""
    options: dict[str, str] = field(default_factory=dict)


def content_root(folder: Path, name: str, subdirectory: str = "") -> Path:
    """The folder with ``glossary/``: ``folder`` itself, its ``subdirectory``, or the one folder in it that has one.

    Args:
        folder: what was fetched, or where a package is installed.
        name: what to call it in messages, without secrets.
        subdirectory: folder in it, where the address names one.

    Returns:
        A folder that has ``glossary/``.

    Raises:
        ConfigurationError: there is none.
    """
    if subdirectory:
        inner = (folder / subdirectory).resolve()
        if not inner.is_relative_to(folder.resolve()):
            raise ConfigurationError(f"home: subdirectory '{subdirectory}' leads out of {name}")
        folder = inner
    below = [path for path in sorted(folder.glob("*")) if (path / MARK).is_dir()]
    for candidate in (folder, *(below if len(below) == 1 and not subdirectory else [])):
        if (candidate / MARK).is_dir():
            return candidate
    place = f"{name}, folder '{subdirectory}'" if subdirectory else name
    raise ConfigurationError(f"home: no {MARK}/ in {place}; name the folder of the content with #subdirectory=DIR")


def parse(text: str, *options: str) -> Address:
    """Take an address apart; its password is hidden by DataHub's own masking from now on.

    Args:
        text: an address, credentials and all.
        options: what its fragment may say.

    Returns:
        Its parts.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:  # its text would hold the password
        raise ConfigurationError(ESCAPES) from None
    if "@" in parts.fragment:  # a # in a password ended the host's part
        raise ConfigurationError(ESCAPES)
    if host is None and parts.scheme != "file":
        raise ConfigurationError(f"home: the address has no host; write {FORMS}")
    shown = f"{parts.scheme}://{_host(host or '', port)}{parts.path}"
    given = parse_qs(parts.fragment, keep_blank_values=True)
    if (parts.fragment and not given) or given.keys() - set(options) or not all(map(all, given.values())):
        known = " and ".join(f"{name}=..." for name in options)
        raise ConfigurationError(f"home: {shown}: only {known} may stand behind #, not {parts.fragment}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    secrets = [secret for secret in (password, parts.password, parts.query) if secret]
    if user and not password and parts.scheme in ("http", "https"):
        secrets += [user, parts.username or ""]  # a token in the place of the user
    if secrets:
        SecretRegistry.get_instance().register_secrets_batch(
            {f"part {index} of {shown}": secret for index, secret in enumerate(secrets)}
        )
    url = urlunsplit(SplitResult(parts.scheme, _host(host or "", port), parts.path, parts.query, ""))
    return Address(url, shown, user, password, {name: values[0] for name, values in given.items()})


def _host(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name
