"""The seeded invented county with known truth."""
