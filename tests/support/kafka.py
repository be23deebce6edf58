"""A Kafka broker and a schema registry for the tests.

The broker is the one that librdkafka, the client library itself, has built in for such tests: it listens on a port,
speaks Kafka's own protocol, and dies with the object that keeps it. The registry answers what Confluent's client asks.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from datahub.metadata.schema_classes import MetadataChangeProposalClass
from fastavro import parse_schema

PROPOSALS = "MetadataChangeProposal_v1"
SECONDS = 20


class Broker:
    """A Kafka broker on a free port of this machine; started when entered, gone when left or stopped."""

    def __init__(self) -> None:
        self._keeper: Producer | None = None
        self.bootstrap = ""

    def __enter__(self) -> Broker:
        # told to mock, the client starts a cluster of its own and takes no notice of the address
        self._keeper = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
        brokers = self._keeper.list_topics(timeout=SECONDS).brokers.values()
        self.bootstrap = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes the port; what was sent is lost."""
        self._keeper = None

    def count(self, topic: str) -> int:
        """How many messages were sent to a topic."""
        consumer = self._consumer()
        try:
            return sum(end for _, _, end in self._partitions(consumer, topic))
        finally:
            consumer.close()

    def messages(self, topic: str) -> list[tuple[str, bytes]]:
        """Key and value of every message of a topic, in the order of each partition.

        Raises:
            LookupError: the broker, which keeps some megabytes, no longer has them all.
            TimeoutError: it does not give what it says it has.
        """
        consumer = self._consumer()
        try:
            partitions = self._partitions(consumer, topic)
            if any(start for _, start, _ in partitions):
                raise LookupError(f"the broker has dropped the first messages of {topic}")
            expected = sum(end for _, _, end in partitions)
            consumer.assign([TopicPartition(topic, number, 0) for number, _, _ in partitions])
            found: list[tuple[str, bytes]] = []
            while len(found) < expected:
                message = consumer.poll(SECONDS)
                if message is None or message.error():
                    raise TimeoutError(f"{len(found)} of {expected} messages: {message and message.error()}")
                found.append(((message.key() or b"").decode(), message.value() or b""))
            return found
        finally:
            consumer.close()

    def _consumer(self) -> Consumer:
        return Consumer({"bootstrap.servers": self.bootstrap, "group.id": "tests", "enable.auto.commit": False})

    @staticmethod
    def _partitions(consumer: Consumer, topic: str) -> list[tuple[int, int, int]]:
        """Number, first offset and end of each partition."""
        numbers = consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions
        places = [TopicPartition(topic, number) for number in numbers]
        return [(place.partition, *consumer.get_watermark_offsets(place, timeout=SECONDS)) for place in places]


class Registry:
    """A schema registry over HTTP, which keeps what is registered under a subject.

    Attributes:
        schemas: the schemas, by id minus one.
        subjects: subject -> id.
        asked: every request, `METHOD path`.
        unknown: those it had no answer for.
    """

    def __init__(self) -> None:
        self.schemas: list[str] = []
        self.subjects: dict[str, int] = {}
        self.asked: list[str] = []
        self.unknown: list[str] = []
        registry = self

        class Handler(_Handler):
            server_registry = registry

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Registry:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and body of the answer."""
        parts = path.split("?")[0].strip("/").split("/")
        if method == "POST" and parts[0] == "subjects" and parts[2:] in (["versions"], []):
            return self._register(parts[1], body["schema"])
        if method == "GET" and parts[:2] == ["schemas", "ids"] and 0 < int(parts[2]) <= len(self.schemas):
            return 200, {"schema": self.schemas[int(parts[2]) - 1]}
        self.unknown.append(f"{method} {path}")
        return 404, {"error_code": 40401, "message": "not found"}

    def _register(self, subject: str, schema: str) -> tuple[int, Any]:
        parse_schema(json.loads(schema))  # raises what the handler answers with 422
        if schema not in self.schemas:
            self.schemas.append(schema)
        self.subjects[subject] = self.schemas.index(schema) + 1
        return 200, {"subject": subject, "version": 1, "id": self.subjects[subject], "schema": schema}


class _Handler(BaseHTTPRequestHandler):
    server_registry: Registry
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server_registry.asked.append(f"{self.command} {self.path}")
        try:
            status, body = self.server_registry.answer(self.command, self.path, json.loads(raw) if raw else None)
        except Exception as error:  # whatever the schema's parser stumbles over
            status, body = 422, {"error_code": 42201, "message": f"Invalid schema: {error}"}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _any

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class calls it so)
        pass


def proposals(broker: Broker, registry: Registry, topic: str = PROPOSALS) -> list[MetadataChangeProposalClass]:
    """The proposals of a topic, decoded with the schema that the registry has for each message."""
    decode = AvroDeserializer(
        SchemaRegistryClient({"url": registry.url}),
        from_dict=lambda found, _: MetadataChangeProposalClass.from_obj(found, tuples=True),
    )
    context = SerializationContext(topic, MessageField.VALUE)
    found = []
    for key, value in broker.messages(topic):
        proposal = decode(value, context)
        assert key == proposal.entityUrn, "messages are spread over partitions by their key"
        found.append(proposal)
    return found
