"""Files to good rows and row errors; no database."""
