"""One screen a file, drawing only."""
