"""Levels: how a text column spells its values, and whether a file spells them as the known data does.

A level that nobody has seen before may be news - a region, a channel, the next month - or an old one under another
name. Only the second is a fault: a model takes the renamed level for nothing it knows, and answers all the same.
`recoding` tells them apart, for versions (`validation`) and for files that are to be scored (`batch`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from mlops.base.errors import shown

FEW = 20
"""Rows below which shares say nothing."""

MAX_LEVELS = 1000
"""Different texts up to which a column has levels."""

LARGE, PART = 0.3, 0.01
"""Share of the rows from which new levels count that stand where known ones are gone; from which they count if they
are but other spellings of these."""

LIKE = 1.5
"""Two shares are alike if neither is more than this many times the other."""

APART = 0.05
"""By how much less a second level must be like it, for the first to be taken for the same."""

MOSTLY = 0.5
"""Share of the rows, of both the known data and the file, above which most levels are others."""

REST = 0.1
"""Share of the rows with known levels below which it does not matter which these are."""

CHANCE = 1e-3
"""Probability below which a known level is not absent by chance."""

_MONTHS = (
    r"\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    r"|dec(ember)?)\b"
)


@dataclass(frozen=True)
class Recoding:
    """Levels of a file that are known ones under other names."""

    new: tuple[str, ...]
    """Levels never seen before, as they come in the file."""
    meaning: Mapping[str, str]
    """New level -> the known one that it was, where names or shares leave no doubt."""
    how: str
    """By what the meaning was told, in words."""

    @property
    def said(self) -> str:
        """The meaning as a sentence."""
        if not self.meaning:
            return "Deliver the values as before."
        return (
            f"By {self.how}: " + ", ".join(f"{shown(one)} was {shown(old)}" for one, old in self.meaning.items()) + "."
        )


def unseen(current: Mapping[str, int], known: Container[str]) -> tuple[int, str]:
    """Return how many rows hold levels that are not known, and the most frequent of these in words."""
    new = Counter({level: rows for level, rows in current.items() if level not in known})
    return new.total(), ", ".join(shown(level) for level, _ in new.most_common(5))


def are_few(distinct: int, rows: int) -> bool:
    """Tell whether a column has levels, not names or free text, by how many different values it has in its rows."""
    return 0 < distinct <= min(MAX_LEVELS, max(rows / 2, 2))


def recoding(known: Mapping[str, int], current: Mapping[str, int]) -> Recoding | None:
    """Tell whether a column is coded otherwise than it was.

    It is, if new levels differ only in case, marks or leading zeros from known ones that are gone (1 % of the rows);
    if they hold a large share (30 %) where known levels of a like share (within a factor of 1.5) are gone; or if
    there are several and hold most rows, while the levels of most known rows are gone. Gone is a level whose absence
    has a probability below 0.001.

    The next of a series - 2024-01 after 2023-12, May after April, B017 after B016 - is news, never a fault. So is the
    only level of a file: it is a cohort, and its share tells nothing.

    It is wrong where one thing has taken the place of another as frequent one, such as a plan that replaced a plan:
    then the model knows nothing about the new one either. Levels of a smaller share are answered, and named.

    Parameters
    ----------
    known, current : mapping of str to int
        Rows by level, of the known data and of the file.

    Examples
    --------
    >>> recoding({"monthly": 60, "yearly": 40}, {"yearly": 18, "per month": 32}).said
    "By their shares: 'per month' was 'monthly'."
    >>> recoding({"north": 60, "south": 40}, {"north": 30, "south": 15, "west": 5})
    """
    rows, total = sum(current.values()), sum(known.values())
    if rows < FEW or not are_few(len(known), total):
        return None
    before = {level: count / total for level, count in known.items() if level not in current}
    spelled = _spelled_alike(set(current) - set(known), [level for level in before if _gone(before[level], rows)])
    series = {_series(level) for level in known} - {None}
    new = {
        level: count / rows
        for level, count in current.items()
        if level not in known and (level in spelled or _series(level) not in series)
    }
    share, renamed = sum(new.values()), sum(new[level] for level in spelled)
    # What is new takes rows from all others; only among the rest can it be seen which of these are gone.
    gone = {level: one for level, one in before.items() if _gone(one, round((1 - share) * rows))}
    replaced = sum(one for one in new.values() if _partners(one, gone))
    others = len(new) > 1 and share > MOSTLY and (sum(gone.values()) > MOSTLY or 1 - share < REST)
    if renamed < PART and replaced < LARGE and not others:
        return None
    return Recoding(tuple(new), *_meaning(new, before, spelled))


def _meaning(
    new: Mapping[str, float], before: Mapping[str, float], spelled: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """Propose what each new spelling means, the most frequent first."""
    ordered = sorted((level for level in new if level not in spelled), key=lambda level: -new[level])
    free = {level: share for level, share in before.items() if level not in spelled.values()}
    begun = {level: [old for old in free if old.lower().startswith(level.lower())] for level in ordered}
    found, how = dict(spelled), "their spelling"
    if ordered and len(ordered) == len(free) and all(len(olds) == 1 for olds in begun.values()):
        return found | {level: olds[0] for level, olds in begun.items()}, "their first letters"
    for level in ordered:
        old = _nearest(new[level], free)
        if old is not None and _nearest(free[old], new) == level:
            found[level], how = old, "their shares"
    return found, how


def _gone(share: float, rows: int) -> bool:
    return (1 - share) ** rows < CHANCE


def _partners(share: float, others: Mapping[str, float]) -> list[str]:
    """Return the levels whose share is like this one."""
    return [level for level, other in others.items() if max(share, other) <= LIKE * min(share, other)]


def _nearest(share: float, others: Mapping[str, float]) -> str | None:
    """Return the level whose share is like this one, if no other comes near."""
    (nearest, level), *rest = sorted((abs(share - other), level) for level, other in others.items()) or [(0.0, "")]
    alone = not rest or rest[0][0] - nearest > APART
    return level if alone and level in _partners(share, others) else None


def _spelled_alike(new: set[str], absent: Iterable[str]) -> dict[str, str]:
    """Return new level -> the only absent one that differs from it in case, marks or leading zeros alone."""
    forms: dict[str, list[str]] = {}
    for level in absent:
        forms.setdefault(_plain(level), []).append(level)
    return {level: forms[_plain(level)][0] for level in sorted(new) if len(forms.get(_plain(level), ())) == 1}


def _plain(level: str) -> str:
    apart = re.sub(r"(?<=\d)[\s_.,/-]+(?=\d)", " ", level.casefold())  # 2023-1-1 is not 2023-11
    return re.sub(r"(?<!\d)[\s_.,/-]+|[\s_.,/-]+(?!\d)", "", re.sub(r"\b0+(?=\d)", "", apart))


def _series(level: str) -> str | None:
    """Return what the members of a series have in common: all but numbers and months; None if it has neither."""
    form = re.sub(r"\d+", "0", re.sub(_MONTHS, "0", level.casefold()))
    return form if form != level.casefold() or "0" in form else None
