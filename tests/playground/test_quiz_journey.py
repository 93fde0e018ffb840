"""The quiz and the glossary in a real browser: by keyboard, over a reload, on a phone, and found without the server."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import glossary, quiz
from tests.browser import executable, idle, served, settle
from tests.playground.test_quiz import ALL, wrong
from tests.screens import build_the_chain

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def mark(page, number: int):
    """Return a mark in the row of all questions."""
    return page.get_by_role("list", name="Questions").get_by_role("button").nth(number - 1)


def found(text: str) -> list[glossary.Term]:
    """Return the words that have a text anywhere, as a reader would find them in the table."""
    said = {one.word: (*one.also, one.plain, one.technical, *one.elsewhere.values()) for one in glossary.terms()}
    return [one for one in glossary.terms() if text in " ".join((one.word, *said[one.word])).lower()]


def test_a_question_is_answered_by_keyboard_and_a_word_is_found_while_it_is_typed(chromium, tmp_path):
    """What is asked has the learner's own number, what was answered is there after a reload, nothing is too wide."""
    ws = Workspace.open(tmp_path / "workspace")
    build_the_chain(ws)
    page, errors = chromium.new_page(viewport={"width": 400, "height": 900}), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with served(ws.path) as address:
        page.goto(f"{address}/guide?part=Quiz")
        page.get_by_text(f"{ws.models.get('@production').metrics['auc']:.3f}").first.wait_for()
        idle(page)
        place = [one.id for one in quiz.question(ALL[0]).options].index(wrong(ALL[0]))
        page.get_by_role("radio").nth(place).focus()
        page.keyboard.press("Space")
        settle(page)
        page.get_by_role("button", name="Answer").press("Enter")
        page.get_by_text("It comes back once").wait_for()
        idle(page)
        assert mark(page, 1).get_attribute("aria-label") == "Question 1, The setup, comes back"
        page.reload()
        page.get_by_role("button", name="Next question").press("Enter")
        page.get_by_text(f"2 of {len(ALL)}").wait_for()
        idle(page)
        mark(page, 2).press("ArrowLeft")
        page.keyboard.press("Enter")
        page.get_by_text("It comes back once").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        page.goto(f"{address}/guide?part=Glossary")
        cards = page.locator("article:visible")
        cards.first.wait_for()
        idle(page)
        page.get_by_label("Find a word").fill("endpoint")
        assert cards.count() == len(endpoints := found("endpoint")) > 3
        page.get_by_role("group", name="Called in").get_by_role("button", name="DVC").press("Enter")
        assert cards.count() == len([one for one in endpoints if "DVC" in one.elsewhere]) < len(endpoints)
        assert not page.evaluate("asked.waits")
        page.get_by_label("Find a word").fill("nothing like it")
        page.get_by_text("No such word here").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert not errors and quiz.read(ws).of(ALL[0]).first == wrong(ALL[0])
