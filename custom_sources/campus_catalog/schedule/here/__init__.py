"""Running the schedule on this machine."""
