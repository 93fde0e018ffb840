"""Benchmarks of the screens."""
