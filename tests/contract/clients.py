"""DataHub's own clients of a server or its stand-in, and something to write with them."""

from __future__ import annotations

from typing import Any

from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.emitter.rest_emitter import DatahubRestEmitter
from datahub.ingestion.graph.client import DataHubGraph
from datahub.ingestion.graph.config import DatahubClientConfig
from datahub.metadata.schema_classes import DatasetPropertiesClass

COURSE = "urn:li:dataset:(urn:li:dataPlatform:postgres,jwxt.public.course,PROD)"


def emitter(gms: Any, **options: Any) -> DatahubRestEmitter:
    return DatahubRestEmitter(gms.url, **{"retry_max_times": 0, "openapi_ingestion": False, **options})


def graph(gms: Any, **options: Any) -> DataHubGraph:
    return DataHubGraph(DatahubClientConfig(server=gms.url, retry_max_times=0, **options))


def properties(urn: str = COURSE, name: str = "课程信息") -> MetadataChangeProposalWrapper:
    return MetadataChangeProposalWrapper(entityUrn=urn, aspect=DatasetPropertiesClass(name=name))
