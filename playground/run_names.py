"""Names of runs that people can say: two words that follow from the id, so that everybody who looks says the same.

They stand beside the id and never replace it: ten thousand names are many, but two runs may share one.
"""

from __future__ import annotations

import hashlib

FIRST = (
    "amber", "ample", "apt", "azure", "balmy", "bold", "brave", "breezy", "brief", "bright", "brisk", "calm",
    "candid", "clear", "cool", "coral", "cosy", "crimson", "crisp", "deft", "dusty", "eager", "easy", "fleet", "fond",
    "frank", "free", "fresh", "frosty", "fuzzy", "gentle", "glad", "golden", "grand", "green", "happy", "hardy",
    "honest", "humble", "ivory", "jade", "jolly", "keen", "kind", "lilac", "lively", "loyal", "lucid", "lunar",
    "mellow", "merry", "mild", "misty", "modest", "mossy", "neat", "nimble", "noble", "olive", "open", "patient",
    "pearly", "plain", "polite", "proud", "quick", "quiet", "rapid", "rosy", "round", "royal", "ruby", "rustic",
    "sandy", "scarlet", "sharp", "shiny", "silent", "silver", "sleek", "smooth", "snug", "sober", "solar", "steady",
    "still", "stout", "sunny", "swift", "tall", "teal", "tidy", "tiny", "vast", "velvet", "vivid", "warm", "wavy",
    "windy", "zesty",
)  # fmt: skip
SECOND = (
    "acorn", "anchor", "apple", "badger", "basil", "beacon", "beaver", "birch", "bison", "brook", "canyon", "cedar",
    "cherry", "clover", "comet", "condor", "crane", "creek", "daisy", "delta", "dolphin", "dune", "eagle", "elm",
    "ember", "falcon", "fern", "field", "finch", "fjord", "forest", "fox", "garden", "gecko", "glade", "grove",
    "gull", "harbor", "hare", "hawk", "hazel", "hedge", "heron", "hill", "holly", "ibis", "island", "ivy", "jay",
    "juniper", "kestrel", "kite", "lagoon", "lake", "lark", "laurel", "lemon", "linden", "lotus", "lynx", "maple",
    "marten", "meadow", "mesa", "moose", "moss", "oak", "ocean", "orchid", "otter", "owl", "panda", "peak", "pearl",
    "pebble", "pine", "plum", "pond", "poplar", "puffin", "quail", "raven", "reef", "ridge", "river", "robin", "sage",
    "seal", "shore", "sparrow", "spruce", "stone", "stork", "swan", "sycamore", "thistle", "tiger", "tulip", "valley",
    "walnut",
)  # fmt: skip


def spoken(run_id: str) -> str:
    """Return the name of a run.

    Examples
    --------
    >>> spoken("r4f9a1c07be")
    'rustic tiger'
    """
    number = int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:8], "big")
    rest, first = divmod(number, len(FIRST))
    return f"{FIRST[first]} {SECOND[rest % len(SECOND)]}"
