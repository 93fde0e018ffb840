"""Benchmarks of trainings."""
