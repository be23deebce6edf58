"""Content that a plugin fetches: an installed package, a Git repository, a zip file."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from datahub.configuration.common import ConfigurationError
from urllib3.util.retry import Retry

from campus_catalog import temporary
from campus_catalog.errors import is_connection_error
from campus_catalog.home import download
from campus_catalog.home import find as home
from campus_catalog.home.find import find_home
from campus_catalog.home.pack import pack
from campus_catalog.secrets import HIDDEN
from campus_catalog.sources.register import CampusRegisterSource
from tests.support.content import context
from tests.support.fetching import Files, git, new_repository, serving

USER, TOKEN = "reader", "glpat-s3cr3t_T0ken"


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is found already, and no request is repeated."""
    monkeypatch.setattr(home, "_found", {})
    monkeypatch.setattr(download, "_AGAIN", Retry(0))
    yield
    temporary._remove_all()  # which otherwise would be there until the tests' own process ends


@pytest.fixture
def files() -> Iterator[Files]:
    with serving() as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Path:
    """See `new_repository`."""
    return new_repository(home, tmp_path)


def zipped(folder: Path, below: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*.yml")):
            archive.write(path, below + path.relative_to(folder).as_posix())
    return out.getvalue()


def fault(text: str) -> str:
    """What finding it says; never the secret."""
    with pytest.raises(ConfigurationError) as caught:
        find_home(text)
    said = str(caught.value)
    chain: BaseException | None = caught.value
    while chain is not None:
        assert TOKEN not in str(chain) and "glpat" not in str(chain)
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    return said


# -- folders and packages -----------------------------------------------------------------------------------------


def test_a_folder_is_taken_as_it_is(home: Path) -> None:
    found = find_home(str(home))
    assert (found.folder, found.origin) == (home, "")


def test_what_is_no_address_of_ours_is_said() -> None:
    assert "ftp:// is not understood; write a folder, package:NAME" in fault("ftp://files.example.edu/content.zip")


def test_an_installed_package(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = pack(home, tmp_path, "test")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    found = find_home("package:campus-catalog-content-test")
    assert found.folder == tmp_path / "site" / "campus_catalog_content_test"
    assert found.origin == f"package campus-catalog-content-test {wheel.name.split('-')[1]}"
    source = CampusRegisterSource.create({"home": "package:campus_catalog_content_test"}, context())
    (entry,) = source.get_report().infos
    assert "package campus_catalog_content_test 1.0." in entry.context[0]


@pytest.mark.parametrize("name", ["campus-catalog-content-none", "", "a b", "../x"])
def test_a_package_that_is_not_installed_is_said(name: str) -> None:
    assert f"package '{name}' is not installed" in fault(f"package:{name}")


def test_a_package_without_content_is_said() -> None:
    assert "no glossary/ in package json" in fault("package:json")


# -- git ----------------------------------------------------------------------------------------------------------


def test_a_tag_of_a_repository(repository: Path) -> None:
    found = find_home(f"git+file://{repository}@v1#subdirectory=school")
    commit = git(repository, "rev-parse", "v1")
    assert found.origin == f"git+file://{repository} commit {commit} (v1)"
    assert (found.folder / "glossary").is_dir() and not (found.folder / "second.txt").exists()


@pytest.mark.parametrize("ref", ["", "@main", "@COMMIT"])
def test_head_a_branch_and_a_commit(repository: Path, ref: str) -> None:
    ref = ref.replace("COMMIT", git(repository, "rev-parse", "main"))
    found = find_home(f"git+file://{repository}{ref}")  # the one folder with a glossary is found
    assert (found.folder / "second.txt").exists()


def test_the_same_text_is_fetched_once(repository: Path) -> None:
    text = f"git+file://{repository}"
    first = find_home(text)
    shutil.rmtree(repository)
    assert find_home(text) is first


def test_fetched_content_goes_with_the_process(repository: Path) -> None:
    code = "import sys; from campus_catalog.home.find import find_home; print(find_home(sys.argv[1]).folder)"
    command = [sys.executable, "-c", code, f"git+file://{repository}"]
    folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert folder and not Path(folder).exists()


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("@v9", "has no 'v9'; name a branch, a tag or a full commit id"),
        ("@0123456789012345678901234567890123456789", "name a branch, a tag or a full commit id"),
        ("@--upload-pack=x", "name a branch, a tag or a full commit id"),
        ("#subdirectory=nowhere", "no glossary/ in git+file://"),
        ("#subdirectory=../..", "leads out of git+file://"),
        ("#sub=x", "only subdirectory=... may stand behind #, not sub=x"),
        ("#v1", "only subdirectory=... may stand behind #, not v1"),
    ],
)
def test_faults_in_the_address_of_a_repository(repository: Path, rest: str, said: str) -> None:
    assert said in fault(f"git+file://{repository}{rest}")


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    assert "git fetch failed: fatal:" in fault(f"git+file://{tmp_path}/none.git")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("git+ftp://h/x.git", "git+ftp is not understood"),
        ("git+https:///x.git", "the address has no host"),
        (f"git+ssh://{USER}:{TOKEN}@h/x.git", "takes a key, not a password"),
        (f"git+https://{USER}:{TOKEN}@h:port/x.git", "%-escapes"),
        (f"git+https://{USER}:{TOKEN}%0a@h/x.git", "control character"),
    ],
)
def test_what_is_no_address_of_a_repository(text: str, said: str) -> None:
    assert said in fault(text)


def test_git_that_is_not_installed_is_said(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs the program git, which is not installed here" in fault(f"git+file://{repository}")


def test_a_host_that_is_not_there_is_a_connection_error(files: Files) -> None:
    files.server_close()
    said = fault(f"git+http://{USER}:{TOKEN}@{files.address}/content.git")
    assert "could not be reached" in said and f"git+http://{files.address}/content.git" in said
    assert is_connection_error(said)


def test_a_token_reaches_the_server_and_nothing_else(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Git's own trace has the arguments of every program it starts, as `ps` would show them."""
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    monkeypatch.setenv("GIT_TOKEN", TOKEN)
    caplog.set_level("DEBUG")
    with serving(repository.parent, wanted=f"{USER}:{TOKEN}") as files:
        found = find_home(f"git+http://{USER}:${{GIT_TOKEN}}@{files.address}/content.git@v1")
        assert (found.folder / "glossary").is_dir()
        assert "refused the credentials" in fault(f"git+http://{USER}:glpat-other@{files.address}/content.git")
        assert "refused the credentials" in fault(f"git+http://{files.address}/content.git")
    arguments = [event["argv"] for event in map(json.loads, trace.read_text().splitlines()) if "argv" in event]
    assert any("remote-http" in " ".join(words) for words in arguments)
    for place in (str(arguments), found.origin, caplog.text, (found.folder.parent / ".git" / "config").read_text()):
        assert TOKEN not in place
    assert f"content: git+http://{files.address}/content.git commit " in caplog.text


def test_a_token_a_server_says_back_is_hidden() -> None:
    lines = ["# service=git-upload-pack\n", "", f"ERR {USER} with {TOKEN} is not welcome"]
    said = "".join(f"{len(line) + 4:04x}{line}" if line else "0000" for line in lines)
    with serving(wanted=f"{USER}:{TOKEN}") as files:
        files.pages["/content.git/info/refs"] = (200, said.encode())
        assert f"{USER} with {HIDDEN} is not welcome" in fault(f"git+http://{USER}:{TOKEN}@{files.address}/content.git")


def test_a_variable_that_is_not_set_is_said() -> None:
    assert "environment variable NO_SUCH_TOKEN is not set" in fault("git+https://u:${NO_SUCH_TOKEN}@h/x.git")


@pytest.mark.parametrize("token", ["abCd/glpat+x=", "abCd#glpat", "u:12/glpat", "u:ab#glpat"])
@pytest.mark.parametrize("place", ["https://{}@127.0.0.1:1/x.zip", "git+https://{}@127.0.0.1:1/content.git@main",
                                   "git+https://{}@127.0.0.1:1/content.git"])  # fmt: skip
def test_a_token_with_a_character_that_ends_the_host_is_refused_and_not_said(place: str, token: str) -> None:
    assert "%-escapes" in fault(place.format(token))


# -- zip files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "content-main/"])
def test_a_zip_file(home: Path, files: Files, below: str) -> None:
    content = zipped(home, below)
    files.pages["/content.zip"] = (200, content)
    digest = hashlib.sha256(content).hexdigest()
    found = find_home(f"http://{files.address}/content.zip#sha256={digest}")
    assert found.origin == f"http://{files.address}/content.zip sha256 {digest}"
    assert (found.folder / "glossary" / "domains.yml").read_bytes() == (home / "glossary" / "domains.yml").read_bytes()


def test_the_wheel_is_one_too(home: Path, files: Files, tmp_path: Path) -> None:
    wheel = pack(home, tmp_path)
    files.pages[f"/{wheel.name}"] = (200, wheel.read_bytes())
    assert find_home(f"http://{files.address}/{wheel.name}").folder.name == "campus_catalog_content"


def test_two_plugins_of_a_run_download_it_once(home: Path, files: Files) -> None:
    files.pages["/content.zip"] = (200, zipped(home))
    for _ in range(2):
        CampusRegisterSource.create({"home": f"http://{files.address}/content.zip"}, context())
    assert files.seen == ["/content.zip"]


def test_credentials_and_a_token_in_the_query_are_sent_and_not_said(home: Path) -> None:
    with serving(wanted=f"{USER}:{TOKEN}") as files:
        files.pages["/content.zip"] = (200, zipped(home))
        found = find_home(f"http://{USER}:{TOKEN}@{files.address}/content.zip?key={TOKEN}")
        assert files.seen == [f"/content.zip?key={TOKEN}"]
        assert TOKEN not in found.origin
        said = fault(f"http://{USER}:glpat-other@{files.address}/content.zip?key={TOKEN}")
        assert f"http://{files.address}/content.zip refused the credentials (401)" in said
    assert "could not be reached" in fault(f"http://{USER}:{TOKEN}@{files.address}/other.zip?key={TOKEN}")


def archive(packing: int = zipfile.ZIP_DEFLATED, /, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as opened:
        for name, content in members.items():
            opened.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        entry = zipfile.ZipInfo("glossary/passwd")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        opened.writestr(entry, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>log in</html>", "is no zip file that can be unpacked"),
        (archive(other__a=b"x")[:-30], "is no zip file that can be unpacked"),
        (
            archive(zipfile.ZIP_LZMA, other__a=b"x").replace(b"\x05\x00]", b"\x05\x00\xff", 1),
            "is no zip file that can be unpacked",
        ),
        (archive(other__a=b"x"), "no glossary/ in"),
        (archive(**{"../glossary/a.yml": b"x"}), "'../glossary/a.yml' in it leads out of it"),
        (archive(**{"/etc/a.yml": b"x"}), "leads out of it"),
        (archive(**{"glossary\\..\\..\\a.yml": b"x"}), "leads out of it"),
        (link(), "'glossary/passwd' in it is a link"),
        (archive(glossary__a=b"0" * 5_000_000), "when unpacked"),
        (archive(**{f"glossary/{n}": b"" for n in range(60)}), "when unpacked"),
        (os.urandom(200_000), "is larger than"),
    ],
    ids=["page", "cut", "bad lzma", "no-content", "parent", "absolute", "backslash", "link", "bomb", "many", "large"],
)
def test_a_file_that_is_not_taken(files: Files, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in (("MAX_DOWNLOAD", 100_000), ("MAX_UNPACKED", 1_000_000), ("MAX_FILES", 50)):
        monkeypatch.setattr(download, name, limit)
    files.pages["/content.zip"] = (200, content)
    assert said in fault(f"http://{files.address}/content.zip")


def test_another_checksum_is_refused(home: Path, files: Files) -> None:
    files.pages["/content.zip"] = (200, zipped(home))
    assert f"not {'0' * 64} as its address says" in fault(f"http://{files.address}/content.zip#sha256={'0' * 64}")


@pytest.mark.parametrize("options", ["sha256=", "subdirectory=a&sha256=", "sha256"])
def test_a_checksum_left_empty_is_refused(files: Files, options: str) -> None:
    assert "only sha256=... and subdirectory=..." in fault(f"http://{files.address}/content.zip#{options}")


def test_a_signature_the_server_redirects_to_is_not_said(files: Files) -> None:
    files.pages["/content.zip"] = (302, f"http://127.0.0.1:1/obj?X-Amz-Signature={TOKEN}".encode())
    assert "content.zip could not be reached: ConnectionError" in fault(f"http://{files.address}/content.zip")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example.edu"])
def test_a_host_that_is_none_is_said(host: str) -> None:
    assert "could not be reached" in fault(f"http://{host}/content.zip")


@pytest.mark.parametrize(("status", "said"), [(404, "answered 404; check"), (403, "credentials (403)")])
def test_an_answer_that_is_no_file(files: Files, status: int, said: str) -> None:
    files.pages["/content.zip"] = (status, b"")
    assert said in fault(f"http://{files.address}/content.zip")


def test_a_server_in_trouble_is_a_connection_error(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.pages["/content.zip"] = (503, b"")
    assert "could not be reached: it answered 503" in fault(f"http://{files.address}/content.zip")
    files.pages["/content.zip"] = (200, b"x")
    monkeypatch.setattr(download, "TOTAL", -1)
    assert "could not be reached: it took longer" in fault(f"http://{files.address}/content.zip")


def test_a_fault_in_fetched_content_names_where_it_is_from(home: Path, files: Files) -> None:
    (home / "glossary" / "domains.yml").write_text("domains: 1", encoding="utf-8")
    files.pages["/content.zip"] = (200, zipped(home))
    with pytest.raises(ConfigurationError, match=f"the content has faults .http://{files.address}.* sha256 "):
        CampusRegisterSource.create({"home": f"http://{files.address}/content.zip"}, context())
