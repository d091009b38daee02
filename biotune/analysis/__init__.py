"""From the log to a verdict, by pure functions."""
