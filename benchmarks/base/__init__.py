"""Benchmarks of the ledger and what opening it costs."""
