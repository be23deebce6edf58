"""Pure functions from model objects to DataHub aspects; no I/O."""
