"""The ground: ledger, artifacts, records, clock, words and errors. Knows nothing of data or models."""
