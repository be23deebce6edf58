"""Handing the schedule to DataHub's executor."""
