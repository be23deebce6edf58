"""Telling an outcome to a webhook. It never fails a run, and neither its address nor its key is ever printed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

from campus_catalog.schedule.models import Webhook

_TIMEOUT = 10
#: seconds between tries
_PAUSES = (1.0, 3.0)
_WORDS = {"succeeded": "成功", "partial": "部分完成", "failed": "失败"}
#: bytes of text WeCom's robot takes (https://developer.work.weixin.qq.com/document/path/91770); DingTalk takes more
_LONGEST = 2048


def tell(webhook: Webhook, report: Any, environment: Mapping[str, str]) -> str:
    """Send a report, again after what passes: no connection, too many requests, a server's fault.

    Args:
        webhook: where, and in which form.
        report: a ``Report``.
        environment: has the address, and the key of a robot that wants messages signed.

    Returns:
        What went wrong and what to do, without the address, or an empty string.
    """
    missing = unset(webhook, environment)
    if missing:
        return f"environment variable {missing[0]} is not set; set it where the schedule runs"
    body = payload(webhook.kind, report)
    for pause in (*_PAUSES, None):
        trouble, passes = _send(webhook, body, environment)
        if not trouble or not passes or pause is None:
            break
        time.sleep(pause)
    key = f", the key in {webhook.secret_env}" if webhook.secret_env else ""
    advice = f"check the address in {webhook.url_env}{key}, and that this machine reaches it"
    return f"{trouble}; {advice}" if trouble else ""


def unset(webhook: Webhook, environment: Mapping[str, str]) -> list[str]:
    """The variables it needs that are not set.

    Args:
        webhook: the webhook.
        environment: where they should be.

    Returns:
        Their names.
    """
    return [name for name in webhook.variables if not environment.get(name)]


def _send(webhook: Webhook, body: dict[str, Any], environment: Mapping[str, str]) -> tuple[str, bool]:
    """What went wrong, and whether it may be gone in a moment."""
    import requests

    secret = environment[webhook.secret_env] if webhook.secret_env else ""
    try:
        answer = requests.post(
            environment[webhook.url_env],
            params=signature(secret, round(time.time() * 1000)) if secret else None,
            json=body,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
        said = answer.json() if webhook.kind != "generic" and answer.ok else {}
    except Exception as error:  # the text of requests' errors has the address in it
        # an answer that did not come in time is no reason to say it twice
        return type(error).__name__, isinstance(error, requests.ConnectionError)
    if answer.status_code >= 300:
        return f"HTTP {answer.status_code}", answer.status_code == 429 or answer.status_code >= 500
    # both robots answer 200 and say in the body what was wrong
    refused = said.get("errcode") if isinstance(said, dict) else None
    return (f"errcode {refused}" if refused else ""), False


def signature(secret: str, timestamp: int) -> dict[str, str]:
    """What a DingTalk robot that wants messages signed expects in the address.

    As DingTalk's documentation of its custom robot says (自定义机器人安全设置，加签).

    Args:
        secret: its key, as its settings show it (``SEC…``).
        timestamp: now, in milliseconds; DingTalk takes it for an hour.

    Returns:
        The address's further parameters.
    """
    signed = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(signed).decode()}


def payload(kind: str, report: Any) -> dict[str, Any]:
    """What is sent.

    Args:
        kind: ``generic``, ``wecom`` or ``dingtalk``.
        report: a ``Report``.

    Returns:
        The body as JSON; a robot's text fits the size it takes.
    """
    if kind == "generic":
        keys = ("entry", "due", "started", "ended", "outcome", "reason", "advice", "missing", "attempts", "log")
        return {key: getattr(report, key) for key in keys}
    first = f"数据目录定时任务 {report.entry}：{_WORDS[report.outcome]}\n应运行时间：{report.due}"
    last = (f"\n处理：{report.advice}" if report.advice else "") + f"\n日志：{report.log}"
    reason = f"\n原因：{report.reason}" if report.reason else ""
    room = _LONGEST - len((first + last).encode())
    return {"msgtype": "text", "text": {"content": first + _cut(reason, room) + last}}


def _cut(text: str, size: int) -> str:
    """The text in at most so many bytes of UTF-8."""
    if len(text.encode()) <= size:
        return text
    return text.encode()[: size - len("…".encode())].decode(errors="ignore") + "…"
