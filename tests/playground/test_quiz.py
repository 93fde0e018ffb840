"""The quiz: what is asked, about which numbers, and what answers come to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from mlops import Workspace
from mlops.base.errors import ConfigError, ConflictError, InvalidError, NotFoundError, PastError
from playground import course, quiz, screens
from playground.quiz import number
from playground.quiz.sheet import read as read_questions
from tests.shell import Shell

ALL = [one.id for one in quiz.questions()]


def wrong(name: str) -> str:
    """Return an option that does not hold."""
    asked = quiz.question(name)
    return next(one.id for one in asked.options if one.id != asked.answer)


def answer(ws: Workspace, *names: str, right: bool = True) -> None:
    for name in names:
        quiz.answer(ws, name, quiz.question(name).answer if right else wrong(name))


# What is asked


@pytest.mark.parametrize("one", quiz.questions(), ids=lambda one: one.id)
def test_every_option_says_why_and_every_question_names_where_it_was_done(one):
    """Right and wrong alone teach next to nothing."""
    assert one.ask and all(option.text and len(option.why.split()) >= 6 for option in one.options)
    assert {*one.about.stops} <= {stop.id for stop in course.EVERY}
    assert one.page in {screen.name for screen in screens.SCREENS if not screen.hidden}
    assert (one.page == "guide") == bool(one.tab)


def test_every_stop_and_lab_is_asked_about():
    """Asked later is remembered longer."""
    asked = {stop for one in quiz.questions() for stop in one.about.stops}

    assert len(ALL) >= 20 and {stop.id for stop in course.EVERY} <= asked


def test_the_looks_of_an_answer_do_not_give_it_away():
    """Neither its place nor its length."""
    asked = quiz.questions()
    places = Counter([option.id for option in one.options].index(one.answer) for one in asked)
    by_length = Counter(
        sorted(one.options, key=lambda option: len(option.text)).index(
            next(option for option in one.options if option.id == one.answer)
        )
        for one in asked
    )

    assert max(places.values()) <= len(asked) / 2 and len(places) >= 3
    assert by_length[0] <= len(asked) / 2 and by_length[2] <= len(asked) / 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('- {id: a, about: {heading: b, stops: []}, ask: "{acu}", page: data, answer: x, options: [%s]}', "no number 'acu'"),
        ('- {id: a, about: {heading: b, stops: []}, ask: c, page: data, answer: w, options: [%s]}', "none of x, y, z"),
        ('- {id: a, about: {heading: b, stops: []}, ask: c, page: data, answer: x, options: [%s], hint: d}', "hint"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused(text, said):
    """A name that nobody computes would be found by a learner first."""
    options = ", ".join(f"{{id: {one}, text: t, why: w}}" for one in "xyz")

    with pytest.raises(ConfigError, match=said):
        read_questions(text % options, "a file")


# Whose numbers


@pytest.mark.parametrize("name", quiz.NUMBERS)
def test_where_nothing_was_done_a_number_is_an_example_and_says_what_to_do(ws, name):
    """All but what was made for the course, which is real for everybody."""
    number = quiz.numbers(ws, [name])[name]

    assert number.value and number.source
    assert number.own == (name in {"notebook", "spread", "same", "same_rows"})


def test_a_number_is_the_learners_own_as_soon_as_there_is_one(released):
    """Of what went live last, and of what was kept and trained."""
    own = quiz.numbers(released, quiz.NUMBERS)
    live = released.models.get("churn_model@1.1.0")

    assert own["live"].value == "churn_model v1.1.0" and own["auc"].value == f"{live.metrics['auc']:.3f}"
    assert float(own["auc"].value) < float(own["too_good"].value) < 1
    assert own["auc"].source == "test AUC of churn_model v1.1.0, live in production"
    assert float(own["below"].value) < live.threshold < float(own["above"].value)
    assert (own["data"].value, own["rows"].value, own["runs"].value) == ("customers@1", "600", "2 runs")
    assert (
        own["moved"].value == "In your runs 1 of the five have moved so far."
        and not own["versions"].own
        and not own["low_auc"].own
    )
    packages = released.runs.get(live.run_id).software["packages"]
    assert own["packages"].value == str(len(packages))


@pytest.mark.parametrize(
    ("threshold", "own"), [(0.01, False), (0.03, False), (0.35, True), (0.97, False), (0.99, False)]
)
def test_numbers_of_one_thing_are_all_ones_own_or_all_an_example(released, monkeypatch, threshold, own):
    """Else both customers of an example would be called by a threshold of one's own, and the right answer were wrong."""
    model = replace(released.models.get("churn_model@1.1.0"), threshold=threshold)
    monkeypatch.setattr(number, "_live", lambda ws: model)
    for one in ("threshold", "by_hand"):
        found = quiz.numbers(released, quiz.question(one).numbers)
        assert {each.own for each in found.values()} == {own}
        assert float(found["threshold"].value) < float(found["above"].value)
    below = quiz.numbers(released, quiz.question("threshold").numbers)
    assert float(below["below"].value) < float(below["threshold"].value)


def test_what_went_live_last_is_meant_also_where_two_went_live_at_one_instant(released):
    """The calendar of a story stands still while both are released."""
    released.set_clock("2030-01-01T09:00:00Z")
    released.models.register(released.models.get("churn_model@1.0.0").run_id, "toy")
    for ref in ("churn_model@1.0.0", "toy@1.0.0"):
        released.deploy(ref, "production", "both at nine", override="no rehearsal")

    assert quiz.numbers(released, ["live"])["live"].value == "toy v1.0.0"


def test_numbers_of_the_tour_are_asked_for_once_they_are_no_secret(ws):
    """What a guess is about stays covered until it was made; afterwards it is the learner's own."""
    course.start(ws, "config")
    assert not quiz.numbers(ws, ["ahead"])["ahead"].own
    ws.journal.write("course/promote", {"baseline": {"event": 0, "head_sha256": ""}, "waived": ["ahead"]})

    assert quiz.numbers(ws, ["ahead"])["ahead"].own is False  # waived, and no release check was asked yet


def test_what_was_answered_keeps_the_numbers_that_stood_in_it(released):
    """Who reads it again reads what they were asked."""
    quiz.answer(released, "threshold", "sheet")
    before = quiz.read(released).of("threshold")
    released.rollback("production", "complaints")
    now = quiz.numbers(released, ["live"])["live"].value

    assert (quiz.shown_numbers(released, before)["live"].value, now) == ("churn_model v1.1.0", "churn_model v1.0.0")
    answer(released, *[name for name in ALL if name != "threshold"])
    answer(released, "threshold")
    assert quiz.read(released).of("threshold").numbers["live"].value == "churn_model v1.1.0"


def test_every_text_can_be_told(ws, released):
    """With examples, and with numbers of one's own."""
    for where in (ws, released):
        for one in quiz.read(where).all:
            found = quiz.shown_numbers(where, one)
            texts = [one.question.ask, *(text for option in one.question.options for text in (option.text, option.why))]
            assert not [text for text in texts if {*"{}"} & {*quiz.told(text, found)}]


# What answers come to


def test_a_wrong_answer_comes_back_once_when_all_others_were_asked(ws):
    """Its right answer is not told before; what is answered then stands."""
    reply = quiz.answer(ws, ALL[0], wrong(ALL[0]))
    assert (reply.right, reply.returns) == (False, True) and quiz.read(ws).due.question.id == ALL[1]
    with pytest.raises(ConflictError, match="comes back later"):
        answer(ws, ALL[0])
    answer(ws, *ALL[1:])
    found = quiz.read(ws)
    assert (found.asked, found.right, found.returning, found.due.question.id) == (len(ALL), len(ALL) - 1, 1, ALL[0])

    assert not found.passed and quiz.answer(ws, ALL[0], wrong(ALL[0])) == quiz.Reply(False, *said(ALL[0]))
    assert quiz.read(ws).over and quiz.read(ws).passed
    with pytest.raises(ConflictError, match="was answered"):
        answer(ws, ALL[0])


def said(name: str) -> tuple[str, bool]:
    asked = quiz.question(name)
    return next(one.why for one in asked.options if one.id == wrong(name)), False


@pytest.mark.parametrize(("twice_wrong", "passes"), [(6, True), (7, False)])
def test_four_in_five_right_after_that_pass(ws, twice_wrong, passes):
    """One less does not."""
    answer(ws, *ALL[:twice_wrong], right=False)
    answer(ws, *ALL[twice_wrong:])
    answer(ws, *ALL[:twice_wrong], right=False)
    found = quiz.read(ws)

    assert found.needed == 26 and found.over and found.passed is passes
    assert (found.event is not None) is passes


def test_what_was_corrected_counts_as_right(ws):
    """All wrong at first, all right when they came back."""
    answer(ws, *ALL, right=False)
    assert quiz.read(ws).right == 0
    answer(ws, *ALL)

    assert quiz.read(ws).right == len(ALL) and quiz.read(ws).passed


def test_the_event_with_which_it_was_passed_is_the_last_answer(ws):
    """So the done checklist has an event to show, and anybody can look at it."""
    answer(ws, *ALL)
    found = quiz.read(ws)

    assert ws.log(found.event - 1)[0]["subject"] == f"quiz/1/{ALL[-1]}"


def test_whether_it_was_right_is_asked_of_the_questions_and_noted_nowhere(ws):
    """A record that says "right" could be written by anybody; an option can be checked."""
    answer(ws, *ALL[:3])
    ws.journal.write("quiz", {"passed": 3})
    noted = [event["payload"]["changes"] for event in ws.log() if event["subject"].startswith("quiz/")]

    assert all(entry.keys() == {"first", "numbers"} for entry in noted)
    assert not quiz.read(ws).passed and quiz.read(ws).event is None


def test_it_can_be_taken_again_and_what_was_passed_stays_passed(ws):
    """Another attempt begins with nothing, once the one before is over."""
    with pytest.raises(ConflictError, match="not over"):
        quiz.again(ws)
    answer(ws, *ALL)
    event = quiz.read(ws).event
    quiz.again(ws)
    found = quiz.read(ws)

    assert (found.attempt, found.asked, found.passed, found.event) == (2, 0, True, event)


def test_an_option_that_has_gone_since_is_asked_again(ws):
    """A later edition of the quiz breaks no record of an earlier one."""
    ws.journal.write(f"quiz/1/{ALL[0]}", {"first": "gone", "second": "gone", "numbers": {}})

    assert quiz.read(ws).asked == 0 and quiz.read(ws).due.question.id == ALL[0]


def test_what_cannot_be_answered_is_refused_and_nothing_is_noted(ws):
    """Value, rule, next step."""
    with pytest.raises(NotFoundError, match="no question 'what'"):
        quiz.answer(ws, "what", "x")
    with pytest.raises(InvalidError, match="'x' is none of the options"):
        quiz.answer(ws, ALL[0], "x")
    answer(ws, ALL[0])
    with pytest.raises(PastError):
        quiz.answer(ws.at(event=ws.head()), ALL[1], quiz.question(ALL[1]).answer)

    assert quiz.read(ws).asked == 1


def test_the_command_line_asks_and_answers_as_the_screen_does(ws):
    """One record, whoever writes it; what an option is worth is not told before."""
    shell = Shell(ws.path)
    first = shell.get("course", "quiz")
    assert (first["asked"], first["next"]["id"]) == (0, ALL[0]) and "why" not in json.dumps(first["next"])
    told = shell.get("course", "quiz", ALL[0], wrong(ALL[0]))

    assert told["reply"]["returns"] and told["next"]["id"] == ALL[1]
    assert quiz.read(ws).of(ALL[0]).first == wrong(ALL[0])
