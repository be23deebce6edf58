"""campus-catalog: a school's data-management regulation as a working DataHub catalog."""

__version__ = "0.1.0"
