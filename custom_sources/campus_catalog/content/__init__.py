"""Reading content: its models, places, names, and the YAML it is written in."""
