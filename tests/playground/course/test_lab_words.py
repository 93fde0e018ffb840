"""Numbers that stand in the words of labs are those of what the words are about."""

from __future__ import annotations

import re

from playground.course import mission
from playground.course.fixtures import unrepeatable
from playground.notebook import listings, told

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def test_ravis_number_is_one_number_wherever_it_stands():
    """In the story, the guess and the sentence for the boss: the one that he noted."""
    text = (mission.FOLDER / "repeat.yaml").read_text("utf-8")
    assert set(re.findall(r"0\.\d+", text)) == {str(unrepeatable.CLAIMED)}


def test_the_notebook_has_as_many_numbers_and_the_listings_as_many_faults_as_the_story_says():
    """Counted where they were run."""
    about, faults = mission.load("production"), listings.listed()
    numbers, printed = WORDS[len(told.truth("causes"))], WORDS[len(faults)]
    assert f"{numbers.capitalize()} numbers" in about.story and f"{printed} listings" in about.story
    [asked] = about.asks
    assert f"{printed.capitalize()} listings" in asked.ask
    assert f"{WORDS[sum(map(len, faults.values()))]} lines break" in asked.explain
    assert asked.answer == "none" and all(faults.values())
