"""The content as a Python package, so that DataHub's executor installs it like any other requirement.

A wheel is a zip file with three files of its own (METADATA, WHEEL, RECORD; see packaging.python.org, "Binary
distribution format"). The same content always makes the same bytes and the same version.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from campus_catalog.content.layout import content_files
from campus_catalog.content.places import Problems
from campus_catalog.content.write import write_whole

NAME = "campus-catalog-content"
_SUFFIX = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DATE = (1980, 1, 1, 0, 0, 0)
_INIT = '"""Content of campus-catalog: home: package:%s"""\n'


def is_suffix(text: str) -> bool:
    """Whether a text may end the package's name.

    Args:
        text: what was given.

    Returns:
        True for lower-case letters and digits in parts joined by hyphens.
    """
    return bool(_SUFFIX.fullmatch(text))


def pack(home: Path, out: Path, suffix: str = "") -> Path:
    """Write the wheel.

    The version has the digest of the content as its last number: a changed content is another version and another file
    name, so neither pip nor an executor that keeps its environments takes the old one for it. Versions have no order in
    time: requirements name one exactly.

    Args:
        home: content folder; its content is sound.
        out: folder for the wheel; made where it is missing.
        suffix: ends the name of the package, where there are several; see ``is_suffix``.

    Returns:
        The wheel's path.

    Raises:
        ContentError: a file is a link that leads out of the home, or a folder cannot be looked into.
        OSError: it cannot be written.
    """
    files = dict(_files(home))
    name = f"{NAME}-{suffix}" if suffix else NAME
    module = name.replace("-", "_")
    version = f"1.0.{int(_digest(files)[:12], 16)}"
    info = f"{module}-{version}.dist-info"
    members = {f"{module}/__init__.py": (_INIT % name).encode()}
    members |= {f"{module}/{path}": content for path, content in files.items()}
    members[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: Content of campus-catalog\n"
    ).encode()
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: campus-catalog\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [f"{_field(path)},sha256={_hash(content)},{len(content)}\n" for path, content in members.items()]
    members[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    path = out / f"{module}-{version}-py3-none-any.whl"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as wheel:  # compressors differ from machine to machine
        for member, content in members.items():
            entry = zipfile.ZipInfo(member, _DATE)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            wheel.writestr(entry, content)
    write_whole(path, written.getvalue())
    return path


def _files(home: Path) -> Iterator[tuple[str, bytes]]:
    """The content's files by their path below the home, in order."""
    problems = Problems(home)
    for path in content_files(home):
        # a link may lead to what is no content, such as a key in somebody's own folder
        if path.resolve().is_relative_to(home.resolve()):
            yield path.relative_to(home).as_posix(), path.read_bytes()
        else:
            problems.add(path, [], "link", "这是指向内容目录以外的链接，不能打包，请换成文件本身")
    problems.raise_any()


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _field(path: str) -> str:
    """A path as a field of RECORD, which is a CSV file."""
    return '"' + path.replace('"', '""') + '"' if re.search('[",]', path) else path
