"""Experiments: configs and runs, and what runs say about each other."""
