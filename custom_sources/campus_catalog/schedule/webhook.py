"""Telling an outcome to a webhook. It never fails a run, and its address is never printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campus_catalog.schedule.models import Webhook

_TIMEOUT = 10
_WORDS = {"succeeded": "成功", "partial": "部分完成", "failed": "失败"}
#: WeCom takes 4,096 bytes, a Chinese character is three
_LONGEST = 1200


def tell(webhook: Webhook, report: Any, environment: Mapping[str, str]) -> str:
    """Send a report; returns what went wrong, without the address, or an empty string."""
    import requests

    url = environment.get(webhook.url_env)
    if not url:
        return f"environment variable {webhook.url_env} is not set"
    try:
        answer = requests.post(url, json=payload(webhook.kind, report), timeout=_TIMEOUT, allow_redirects=False)
        body = answer.json() if webhook.kind != "generic" and answer.ok else {}
    except Exception as error:  # the text of requests' errors has the address in it
        return type(error).__name__
    if answer.status_code >= 300:
        return f"HTTP {answer.status_code}"
    # both robots answer 200 and say in the body what was wrong
    refused = body.get("errcode") if isinstance(body, dict) else None
    return f"errcode {refused}" if refused else ""


def payload(kind: str, report: Any) -> dict[str, Any]:
    """What is sent."""
    if kind == "generic":
        keys = ("entry", "due", "started", "ended", "outcome", "reason", "advice", "missing", "attempts")
        return {key: getattr(report, key) for key in keys}
    lines = [f"数据目录定时任务 {report.entry}：{_WORDS[report.outcome]}", f"应运行时间：{report.due}"]
    if report.reason:
        lines.append(f"原因：{report.reason}")
    if report.advice:
        lines.append(f"处理：{report.advice}")
    text = "\n".join(lines)
    return {"msgtype": "text", "text": {"content": text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"}}
