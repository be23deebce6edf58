"""The models of ``ingestion_recipes/schedule/schedule.yml``. See docs/howto/schedule.md."""

from __future__ import annotations

import json
import re
import shlex
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, model_validator
from pydantic import Field as Key

from campus_catalog.content.models import ContentModel, Id, Text
from campus_catalog.schedule.cron import parse_cron

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
OUTCOMES = ("succeeded", "partial", "failed")


def _duration(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,5}[smhd]", text):
        raise ValueError("应为时长，如 90s、30m、2h、1d")
    return text


def _cron(line: str) -> str:
    parse_cron(line, ZoneInfo("UTC"))
    return line


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # an unknown name, one that is no name at all, or a folder of the database
        raise ValueError("不是时区名称，如 Asia/Shanghai") from None
    return name


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("应为环境变量的名称；地址本身请放在该环境变量里")
    return name


def _pairs(text: str) -> str:
    if not all(re.match(r"[A-Za-z_][A-Za-z0-9_]*=", pair) for pair in text.split(",")):
        raise ValueError("应为 NAME=VALUE,NAME=VALUE")
    return text


def _requirements(text: str) -> str:
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(line, str) for line in listed):
        raise ValueError("""应为 JSON 列表，如 '["campus-catalog[postgres]==0.1.0"]'""")
    return text


def _command(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError:
        raise ValueError("引号不成对") from None
    return text


Duration = Annotated[Text, AfterValidator(_duration)]


def seconds(duration: str) -> int:
    """A duration such as ``2h`` in seconds.

    Args:
        duration: a number and one of s, m, h, d.

    Returns:
        The seconds.
    """
    return int(duration[:-1]) * _UNITS[duration[-1]]


class Webhook(ContentModel):
    """Where outcomes are told. The address is a secret, so only the variable that holds it is named."""

    url_env: Annotated[Text, AfterValidator(_variable)] = Key(description="存放地址的环境变量名")
    secret_env: Annotated[Text, AfterValidator(_variable)] | None = Key(
        default=None, description="存放钉钉机器人加签密钥的环境变量名"
    )
    kind: Literal["generic", "wecom", "dingtalk"] = Key(
        default="generic", description="generic：JSON；wecom：企业微信机器人；dingtalk：钉钉机器人"
    )
    on: list[Literal["succeeded", "partial", "failed"]] = Key(
        default=["partial", "failed"], description="哪些结果要通知：succeeded 成功，partial 部分完成，failed 失败"
    )

    @model_validator(mode="after")
    def _signed(self) -> Webhook:
        if self.secret_env and self.kind != "dingtalk":
            raise ValueError("只有 dingtalk 机器人加签，请去掉 secret_env")
        return self

    @property
    def variables(self) -> list[str]:
        """The environment variables it needs; their values are secrets."""
        return [self.url_env, *([self.secret_env] if self.secret_env else [])]


class Executor(ContentModel):
    """What a run in DataHub's executor needs. Said of the whole file, it holds for entries that say nothing else."""

    where: Literal["here", "datahub"] | None = Key(
        default=None, description="采集配置只在本机（here）或只在 DataHub（datahub）按时运行；命令总在本机"
    )
    executor_id: Text | None = Key(default=None, description="由哪个执行器运行；默认为 default")
    extra_pip: Annotated[Text, AfterValidator(_requirements)] | None = Key(
        default=None, description="执行器另装的包，JSON 列表；默认为与本机同版本的 campus-catalog"
    )
    extra_env: Annotated[Text, AfterValidator(_pairs)] | None = Key(
        default=None, description="NAME=VALUE,NAME=VALUE；条目与全文件的合并"
    )
    cli_version: Text | None = Key(default=None, description="执行器用的 acryl-datahub 版本；默认为服务器的版本")

    @property
    def variables(self) -> dict[str, str]:
        """``extra_env`` as a mapping."""
        pairs = (pair.split("=", 1) for pair in (self.extra_env or "").split(",") if pair)
        return {name.strip(): value for name, value in pairs}


class Entry(Executor):
    """One thing to run: a recipe, or another command of campus-catalog."""

    id: Id
    name: Text | None = Key(default=None, description="在 DataHub 中显示的名称；默认为 id")
    recipe: Text | None = Key(default=None, description="采集配置的名称")
    command: Annotated[Text, AfterValidator(_command)] | None = Key(
        default=None, description="campus-catalog 的一条命令，如 apply --yes"
    )
    schedule: Annotated[Text, AfterValidator(_cron)] | None = Key(
        default=None, description="cron：分 时 日 月 周；不写则只手工运行"
    )
    time_zone: Annotated[Text, AfterValidator(_zone)] | None = Key(
        default=None, description="时区，如 Asia/Shanghai；不写即全文件的"
    )
    enabled: bool = Key(default=True, description="false：暂停，不按时运行")
    timeout: Duration = Key(default="2h", description="每次尝试最长多久，如 90s、30m、2h、1d；超时即终止")
    retries: int = Key(default=2, ge=0, le=10, description="连不上时再试几次")
    retry_after: Duration = Key(
        default="1m", description="连不上时隔多久再试，写法同 timeout；以后每次加倍，最长 15 分钟"
    )

    @property
    def here(self) -> bool:
        """Whether ``schedule run`` runs it; DataHub knows no commands."""
        return self.recipe is None or self.where != "datahub"


class ScheduleFile(Executor):
    """The whole file."""

    time_zone: Annotated[Text, AfterValidator(_zone)] = Key(
        default="Asia/Shanghai", description="没有自己写明时区的定时项所用的时区"
    )
    keep: int = Key(default=30, ge=1, description="每项保留最近多少次运行的日志和报告")
    at_once: int = Key(default=4, ge=1, description="同时最多运行几项，其余等候")
    webhook: Webhook | None = Key(default=None, description="把运行结果通知到哪里；不写即不通知")
    entries: list[Entry] = Key(default=[], description="定时项")

    def complete(self) -> list[Entry]:
        """The entries with what the file says for all of them.

        Returns:
            A copy of each, in their order.
        """
        return [self._completed(entry) for entry in self.entries]

    def _completed(self, entry: Entry) -> Entry:
        variables = ",".join(f"{name}={value}" for name, value in {**self.variables, **entry.variables}.items())
        return entry.model_copy(
            update={
                "where": entry.where or self.where,
                "executor_id": entry.executor_id or self.executor_id or "default",
                "extra_pip": entry.extra_pip or self.extra_pip,
                "extra_env": variables or None,
                "cli_version": entry.cli_version or self.cli_version,
            }
        )
