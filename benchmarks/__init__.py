"""Measurements of our code beside a floor; see README.md."""
