"""Data: datasets and their versions, how files are read, what columns are for, what differs."""
