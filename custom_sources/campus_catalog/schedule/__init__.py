"""Running recipes and commands on their cron lines, on one machine, for years."""
