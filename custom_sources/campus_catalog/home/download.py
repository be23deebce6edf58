"""Content from a zip file: ``https://HOST/FILE.zip[#sha256=HEX]``; a wheel of ``schedule pack`` is one, too."""

from __future__ import annotations

import hashlib
import lzma
import shutil
import stat
import time
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import requests
from datahub.configuration.common import ConfigurationError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from campus_catalog.errors import first_line
from campus_catalog.home.fetch import ESCAPES, Address, Home, content_root, parse
from campus_catalog.temporary import new_folder

#: bytes of the file, bytes and number of the files in it: many times what the largest school declares
MAX_DOWNLOAD, MAX_UNPACKED, MAX_FILES = 100 * 2**20, 1000 * 2**20, 50_000
#: what zipfile raises over a file that is none, is cut off, or is packed in a way it does not know
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip
#: seconds to connect, without an answer, and for the whole file
CONNECT, READ, TOTAL = 30, 60, 300
_AGAIN = Retry(
    3, backoff_factor=1, status_forcelist=(502, 503, 504), raise_on_status=False, respect_retry_after_header=False
)


def from_url(text: str) -> Home:
    """Download a zip file and unpack it into a temporary folder.

    Args:
        text: ``https://HOST/FILE.zip``, with ``#sha256=HEX`` and ``&subdirectory=DIR`` behind it where wanted.

    Returns:
        The content, its origin with the file's sha256.

    Raises:
        ConfigurationError: it cannot be had, has another checksum, is too large, or holds no content.
    """
    address = parse(text, "sha256", "subdirectory")
    if "@" in urlsplit(address.url).path:  # a / in a password ended the host's part
        raise ConfigurationError(ESCAPES)
    folder = new_folder()
    archive = folder / "content.zip"
    digest = _download(address, archive)
    expected = address.options.get("sha256", "").lower()
    if expected and digest != expected:
        raise ConfigurationError(
            f"home: {address.shown} has sha256 {digest}, not {expected} as its address says; if the new content is "
            "meant, write the new checksum"
        )
    content = folder / "content"
    _unpack(archive, content, address.shown)
    archive.unlink()
    root = content_root(content, address.shown, address.options.get("subdirectory", ""))
    return Home(root, f"{address.shown} sha256 {digest}")


def _download(address: Address, archive: Path) -> str:
    """Write the file; returns its sha256."""
    digest, deadline, size = hashlib.sha256(), time.monotonic() + TOTAL, 0
    try:
        with requests.Session() as session, archive.open("wb") as out:
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=_AGAIN))
            login = (address.user, address.password) if address.user or address.password else None
            with session.get(address.url, auth=login, timeout=(CONNECT, READ), stream=True) as answer:
                _check_answer(address, answer)
                for chunk in answer.iter_content(2**16):
                    size += len(chunk)
                    if size > MAX_DOWNLOAD:
                        raise ConfigurationError(f"home: {address.shown} is larger than {MAX_DOWNLOAD // 2**20} MiB")
                    if time.monotonic() > deadline:
                        raise requests.Timeout(f"it took longer than {TOTAL} s")
                    digest.update(chunk)
                    out.write(chunk)
    except (requests.RequestException, HTTPError) as error:
        # requests names addresses with their queries, where tokens may stand, also one it was redirected to
        text = first_line(error).replace(address.url, address.shown)
        text = _kind(error) if "?" in text else text
        raise ConfigurationError(f"home: {address.shown} could not be reached: {text[:300]}") from None
    return digest.hexdigest()


def _kind(error: Exception) -> str:
    return {"ReadTimeout": "no answer in time"}.get(type(error).__name__, type(error).__name__)


def _check_answer(address: Address, answer: Any) -> None:
    status = answer.status_code
    if status in (401, 403):
        raise ConfigurationError(
            f"home: {address.shown} refused the credentials ({status}); give some that may read it, as "
            "https://USER:${TOKEN}@HOST/..."
        )
    if status >= 500:
        raise ConfigurationError(f"home: {address.shown} could not be reached: it answered {status}")
    if status != 200:
        raise ConfigurationError(f"home: {address.shown} answered {status}; check the address")


def _unpack(archive: Path, folder: Path, name: str) -> None:
    """Unpack regular files only, and only below ``folder``. Raises ConfigurationError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            for member in members:
                _check_member(member, name)
            if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_UNPACKED:
                limit = f"{MAX_FILES} files or {MAX_UNPACKED // 2**20} MiB"
                raise ConfigurationError(f"home: {name} holds more than {limit} when unpacked")
            for member in members:
                path = folder / member.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                # zipfile gives no more than the size the member states, which was counted above
                with opened.open(member) as source, path.open("xb") as out:
                    shutil.copyfileobj(source, out)
    except _BROKEN as error:
        raise ConfigurationError(
            f"home: {name} is no zip file that can be unpacked ({first_line(error)}); if it is a page to log in, give "
            "credentials"
        ) from None


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    outside = path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename
    if outside or kind not in (0, stat.S_IFREG):
        what = "leads out of it" if outside else "is a link"
        raise ConfigurationError(f"home: {name} is refused: '{member.filename}' in it {what}")
