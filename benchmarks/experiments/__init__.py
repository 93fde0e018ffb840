"""Benchmarks of runs."""
