"""Failures on demand: what a server does when it is busy, broken, out of reach or asked by a stranger."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Sequence

KINDS = ("429", "500", "401", "timeout", "drop", "lost")


class Failures:
    """Decides which request fails, and how.

    429, 500 and 401 are answers; `timeout` hangs, `drop` closes the connection at once, and `lost` does so after having
    done what was asked: the one a client cannot tell from `drop`, and must be able to repeat.

    `/config` never fails: clients read it before anything else, and the point is how they fare afterwards.

    Attributes:
        happened: the kinds that were handed out, in order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[tuple[str, str]] = deque()
        self._rate = 0.0
        self._kinds: Sequence[str] = ()
        self._random = random.Random(0)
        self.happened: list[str] = []

    def fail_next(self, n: int, kind: int | str, path: str = "") -> None:
        """Fails the next n requests whose path contains `path`; calls add up and are used in order."""
        with self._lock:
            self._queue.extend([(_kind(kind), path)] * n)

    def fail_rate(self, p: float, kinds: Sequence[int | str], seed: int = 0) -> None:
        """Fails each request with probability p, in one of the given ways; the seed makes it repeatable. 0 stops it."""
        with self._lock:
            self._rate, self._kinds, self._random = p, [_kind(kind) for kind in kinds], random.Random(seed)

    def next(self, path: str) -> str | None:
        """Returns how the request to this path fails, None if it does not."""
        with self._lock:
            kind = None
            if self._queue and self._queue[0][1] in path:
                kind = self._queue.popleft()[0]
            elif self._rate and self._random.random() < self._rate:
                kind = self._random.choice(self._kinds)
            if kind:
                self.happened.append(kind)
            return kind


def _kind(kind: int | str) -> str:
    if str(kind) not in KINDS:
        raise ValueError(f"unknown kind of failure {kind!r}; there are {', '.join(KINDS)}")
    return str(kind)
