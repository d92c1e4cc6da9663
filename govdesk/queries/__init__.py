"""Reads: frames or frozen dataclasses, never mapped objects; every one takes a scope."""
