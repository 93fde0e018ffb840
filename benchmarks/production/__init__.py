"""Benchmarks of production."""
