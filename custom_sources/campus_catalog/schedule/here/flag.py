"""What a signal tells the loop that it interrupts."""

from __future__ import annotations

from time import monotonic, sleep

#: seconds between two looks
_LOOK = 0.1


class Flag:
    """A ``threading.Event`` for signal handlers.

    An event has a lock. The handler of a second signal, which interrupts that of the first, would wait for it for ever.
    """

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Raise the flag."""
        self._set = True

    def clear(self) -> None:
        """Lower it."""
        self._set = False

    def is_set(self) -> bool:
        """Whether it is raised.

        Returns:
            True from ``set`` to ``clear``.
        """
        return self._set

    def wait(self, seconds: float) -> bool:
        """Wait until it is raised.

        Args:
            seconds: at most so long.

        Returns:
            Whether it is raised.
        """
        deadline = monotonic() + seconds
        while not self._set and (left := deadline - monotonic()) > 0:
            sleep(min(left, _LOOK))
        return self._set
