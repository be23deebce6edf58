"""A stand-in for a DataHub server: the endpoints that acryl-datahub 1.7 calls, over real HTTP, kept in memory.

It exists so that the project's own client code, and DataHub's, can be tested against everything a server may answer,
without the dozen containers of a real one. It checks proposals as strictly as the models bundled with acryl-datahub
allow (see `proposals`) and fails on demand (see `failures`).

What it does not do, on purpose: authorization, lineage and relationships, retention and old versions, and being late:
`async` writes are checked and applied at once. Anything it does not know is a 404 and is listed in `unknown_requests`.

    with Standin() as server:
        graph = DataHubGraph(DatahubClientConfig(server=server.url))
        ...
        assert server.store.get(urn, "ownership") and not server.rejected
"""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.contract import routes
from tests.contract.failures import Failures
from tests.contract.proposals import Proposal, Rejected
from tests.contract.store import Store

VERSION = "v1.7.0"
# What a server answers without asking who it is.
OPEN_PATHS = ("/config", "/health")


@dataclass
class Request:
    """A request, taken apart. `path` is decoded and without the query, `action` is Rest.li's `?action=`."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None

    @property
    def action(self) -> str:
        return self.arg("action")

    def arg(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass
class Seen:
    """A request and the status it got; 0 when there was no answer."""

    method: str
    path: str
    status: int


class Standin:
    """The stand-in server. Starts on a free port when entered or `start`ed.

    Attributes:
        url: its address.
        store: what it holds (`store.get(urn, aspect)`, `store.urns(type)`, `store.accepted`).
        requests: every request it saw.
        unknown_requests: the ones it had no answer for; a test may assert that there are none.
        tls: what it speaks HTTPS with; None for plain HTTP.
        timeout_seconds: how long a request hangs that fails with `timeout`.
        lacking: entity types and aspects an older server does not have; put names in to be one. `specifications` is the
            endpoint that names them.
    """

    def __init__(self, version: str = VERSION, tls: ssl.SSLContext | None = None) -> None:
        self.version = version
        self.tls = tls
        self.lacking: set[str] = set()
        self.store = Store()
        self.failures = Failures()
        self.requests: list[Seen] = []
        self.unknown_requests: list[Seen] = []
        self.timeout_seconds = 3.0
        self.token: str | None = None
        self.closing = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None, "the stand-in is not running"
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def rejected(self) -> list[tuple[Proposal, str]]:
        """The proposals that were refused, each with the reason."""
        return self.store.rejected

    def start(self) -> Standin:
        """Starts the server in a thread of its own and returns it."""
        standin = self

        class Handler(_Handler):
            server_standin = standin

        self._server = _Server(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stops the server; what it holds can still be looked at."""
        self.closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Standin:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fail_next(self, n: int, kind: int | str, path: str = "") -> None:
        """Fails the next n requests (whose path contains `path`): 429, 500, 401, "timeout", "drop" or "lost"."""
        self.failures.fail_next(n, kind, path)

    def fail_rate(self, p: float, kinds: Sequence[int | str], seed: int = 0) -> None:
        """Fails every request with probability p, in one of the given ways."""
        self.failures.fail_rate(p, kinds, seed)

    def require_token(self, token: str | None) -> None:
        """Answers 401 to whoever does not send this token; None asks for none. `/config` stays open, as on a server."""
        self.token = token

    def writes(self, path: str = "") -> list[Proposal]:
        """The proposals applied so far, those whose urn contains `path`."""
        return [proposal for proposal in self.store.accepted if path in proposal.urn]

    def config(self) -> dict[str, Any]:
        """The body of `/config`, with the fields of a 1.x server."""
        # clients keep on disk, by address and commit, what a server knows: one that knows less is another build
        commit = hashlib.sha1(" ".join(sorted(self.lacking)).encode()).hexdigest()
        return {
            "models": {},
            "patchCapable": True,
            "versions": {"acryldata/datahub": {"version": self.version, "commit": commit}},
            "managedIngestion": {"defaultCliVersion": "1.7.0", "enabled": True},
            "statefulIngestionCapable": True,
            "supportsImpactAnalysis": True,
            "timeZone": "GMT",
            "telemetry": {"enabledCli": False, "enabledIngestion": False},
            "datasetUrnNameCasing": False,
            "retention": "true",
            "datahub": {"serverType": "quickstart", "serverEnv": "core"},
            "noCode": "true",
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that gives up closes the connection under us: that is what the tests are about, not an error.
        pass


class _Handler(BaseHTTPRequestHandler):
    server_standin: Standin
    protocol_version = "HTTP/1.1"  # keeps connections open, which clients' pools count on
    disable_nagle_algorithm = True

    def do_any(self) -> None:
        """Answers one request."""
        standin = self.server_standin
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, unquote(parts.path), parse_qs(parts.query))
        seen = Seen(self.command, self.path, 0)
        standin.requests.append(seen)

        is_open = request.path.rstrip("/") in OPEN_PATHS
        failure = None if is_open else standin.failures.next(self.path)
        if failure == "drop":
            self._hang_up()
            return
        if failure == "timeout":
            standin.closing.wait(standin.timeout_seconds)
            self._hang_up()
            return
        if failure not in (None, "lost") or not (is_open or self._authenticated()):
            status = int(failure) if failure and failure != "lost" else 401
            extra = {"Retry-After": "1"} if status == 429 else {}
            seen.status = status
            self._answer(status, _error(status, "a failure the test asked for" if failure else "Unauthorized"), extra)
            return
        try:
            request.body = json.loads(raw) if raw else None
            status, body = routes.answer(standin, request)
        except Rejected as problem:
            status, body = problem.status, _error(problem.status, problem.message)
        except ValueError as error:
            status, body = 400, _error(400, f"the request is malformed: {error}")
        except Exception as error:  # shown to the client, so that the test sees it
            status, body = 500, _error(500, f"the stand-in broke: {error!r}")
        if failure == "lost":
            self._hang_up()
            return
        seen.status = status
        if status == 404 and body is None:
            standin.unknown_requests.append(seen)
            body = _error(404, f"the stand-in does not know {self.command} {self.path}")
        self._answer(status, body, {"traceparent": _trace()})

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_any

    def _authenticated(self) -> bool:
        token = self.server_standin.token
        return token is None or self.headers.get("Authorization") == f"Bearer {token}"

    def _answer(self, status: int, body: Any, headers: dict[str, str]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class calls it so)
        pass


def _error(status: int, message: str) -> dict[str, Any]:
    # Rest.li's fields and the OpenAPI layer's, which says the same under `error`.
    kind = "com.linkedin.restli.server.RestLiServiceException"
    trace = f"{kind} [HTTP Status:{status}]: {message}\n\tat com.linkedin.metadata.resources.entity.AspectResource"
    return {"exceptionClass": kind, "stackTrace": trace, "message": message, "error": message, "status": status}


def _trace() -> str:
    # A server's trace ids start with the time in microseconds.
    return f"00-{int(time.time() * 1_000_000):016x}{uuid.uuid4().hex[:16]}-{uuid.uuid4().hex[:16]}-01"
