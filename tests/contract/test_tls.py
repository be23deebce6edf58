"""A server behind HTTPS with the school's own certificate authority, as most schools have it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
import yaml

from tests.contract.standin import Standin
from tests.support.content import campus
from tests.support.planning import COURSE, new_school

TOKEN = "t0ken-of-the-test"


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test says which authorities are known."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def gms(authority: trustme.CA) -> Iterator[Standin]:
    """A stand-in whose certificate the authority has signed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Standin(tls=context) as server:
        yield server


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return new_school(tmp_path)


def datahubenv(folder: Path, **gms: object) -> Path:
    """A home folder with the file ``datahub init`` writes."""
    folder.mkdir(exist_ok=True)
    (folder / ".datahubenv").write_text(yaml.safe_dump({"gms": gms}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "command", [("apply",), ("ingest",), ("plan",), ("search", "课程")], ids=lambda words: words[0]
)
def test_an_unknown_authority_is_said_with_what_to_do(
    command: tuple[str, ...], school: Path, gms: Standin, tmp_path: Path
) -> None:
    done = campus(*command, home=school, target=gms.url, HOME=str(tmp_path))
    assert done.returncode == 3
    assert "the certificate of" in done.stderr and "ca_certificate_path" in done.stderr
    assert "Traceback" not in done.stderr
    assert not gms.writes()


@pytest.mark.parametrize("way", ["ca_certificate_path", "disable_ssl_verification", "REQUESTS_CA_BUNDLE"])
def test_apply_and_ingest_over_https(
    way: str, school: Path, gms: Standin, authority: trustme.CA, tmp_path: Path
) -> None:
    bundle = tmp_path / "school-ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    environment = {"HOME": str(tmp_path / "user"), "DATAHUB_GMS_TOKEN": TOKEN}
    if way == "REQUESTS_CA_BUNDLE":
        environment[way] = str(bundle)
    else:
        datahubenv(tmp_path / "user", server=gms.url, **{way: str(bundle) if way.startswith("ca") else True})
    gms.require_token(TOKEN)
    done = campus("apply", home=school, target=gms.url, **environment)
    assert done.returncode == 0, done.stderr
    done = campus("ingest", "taxonomy", "register", home=school, target=gms.url, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert gms.store.get(COURSE, "ownership") and not gms.rejected
    assert "nothing to change" in campus("plan", home=school, target=gms.url, **environment).stdout


def test_a_bundle_in_the_environment_wins_and_is_named(school: Path, gms: Standin, tmp_path: Path) -> None:
    other = tmp_path / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    user = datahubenv(tmp_path / "user", server=gms.url, disable_ssl_verification=True)
    done = campus("plan", home=school, target=gms.url, HOME=str(user), REQUESTS_CA_BUNDLE=str(other))
    assert done.returncode == 3 and "put the school's own into the file REQUESTS_CA_BUNDLE names" in done.stderr


def test_options_of_another_server_are_not_used(school: Path, gms: Standin, tmp_path: Path) -> None:
    user = datahubenv(tmp_path / "user", server="https://elsewhere.example.edu", disable_ssl_verification=True)
    done = campus("plan", home=school, target=gms.url, HOME=str(user))
    assert done.returncode == 3 and "ca_certificate_path" in done.stderr


def test_https_to_a_server_that_speaks_http(school: Path, tmp_path: Path) -> None:
    with Standin() as plain:
        url = plain.url.replace("http:", "https:")
        done = campus("plan", home=school, target=url, HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (3, f"Error: {url} does not speak HTTPS; write http://\n")
