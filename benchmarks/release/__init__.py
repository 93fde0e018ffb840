"""Benchmarks of releases and predictions."""
