"""The answer of a release check on screen: six lamps, the interval against the line, the shuffle, folds with details.

Fresh answers and kept ones are drawn by the same functions: whoever looks back at a decision sees what was seen then.
What a lamp says, the core decides (`mlops.release.lamps`); the browser part sets text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops.base.records import ref_of
from mlops.experiments.evidence import MIN_ROWS
from mlops.models.differences import Difference
from mlops.release.gate import WAY_OUT, GateReport
from mlops.release.lamps import QUESTIONS, lamps
from playground import shuffle as luck
from playground import words
from playground.charts import groups
from playground.shuffle import Shuffle
from playground.ui.kit import cards, lists, shuffle, state, stops

_row = st.components.v2.component(
    "six_lamps",
    html='<ol class="lamps"></ol>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

FEW = f"Too few rows to tell: under {MIN_ROWS} a comparison means nothing."

LIVE, YOURS, NOBODY = "live", "yours", "a guess"
"""What the two that are compared are called; where nothing is live, it is who does not look at the features."""

SAID = {"pass": "yes", "fail": "no", "unknown": "cannot tell yet", "waiting": "not asked yet"}
"""State of a lamp -> the word beside its question, so that nobody needs its colour."""


def waiting(key: str) -> None:
    """Draw the six questions before anybody asked them."""
    _row(data={"key": key, "fresh": False, "lamps": _unlit()}, key="release.lamps")


def draw(report: GateReport, key: str, fresh: bool = False) -> None:
    """Draw the lamps of an answer.

    Parameters
    ----------
    report : GateReport
        A fresh one, or one that is on record.
    key : str
        Which answer it is.
    fresh : bool
        Whether it came a moment ago: then they light up one after the other.
    """
    _row(data={"key": key, "fresh": fresh, "lamps": lit(report)}, key="release.lamps")


def evidence(report: GateReport, key: str, fresh: bool = False) -> None:
    """Draw what the lamps rest on: the shuffle, and in folds the groups and every check.

    Parameters
    ----------
    report, key, fresh
        As for `draw`; the shuffle of a fresh answer plays by itself.
    """
    if (shuffled := shuffle_of(report)) is not None:
        st.subheader("Better, or luck?", anchor=False)
        if not stops.veiled("shuffle"):
            shuffle.draw(shuffled, key, plays=fresh)
    _groups(report)
    _details(report)


def lit(report: GateReport) -> list[dict[str, Any]]:
    """Return the lamps of an answer as the browser gets them; to the question of luck the interval answers."""
    shuffled = shuffle_of(report)
    named = {ref_of(one): lists.told(one) for one in (report.model, report.against) if one}
    drawn = []
    for one in lamps(report):
        sentence, said = one.sentence, SAID[one.outcome]
        for ref, name in named.items():
            sentence = sentence.replace(ref, name)
        if one.id == "better" and shuffled is not None:
            sentence, said = " ".join([shuffled.certain, *_worse(report)]), shuffled.word(shuffled.line)
        known = {"id": one.id, "question": one.question, "outcome": one.outcome, "refuses": one.refuses}
        bar = interval(shuffled) if one.id == "better" and shuffled is not None and not shuffled.same else None
        drawn.append({**known, "said": said, "sentence": sentence, "interval": bar})
    return drawn


def _worse(report: GateReport) -> list[str]:
    """Return what is said of groups, where one gets worse."""
    return [one["why"] for one in report.findings or () if one["name"] == "slices" and one["outcome"] == "fail"]


def interval(found: Shuffle) -> dict[str, Any]:
    """Return where the ends of an interval, what was measured and the line stand, as shares of the width.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> bar = SimpleNamespace(span=(-0.03, 0.01), lower=-0.01, upper=0.0, line=-0.02, digits=3, metric="AUC")
    >>> bar.measured, bar.sentence = SimpleNamespace(gain=-0.005), "It may lose at most 0.02: not worse."
    >>> {name: round(share, 3) for name, share in interval(bar)["at"].items()}
    {'lower': 0.5, 'upper': 0.75, 'measured': 0.625, 'line': 0.25, 'nought': 0.75}
    """
    low, high = found.span
    places = {
        "lower": found.lower, "upper": found.upper, "measured": found.measured.gain, "line": found.line, "nought": 0.0,
    }  # fmt: skip
    return {
        "at": {name: (value - low) / (high - low) for name, value in places.items()},
        "line": luck.asked(found.line),
        "measured": f"{words.signed(found.measured.gain, found.digits)} {found.metric}",
        "sentence": found.sentence,
    }


def shuffle_of(report: GateReport) -> Shuffle | None:
    """Return what was compared as a shuffle; None where nothing was, or where an older answer does not know it."""
    if not report.difference or not report.difference.get("draws"):
        return None
    rule = report.rule or {}
    lost = rule.get("margin", 0.0) if report.against and rule.get("require") == "not_worse" else 0.0
    names = (LIVE if report.against else NOBODY, YOURS)
    found = luck.of(Difference.of(report.difference), names, -lost)
    few = any(one["name"] == "rows" and one["outcome"] != "pass" for one in report.checks)
    # What few rows say is shown, and decides nothing: neither in the check nor in the word beside its picture.
    return replace(found, too_few=found.too_few or FEW) if few else found


def told(report: GateReport) -> str:
    """Return in a line who was held against whom, on which rows, and what came out."""
    who = lists.told(report.model)
    if report.against:
        who += f" against {lists.told(report.against)}"
    rows = f" · {words.counted(report.rows, 'new row')}" if report.rows is not None else ""
    where = f" of {report.data}" if report.data and rows else ""
    red = sum(one.outcome == "fail" for one in lamps(report)) if report.outcome == "pass" else 0
    said = f" · **{words.counted(red, 'lamp')} red**: a warning, no refusal" if red else ""
    return f"**{cards.state_text(report.outcome)}** · {cards.plain(f'{who}{rows}{where}')}{said}"


def _unlit() -> list[dict[str, Any]]:
    return [
        {"id": name, "question": asked, "outcome": "waiting", "sentence": "", "refuses": False,
         "said": SAID["waiting"], "interval": None}
        for name, (asked, _, _) in QUESTIONS.items()
    ]  # fmt: skip


def _groups(report: GateReport) -> None:
    """Draw the groups that were compared, those that get worse first, in a fold that says how many do."""
    compared = [one for one in report.slices or () if one["difference"] is not None]
    if not compared:
        return
    worse = sum(one["worse"] for one in compared)
    many = words.counted(worse, "group").capitalize()
    label = f"{many} {'gets' if worse == 1 else 'get'} worse, of {len(compared)} compared"
    icon = ":material/groups:" if not worse else ":material/group_remove:"
    drawer = st.expander(label, icon=icon, type="compact", key="release.groups", on_change="rerun")
    cards.inside(drawer, lambda: _drawn_groups(compared, len(report.slices or ()) - len(compared)))


def _drawn_groups(compared: Sequence[Mapping[str, Any]], small: int) -> None:
    st.caption(
        "A group counts as worse only if its whole interval lies below nothing. The intervals are widened: among many "
        f"groups one always looks worse by luck. {words.counted(small, 'group').capitalize()} "
        f"{'is' if small == 1 else 'are'} too small to be compared."
    )
    metric = words.metric_name(compared[0]["metric"])
    found = group_table(compared)
    said = ", ".join(f"{row.group} {words.signed(row.difference)}" for row in found.itertuples())
    name = ("groups", *found["group"], *found["difference"])
    cards.chart(
        state.made(name, lambda: groups.figure(found, f"what yours gains in {metric}")),
        found,
        "groups",
        f"Difference in {metric}: {said}",
    )


def group_table(compared: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return groups as a table: what they share, how many rows they are, and what yours gains in them."""
    return pd.DataFrame(
        {
            "group": f"{one['column']}: {_shown(one['value'])}", "rows": one["rows"], "difference": one["difference"],
            "low": one["lower"], "high": one["upper"], "verdict": "worse" if one["worse"] else "can be luck",
        }
        for one in compared
    )  # fmt: skip


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _details(report: GateReport) -> None:
    """Draw, in a fold, every check that can refuse and every finding that cannot, each with why."""
    drawer = st.expander(
        "Every check", icon=":material/rule:", type="compact", key="release.details", on_change="rerun"
    )
    cards.inside(drawer, lambda: _checks(report))


def _checks(report: GateReport) -> None:
    if stops.veiled("checks"):
        return
    for one in report.checks:
        check(one)
    for one in report.findings or ():
        st.markdown(f"{cards.state_text(one['outcome'], one['name'].replace('_', ' '))} · {cards.plain(one['why'])}")
    st.caption("The first ones can refuse a release. Those below never do; they are kept with the decision.")
    if report.detectable_difference is not None:
        st.caption(
            "On so many rows, four of five comparisons would show a difference of "
            f"{words.number(report.detectable_difference)}."
        )
    cards.download(table(report), "release-check")


def table(report: GateReport) -> pd.DataFrame:
    """Return the lamps as a table."""
    found = lamps(report)
    return pd.DataFrame([{"Question": one.question, "Answer": SAID[one.outcome], "Why": one.sentence} for one in found])


def check(one: Mapping[str, Any]) -> None:
    """Draw one check: its name in the colour of its outcome, and why."""
    st.markdown(f"{cards.state_text(one['outcome'], one['name'])} · {cards.plain(one['why'].removesuffix(WAY_OUT))}")
