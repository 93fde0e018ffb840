"""Better or luck as a shuffle: what a hundred draws say, what twenty dots stand for, and the word where the line stands."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlops.release.gate import verdict
from mlops.release.gate_rules import InForce
from playground import shuffle
from playground.shuffle import Draw
from playground.ui.kit import shuffle as kit

GAINS = st.floats(-0.2, 0.2)


def difference(gains, ends=None, metric="auc", baseline=0.8, too_few=None):
    """Return a difference as the core measures it, of these draws."""
    low, lower, upper, high = ends or (-0.011, -0.008, 0.016, 0.019)
    measured = sum(gains) / len(gains)
    return SimpleNamespace(
        metric=metric, baseline=baseline, challenger=baseline + measured, difference=measured, low=low, high=high,
        lower=lower, upper=upper, rows=1210, resamples=len(gains), too_few=too_few,
        draws=[(baseline, baseline + gain) for gain in gains],
    )  # fmt: skip


def shuffled(gains=(-0.01, 0.004, 0.02), line=-0.02, **options):
    return shuffle.of(difference(gains, **options), ("live", "yours"), line)


@given(gains=st.lists(GAINS, min_size=100, max_size=100, unique=True), line=GAINS)
def test_each_of_the_twenty_dots_stands_for_five_draws(gains, line):
    """So counting dots beyond the line times five misses the count of draws by four at most."""
    found = shuffled(gains)
    ranked = sorted(draw.gain for draw in found.draws)
    assert list(found.dots) == [ranked[5 * number + 2] for number in range(20)]
    assert abs(5 * sum(dot > line for dot in found.dots) - found.beyond(line)) <= 4


@given(ends=st.lists(GAINS, min_size=4, max_size=4), margin=st.floats(0, 0.5), better=st.booleans(), few=st.booleans())
def test_the_word_beside_the_rule_is_that_of_the_release_check(ends, margin, better, few):
    """One interval, one verdict: the picture never says what the check does not say."""
    measured = difference([0.0, 0.01], ends=sorted(ends), too_few="Too few." if few else None)
    rule = InForce("better" if better else "not_worse", margin, ())
    line = 0.0 if better else -margin
    assume(
        better or margin > 0
    )  # the rule that nothing may be lost is met by who loses nothing, also by who gains nothing
    assert shuffle.of(measured, ("live", "yours"), line).outcome(line) == verdict(measured, rule, first=False)


@given(low=GAINS, high=GAINS)
def test_without_a_rule_the_word_is_that_of_the_comparison(low, high):
    """Better or worse if the whole interval says so."""
    low, high = sorted((low, high))
    found = shuffled(line=None, ends=(low, low / 2, high / 2, high))
    expected = "better" if low > 0 else "worse" if high < 0 else "can be luck"
    assert found.word(0.0) == expected


@pytest.mark.parametrize(
    ("line", "word"), [(-0.02, "not worse"), (-0.008, "can be luck"), (0.0, "can be luck"), (0.016, "can be luck"),
                       (0.02, "too little")],
)  # fmt: skip
def test_the_word_changes_with_the_line(line, word):
    """Of an interval from -0.008 to +0.016."""
    assert shuffled().word(line) == word


@given(gains=st.lists(GAINS, min_size=1, max_size=150), ends=st.lists(GAINS, min_size=4, max_size=4), line=GAINS)
def test_all_of_it_is_in_the_picture_and_the_line_can_be_moved_to_either_side(gains, ends, line):
    """Nothing is cut off, and a key press is a small part of the way."""
    found = shuffled(gains, line, ends=sorted(ends))
    low, high = found.span
    assert all(low <= one <= high for one in (*found.dots, found.lower, found.upper, found.measured.gain))
    assert low < line < high and low < 0 < high
    assert (high - low) / 400 <= found.step <= (high - low) / 40


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 rows. With 95 % certainty it loses at most 0.008 AUC; "
             "it may lose at most 0.02: not worse."),
        ({"line": 0.0}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 rows. AUC changes by -0.008 to +0.016, with "
                        "95 % certainty at either end; it must be better: can be luck."),
        ({"ends": (0.001, 0.002, 0.03, 0.04)}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 rows. With 95 % "
                                               "certainty it gains at least 0.002 AUC; it may lose at most 0.02: not worse."),
        ({"ends": (-0.06, -0.05, -0.03, -0.02)}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 rows. With 95 % "
                                                 "certainty it loses at least 0.030 AUC; it may lose at most 0.02: worse."),
        ({"line": None}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 rows. AUC +0.005 (95 % interval -0.011 to "
                         "+0.019): can be luck."),
        ({"too_few": "Too few to tell: only 7 positive rows."}, "Yours is ahead in 2 of 3 shuffles of the same 1,210 "
                                                                "rows. Too few to tell: only 7 positive rows."),
        ({"gains": (0.0, 0.0)}, "Live and yours answer all 1,210 rows alike: nothing tells them apart."),
    ],
)  # fmt: skip
def test_the_sentence_tells_the_end_of_the_interval_that_decides(options, sentence):
    """In as many digits as tell its ends apart."""
    assert shuffled(**options).sentence == sentence


def test_of_an_error_less_is_ahead():
    """The gain has its sign turned, the numbers that people read have not."""
    found = shuffle.of(
        difference([-2.0, -1.0, 0.5], ends=(-3.0, -2.5, 0.4, 0.8), metric="rmse", baseline=41.0), ("older", "newer")
    )
    assert (found.ahead, found.lower, found.upper, found.less) == (2, -0.8, 3.0, True)
    assert "RMSE -0.8 (95 % interval -3.0 to +0.8)" in found.sentence
    assert list(found.frame()["Ahead"]) == ["newer", "newer", "older"]


def test_the_table_is_the_twin_of_the_draws():
    """Each shuffle with both numbers, and who is ahead."""
    frame = shuffled(gains=(0.25, -0.25)).frame()
    assert frame.to_dict("records") == [
        {"Shuffle": 1, "AUC, live": 0.8, "AUC, yours": 1.05, "Difference": pytest.approx(0.25), "Ahead": "yours"},
        {"Shuffle": 2, "AUC, live": 0.8, "AUC, yours": pytest.approx(0.55), "Difference": pytest.approx(-0.25),
         "Ahead": "live"},
    ]  # fmt: skip


def test_while_slow_at_most_three_things_change_in_a_second():
    """Two dots move, then a mark falls: two changes a draw; the hundred are over in six seconds more."""
    assert 2 * 1000 / shuffle.SLOW_MS <= 3
    assert shuffle.FAST_MS == 6000 and (shuffle.SLOW, shuffle.DOTS) == (5, 20)


def test_the_browser_gets_all_of_it_at_once():
    """As plain JSON: playing and dragging ask the server nothing."""
    found = shuffled([-0.01, 0.004, 0.02, 0.01] * 25)
    data = kit.drawn(found, "d1")
    assert json.loads(json.dumps(data)) == json.loads(json.dumps(data, allow_nan=False))
    assert len(data["draws"]) == 100 and len(data["dots"]) == 20 and data["ends"] == [-0.008, 0.016]
    assert data["asked"][1] == "must be better"
    assert kit.drawn(shuffled(line=None), "d2")["asked"][1] == "equal"


def test_the_gain_of_a_draw_is_said_once():
    """Both numbers and what is gained."""
    assert shuffle.of(difference([0.25]), ("live", "yours")).draws == (Draw(0.8, 1.05, 0.25),)
