"""Brings content of older versions to the version this package reads."""
