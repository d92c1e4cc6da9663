"""Engine, transactions, schema, bulk paths."""
