"""What a teacher gets in hand: the minutes add up, every stop has its words, and the handout is what its text says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground import course
from tests import handout

ROOT = Path(__file__).resolve().parents[1]
LESSON = (ROOT / "docs" / "lesson.md").read_text(encoding="utf-8")
HANDOUT = handout.SOURCE.read_text(encoding="utf-8")

SMALL = 150_000
"""Bytes of the handout at most: it is sent around."""


def timetable(minutes: int) -> list[tuple[str, int, str]]:
    """Return the rows of a plan: what, how many minutes, from when on."""
    [block] = re.findall(rf"^## {minutes} minutes\n(.*?)^## ", LESSON, re.DOTALL | re.MULTILINE)
    return [(what, int(long), at) for what, long, at in re.findall(r"^\| (.+?) \| (\d+) \| ([\d:]+) \|$", block, re.M)]


@pytest.mark.parametrize("minutes", [35, 40, 45])
def test_the_minutes_of_a_plan_add_up(minutes):
    """To what its heading promises; each row begins where the one before it ends."""
    rows, past = timetable(minutes), 0
    for _, long, at in rows:
        assert at == f"{past // 60}:{past % 60:02}"
        past += long
    assert past == minutes


@pytest.mark.parametrize(("minutes", "without"), [(35, {6}), (40, set()), (45, set())])
def test_a_plan_gives_each_stop_the_minutes_that_it_takes(minutes, without):
    """The shortest leaves out the one that a sentence can stand for, and no other."""
    planned = {what: long for what, long, _ in timetable(minutes) if what.startswith("stop")}
    assert planned == {f"stop {one.number}": one.minutes for one in course.STOPS if one.number not in without}


def test_every_stop_has_its_words():
    """One paragraph each, which ends with the sentence that is to stay."""
    for stop in course.STOPS:
        [said] = re.findall(rf"^\*\*Stop {stop.number}, .+?(?=^\*\*)", LESSON, re.DOTALL | re.MULTILINE)
        assert "*End with:*" in said and said.count('"') >= 4


def test_what_a_teacher_is_told_to_press_is_there():
    """Every name in italics is a word of a screen, or the title of a lab."""
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*\n:]+)\*(?!\*)", LESSON))
    files = [*(ROOT / "playground" / "ui").rglob("*.py"), *(ROOT / "playground" / "ui").rglob("*.js")]
    source = "\n".join(file.read_text(encoding="utf-8") for file in [*files, ROOT / "playground" / "checklists.py"])
    source = source.replace("{stop.kind}", "stop")
    known = {lab.title for lab in course.LABS} | set(re.findall(r"""["']([^"'\n]+)["']""", source))
    assert len(named) > 8 and named - known == set()


def test_the_handout_has_two_pages_and_is_made_of_its_text():
    """Who changes the text prints it again: python -m tests.handout."""
    pdf = handout.PDF.read_bytes()
    assert pdf.startswith(b"%PDF") and len(pdf) < SMALL
    assert handout.pages(pdf) == 2
    assert pdf.endswith(handout.MADE_FROM + handout.digest() + b"\n")


def test_the_handout_names_every_stop_and_every_lab():
    """And shows the stops in their order."""
    assert [int(number) for number in re.findall(r'<b class="n">(\d)</b>', HANDOUT)] == [
        one.number for one in course.STOPS
    ]
    assert [lab.title for lab in course.LABS if lab.title not in HANDOUT] == []
    assert [stop.title for stop in course.STOPS[1:] if stop.title not in HANDOUT] == []


@pytest.mark.slow
def test_printing_it_again_gives_two_full_pages(chromium):
    """Nothing runs over the edge of its page, where a printer would cut it."""
    page = chromium.new_page()
    page.goto(handout.SOURCE.as_uri())
    sizes = page.eval_on_selector_all("section", "all => all.map(one => [one.scrollHeight, one.clientHeight])")
    assert len(sizes) == 2 and all(needed <= there for needed, there in sizes)
    assert handout.pages(page.pdf(prefer_css_page_size=True)) == 2
    page.close()
