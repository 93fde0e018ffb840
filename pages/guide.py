"""Checklists bound to what is really there, and the words."""

from functools import partial

from mlops.base.verify import verify
from playground import checklists, ui
from playground.ui.guide import course

ui.header("Guide", "guide")
chain = ui.chain()

parts = {name: partial(course.checklist, name, chain) for name in checklists.CHECKLISTS}
ui.tabs({**parts, "Glossary": course.glossary}, key="guide.tabs")

ui.under_the_hood("guide", verify)
