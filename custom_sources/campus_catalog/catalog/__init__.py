"""A catalog one can read and write: DataHub Lite, a file, or a DataHub server."""
