"""Is anything lost or done twice? Processes are killed, doubled and starved here."""
