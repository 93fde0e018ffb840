"""The quiz: situations from the whole module, about the learner's own numbers, each option explained.

from playground import quiz

quiz.answer(ws, "notebook", "unseen").right
quiz.read(ws).passed
"""

from playground.quiz.mark import Mark, marks, table
from playground.quiz.number import NUMBERS, Number, numbers, sources
from playground.quiz.record import (
    SUBJECT,
    Asked,
    Quiz,
    Reply,
    again,
    answer,
    export,
    read,
    recheck,
    shown_numbers,
    told,
)
from playground.quiz.sheet import About, Option, Question, question, questions

__all__ = [
    "NUMBERS",
    "SUBJECT",
    "About",
    "Asked",
    "Mark",
    "Number",
    "Option",
    "Question",
    "Quiz",
    "Reply",
    "again",
    "answer",
    "export",
    "marks",
    "numbers",
    "question",
    "questions",
    "read",
    "recheck",
    "shown_numbers",
    "sources",
    "table",
    "told",
]
