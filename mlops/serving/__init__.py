"""Serving: the live version of a model behind HTTP, for programs that ask one row at a time."""
