"""The ``campus-catalog`` command: parse, call, print; no logic."""
