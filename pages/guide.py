"""The eight stops, the labs, checklists bound to what the learner really did, the quiz, and the words."""

from functools import partial

from mlops.base.verify import verify
from playground import checklists, ui
from playground.ui.guide import lists, notebook, pictures, project, quiz, say, tour, words
from playground.ui.kit import solved

ui.header("Guide", "guide")
chain = ui.chain()
tour.path()

parts = {name: partial(lists.checklist, name) for name in checklists.CHECKLISTS}
first = {"Stops": partial(tour.listed, chain), solved.LABS: tour.labs, project.TITLE: project.panel}
last = {
    quiz.TITLE: quiz.panel,
    say.TITLE: say.panel,
    pictures.TITLE: pictures.panel,
    "Glossary": words.panel,
    notebook.TITLE: notebook.panel,
}
ui.tabs({**first, **parts, **last}, key="part", bind="query-params")

ui.under_the_hood("guide", verify)
