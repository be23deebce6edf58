"""Refusing secrets written out in what content gives DataHub's executor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campus_catalog.content.places import Problems
from campus_catalog.secrets import is_literal, is_secret_variable, secrets_in


def check_secrets(
    variables: Mapping[str, str], extra_pip: str | None, path: Path, place: list[Any], problems: Problems
) -> None:
    """Refuse a secret that is written out; the problem does not repeat it.

    Args:
        variables: ``extra_env`` as a mapping.
        extra_pip: the further requirements.
        path: the file in which they are written.
        place: keys and indexes that lead to them there.
        problems: receives the fault.
    """
    for name, value in variables.items():
        if is_secret_variable(name):
            message = f"「{name}」不得写明文，请放在运行环境里"
            problems.add(path, [*place, "extra_env"], "secret", message)
        elif any(map(is_literal, secrets_in(value))):
            message = f"「{name}」中不得写明文密码或令牌，请用 ${{NAME}} 引用环境变量"
            problems.add(path, [*place, "extra_env"], "secret", message)
    if any(map(is_literal, secrets_in(extra_pip or ""))):
        message = "「extra_pip」中不得写明文密码或令牌，请用 ${NAME} 引用环境变量"
        problems.add(path, [*place, "extra_pip"], "secret", message)
