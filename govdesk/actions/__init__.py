"""Writes: one plain function each, keyword-only, one transaction, audit row inside."""
