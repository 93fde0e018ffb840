"""People: whose act an event is - the learner's, or that of a colleague, of a button, of a demonstration.

Colleagues are simulated, and so are their names in the history; a button that does several things at once signs them
itself. Everybody else is the learner, whatever this machine calls them: who changes the name of a seat loses no tick.
"""

from __future__ import annotations

JO, LENA, RAVI = "Jo (colleague)", "Lena (colleague)", "Ravi (colleague)"
RUN_THE_CHAIN, NEXT_MONTH = "Run the chain", "Next month"
SHOW_ME, SKIP = "Show me", "Skip"

SIMULATED = frozenset({JO, LENA, RAVI, RUN_THE_CHAIN, NEXT_MONTH})
STAND_INS = frozenset({SHOW_ME, SKIP})
"""They act for the learner, each in a folder of its own."""


def is_learner(actor: str) -> bool:
    """Tell whether an act is the learner's own.

    Examples
    --------
    >>> is_learner("ada"), is_learner(JO), is_learner(SHOW_ME)
    (True, False, False)
    """
    return actor not in SIMULATED | STAND_INS


def counts(actor: str) -> bool:
    """Tell whether an act counts for a goal: the learner's own, or that of who stands in on a copy.

    Examples
    --------
    >>> counts("ada"), counts(RUN_THE_CHAIN), counts(SHOW_ME)
    (True, False, True)
    """
    return actor not in SIMULATED
