"""Decision models: frames in, frames out; no database, no clock, no screen."""
