"""A lie: a copy of the history in which an old event says something else, and how far its hashes give that away.

Each event holds the hash of the one before it. Who changes an old one on a copy breaks the chain from there on; who
then recomputes every hash has a copy that proves itself, lie and all. What gives it away is a hash that somebody kept
elsewhere. The copy is a real workspace inside the folder of the one it was made of, and nothing here touches that one:
it only notes what was done.
"""

from playground.lie.copied import SHORTEST, Kept, Lie, Link, before, folder, kept, prove, read, texts
from playground.lie.hiding import keep, recompute, tell, throw_away

__all__ = [
    "SHORTEST",
    "Kept",
    "Lie",
    "Link",
    "before",
    "folder",
    "keep",
    "kept",
    "prove",
    "read",
    "recompute",
    "tell",
    "texts",
    "throw_away",
]
