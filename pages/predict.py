"""Ask a model that is live, one customer, a file, over REST; and replay what was answered."""

from functools import partial

from mlops.release.predictions import Predictions
from playground import ui
from playground.chain import noun
from playground.ui.predict import console, doors, file, logged, one

ui.header("Predict", "predict")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("No model is live yet.", "start", "Run the chain")
    parts = {}
else:
    parts = {
        "one": (f"One {noun(chain)}", one.draw),
        "file": ("A file", file.draw),
        "doors": (doors.TITLE, doors.draw),
        "rest": (console.TITLE, console.draw),
    }
if parts or logged.any_there():
    logged.linked("predict.tabs", {word: title for word, (title, _) in parts.items()})
    drawn = {title: partial(draw, chain) for title, draw in parts.values()}
    ui.tabs({**drawn, logged.TITLE: logged.draw}, key="predict.tabs")

ui.under_the_hood("predict", Predictions.predict)
