"""DataHub's own executor, in a process of its own: `python -m tests.support.executor FOLDER SERVER < REQUEST`.

It is the executor of the datahub-actions container, which ships in acryl-datahub: it makes the environment, installs
what the request says and runs `datahub ingest` there. The request is what a server writes for it.
"""

from __future__ import annotations

import json
import sys


def main(folder: str, server: str) -> None:
    """Run one request and say how it ended."""
    from datahub.executor.execution.reporting_executor import ReportingExecutor, ReportingExecutorConfig
    from datahub.executor.execution.task import TaskConfig
    from datahub.executor.request.execution_request import ExecutionRequest
    from datahub.ingestion.graph.client import DataHubGraph
    from datahub.ingestion.graph.config import DatahubClientConfig

    request = json.load(sys.stdin)
    task = TaskConfig(
        name=request["task"],
        type="datahub.executor.execution.sub_process_ingestion_task.SubProcessIngestionTask",
        configs={"tmp_dir": f"{folder}/tmp", "log_dir": f"{folder}/logs"},
    )
    graph = DataHubGraph(DatahubClientConfig(server=server))
    executor = ReportingExecutor(
        ReportingExecutorConfig(id=request["executorId"], task_configs=[task], secret_stores=[], graph_client=graph)
    )
    result = executor.execute(
        ExecutionRequest(
            executor_id=request["executorId"], exec_id=request["id"], name=request["task"], args=request["args"]
        )
    )
    print(result.get_summary())
    print(result.type.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
