"""Where a secret stands, how a recipe must refer to it, and how it is taken out of what is said."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus_catalog.secrets import HIDDEN, Redactor, find, is_literal, is_secret_variable, values


def refused(config: Any) -> list[str]:
    return [text for _, text in find(config) if is_literal(text)]


@pytest.mark.parametrize(
    "config",
    [
        {"password": "hunter2"},
        {"password": 123456},
        {"password": "${P:-hunter2}"},
        {"password": "${P-hunter2}"},
        {"password": "${P:+hunter2}"},
        {"password": "hunter2${P}"},
        {"password": "$P"},
        {"sqlalchemy_uri": "postgresql://u:hunter2@db/demo"},
        {"sqlalchemy_uri": "postgresql://u:${P:-hunter2}@db/demo"},
        {"sqlalchemy_uri": "postgresql://u:hunter2${P}@db/demo"},
        {"sqlalchemy_uri": "postgresql://u:hun/ter2@db/demo"},
        {"hosts": "http://u:${P}@a http://u:hunter2@b"},
        {"home": "git+https://t0ken@git.example.edu/content.git"},
        {"connect_uri": "jdbc:oracle:thin:scott/tiger@db:1521/x"},
        *({key: "hunter2"} for key in (
            "pwd", "pass", "passphrase", "ssl_keyfile_passphrase", "api_key", "apiKey", "API-Key", "signing_key",
            "account_key", "privateKey", "private-key", "accessKey", "aws_secret_access_key", "client_secret",
            "sasl.password", "basic.auth.user.info", "bearer_token",
        )),
        {"headers": {"Authorization": "Bearer eyJhbGciOi"}},
        {"headers": {"X-Api-Key": "hunter2"}},
        {"headers": {"Cookie": "JSESSIONID=1"}},
        {"url": "https://files.example.edu/x?user=u&password=hunter2"},
        {"swagger_file": "openapi.json?api_key=hunter2"},
        {"url": "https://files.example.edu/x?sig=hunter2"},
        {"dsn": "host=h user=u password=hunter2"},
        {"dsn": "Server=h;PWD=hunter2;"},
        {"sasl.jaas.config": 'module required username="u" password="hunter2";'},
        {"password": ["hunter2"]},
        {"tokens": ["${A}", "hunter2"]},
        {"passwords": {"a": "hunter2"}},
        {"certificate": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"},
    ],
    ids=str,
)  # fmt: skip
def test_a_literal_secret_is_seen(config: dict[str, Any]) -> None:
    nested = {"source": {"config": [config]}}
    assert len(refused(nested)) == 1
    location, _ = next(found for found in find(nested) if is_literal(found[1]))
    assert location[:4] == ["source", "config", 0, next(iter(config))]


@pytest.mark.parametrize(
    "config",
    [
        {"password": "${P}"},
        {"password": "${P:-}"},
        {"password": "${P:?set it}"},
        {"password": None},
        {"password": ""},
        {"headers": {"Authorization": "Bearer ${T}", "Accept": "text/plain"}},
        {"sqlalchemy_uri": "postgresql://reader:${P}@db/demo"},
        {"sqlalchemy_uri": "mongodb://u:${P}@a:27017,b:27017/?replicaSet=x"},
        {"sqlalchemy_uri": "postgresql://reader@db/demo"},
        {"hosts": "http://u:${P}@a,http://u:${Q}@b"},
        {"home": "git+https://git.example.edu:8443/data/content.git@main"},
        {"home": "git+ssh://git@git.example.edu/data/content.git"},
        {"home": "https://files.example.edu/x.zip?to=a@b"},
        {"swagger_file": "openapi.json?api_key=${K}&v=2"},
        {"get_token": {"request_type": "post", "url_complement": "api/authenticate"}},
        {"credential": {"project_id": "school", "client_email": "a@b.example.edu"}},
        *({key: "x"} for key in (
            "token_url", "token_endpoint", "secret_name", "ssl_password_file", "private_key_path", "tokenizer",
            "secretary", "key", "primary_key", "include_tokens_pattern", "pass_through", "username",
        )),
        {"host_port": "127.0.0.1:5432", "database": "demo", "enabled": True, "limit": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_reference_and_an_ordinary_setting_are_none(config: dict[str, Any]) -> None:
    assert refused(config) == []


@pytest.mark.parametrize("name", ["DB_PASSWORD", "DB_PASSWORD_2", "TOKEN", "REGISTRY_KEY", "DB_PASS", "githubToken"])
def test_a_variable_is_secret_by_its_name(name: str) -> None:
    assert is_secret_variable(name)


@pytest.mark.parametrize(
    "name", ["PATH", "KEYBOARD", "TOKENIZERS_PARALLELISM", "COMPASS_HOME", "LANG", "PWD", "OLDPWD"]
)
def test_other_variables_are_not(name: str) -> None:
    assert not is_secret_variable(name)


SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=4, max_size=30)


@given(secret=SECRETS)
def test_whatever_a_secret_is_no_spelling_of_it_is_said(secret: str) -> None:
    redact = Redactor([secret])
    spellings = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1],
                 base64.b64encode(secret.encode()).decode()}  # fmt: skip
    for spelling in spellings:
        said = redact(f"could not connect [{spelling}] to it")
        assert spelling not in said.replace(HIDDEN, "") and said.endswith("] to it"), said


@given(secret=SECRETS.filter(lambda text: not text.startswith("${")))
def test_it_is_found_wherever_the_recipe_uses_it(secret: str) -> None:
    environment = {"NEEDLE": secret}
    configs: list[Any] = [
        {"password": "${NEEDLE}"}, {"uri": "postgresql://u:${NEEDLE}@h/db"}, {"url": "http://h/x?token=${NEEDLE}"},
        {"headers": [{"Authorization": "Bearer ${NEEDLE}"}]}, {"home": "git+https://${NEEDLE}@h/r.git"},
    ]  # fmt: skip
    for config in configs:
        assert secret in set(values(config, environment)), config


def test_what_a_driver_makes_of_a_password_is_hidden_too() -> None:
    redact = Redactor(["Pl4nted@n3edle/x:y", "ab@c9"])
    for text in ('host name "n3edle" is unknown', 'host name "c9@127.0.0.1" is unknown', "port Pl4nted"):
        assert HIDDEN in redact(text)
    assert redact("127.0.0.1:5432") == "127.0.0.1:5432"


def test_an_address_is_said_without_what_opens_it() -> None:
    redact = Redactor([])
    assert redact("https://u:hunter2@h/x") == f"https://u:{HIDDEN}@h/x"
    assert redact("url: /x.zip?v=1&X-Amz-Signature=ab12 failed") == f"url: /x.zip?v=1&X-Amz-Signature={HIDDEN} failed"
    assert redact("GET https://h:8080/a@b?page=2") == "GET https://h:8080/a@b?page=2"


def test_a_webhook_s_address_does_not_black_out_ordinary_words() -> None:
    redact = Redactor(["https://hooks.example.edu/send?key=s3cr3t"])
    assert redact("see https://docs.example.edu/send") == "see https://docs.example.edu/send"
    assert "s3cr3t" not in redact("POST https://hooks.example.edu/send?key=s3cr3t")
