"""Running recipes into a target."""
