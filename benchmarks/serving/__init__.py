"""Benchmarks of serving over HTTP."""
