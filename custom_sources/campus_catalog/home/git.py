"""Content from a Git repository: ``git+https://HOST/REPO.git[@REF][#subdirectory=DIR]``.

Git is a program, and what stands in a program's arguments everybody on the machine can read. So the address it gets
has no credentials; they go by its environment and a credential helper that answers for this one host.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from datahub.configuration.common import ConfigurationError

from campus_catalog.errors import first_line
from campus_catalog.home.fetch import ESCAPES, Address, Home, content_root, parse
from campus_catalog.secrets import Redactor
from campus_catalog.temporary import new_folder

#: seconds one call of git may take; a transfer slower than 1 kB/s for a minute ends before
TIMEOUT = 300
SCHEMES = ("https", "http", "ssh", "file")
_USER, _PASSWORD = "CAMPUS_CATALOG_GIT_USER", "CAMPUS_CATALOG_GIT_PASSWORD"
#: answers ``get`` only; git's other questions are about keeping what it was told
_HELPER = f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_PASSWORD}"; }}; f'
#: would make git work on another repository
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
_REF = re.compile(r"[\w.][\w./+-]*")
_NO_REF = re.compile(r"couldn't find remote ref|not our ref|unadvertised object|no such ref", re.IGNORECASE)
_REFUSED = re.compile(r"authentication failed|could not read (username|password)|permission denied|HTTP Basic: Access|"
                      r"returned error: 40[13]", re.IGNORECASE)  # fmt: skip
_AWAY = re.compile(r"could not resolve|failed to connect|couldn't connect|timed out|connection (refused|reset)|"
                   r"unable to connect|no route to host|network is unreachable|operation too slow|early EOF|"
                   r"returned error: 5\d\d|empty reply", re.IGNORECASE)  # fmt: skip


def from_git(text: str) -> Home:
    """Fetch one commit of a repository into a temporary folder.

    Args:
        text: ``git+https://HOST/REPO.git[@REF][#subdirectory=DIR]``; also over ssh and from a file.

    Returns:
        The content, its origin with the commit's id.

    Raises:
        ConfigurationError: it cannot be had, or holds no content.
    """
    address, ref = _address(text)
    folder = new_folder()
    _git(address, folder, "init", "--quiet")
    _git(address, folder, "fetch", "--quiet", "--depth=1", "--no-tags", address.url, ref or "HEAD")
    _git(address, folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    commit = _git(address, folder, "rev-parse", "HEAD").strip()
    root = content_root(folder, f"git+{address.shown} at {ref or 'HEAD'}", address.options.get("subdirectory", ""))
    return Home(root, f"git+{address.shown} commit {commit}{f' ({ref})' if ref else ''}")


def _address(text: str) -> tuple[Address, str]:
    address = parse(text.removeprefix("git+"), "subdirectory")
    parts = urlsplit(address.url)
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(
            f"home: git+{parts.scheme} is not understood; write one of git+{', git+'.join(SCHEMES)}"
        )
    if parts.scheme == "ssh" and address.password:
        raise ConfigurationError(f"home: git+{address.shown}: ssh takes a key, not a password in the address")
    if parts.query or re.search(r"[\x00-\x1f]", f"{address.user}{address.password}"):
        raise ConfigurationError(f"home: git+{address.shown}: a query or a control character has no place in it")
    path, _, ref = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    if "@" in path or ref.endswith(".git"):  # a / in a password ended the host's part
        raise ConfigurationError(ESCAPES)
    if "@" in parts.path and not _REF.fullmatch(ref):
        raise ConfigurationError(f"home: git+{address.shown}: name a branch, a tag or a full commit id behind @")
    host = f"{address.user}@{parts.netloc}" if parts.scheme == "ssh" and address.user else parts.netloc
    url, shown = (urlunsplit((parts.scheme, where, path, "", "")) for where in (host, parts.netloc))
    return Address(url, shown, address.user, address.password, address.options), ref


def _git(address: Address, folder: Path, *arguments: str) -> str:
    """Run git in ``folder``; returns what it printed. Raises ConfigurationError."""
    settings = ["core.hooksPath=/dev/null", "core.symlinks=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60"]
    scheme, host = urlsplit(address.url)[:2]
    if scheme in ("http", "https") and (address.user or address.password):
        settings += ["credential.helper=", f"credential.{scheme}://{host}.helper={_HELPER}"]
    command = ["git", *(word for setting in settings for word in ("-c", setting)), *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", _USER: address.user, _PASSWORD: address.password}
    environment.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=30")
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT
        )
    except FileNotFoundError:
        raise ConfigurationError(
            f"home: git+{address.shown} needs the program git, which is not installed here; install it where the "
            "executor runs, or give the content as package:NAME or https://HOST/FILE.zip"
        ) from None
    except subprocess.TimeoutExpired:
        reason = f"home: git+{address.shown} could not be reached: git took longer than {TIMEOUT} s"
        raise ConfigurationError(reason) from None
    if done.returncode:
        raise ConfigurationError(_explain(address, arguments, done.stderr.decode("utf-8", "replace")))
    return done.stdout.decode("utf-8", "replace")


def _explain(address: Address, arguments: tuple[str, ...], said: str) -> str:
    where = f"home: git+{address.shown}"
    # a token may stand in the place of the user; over ssh the user is none
    said = Redactor([address.password or ("" if address.url.startswith("ssh:") else address.user)])(said)
    said = re.sub(r"://[^/\s'@]*@", "://", said)
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:", "ssh:"))] or [said]
    if _NO_REF.search(said):
        return f"{where} has no '{arguments[-1]}'; name a branch, a tag or a full commit id behind @"
    if _REFUSED.search(said):
        return (
            f"{where} refused the credentials ({first_line(lines[0])}); give a token that may read the repository, as "
            "git+https://USER:${GIT_TOKEN}@HOST/..."
        )
    if _AWAY.search(said):
        return f"{where} could not be reached: {first_line(lines[-1] if lines[0].startswith('error') else lines[0])}"
    return f"{where}: git {arguments[0]} failed: {first_line(lines[0])}"
