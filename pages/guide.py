"""The eight stops, checklists bound to what the learner really did, and the words."""

from functools import partial

from mlops.base.verify import verify
from playground import checklists, ui
from playground.ui.guide import lists, tour

ui.header("Guide", "guide")
chain = ui.chain()
tour.path()

parts = {name: partial(lists.checklist, name) for name in checklists.CHECKLISTS}
ui.tabs({"Stops": partial(tour.listed, chain), **parts, "Glossary": lists.glossary}, key="guide.tabs")

ui.under_the_hood("guide", verify)
