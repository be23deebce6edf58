"""What every model of content is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class ContentModel(BaseModel):
    """Base of every content model: unknown keys are errors, so a typing mistake never passes silently."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=120),
    Field(description="标识：小写英文字母、数字、点、下划线和连字符，不能重复；定下后不要再改，名称可以改"),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: a list in which a single value may be written without brackets
Words = Annotated[list[Text], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
