"""Ask a model that is live, one customer or a file; and replay what was answered."""

from functools import partial

from mlops.release.predictions import Predictions
from playground import ui
from playground.chain import noun
from playground.ui.predict import doors, file, logged, one

ui.header("Predict", "predict")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("No model is live yet.", "start", "Run the chain")
    parts = {}
else:
    parts = {f"One {noun(chain)}": partial(one.draw, chain), "A file": partial(file.draw, chain), doors.TITLE: partial(doors.draw, chain)}
if parts or logged.any_there():
    logged.linked("predict.tabs", [*parts])
    ui.tabs({**parts, logged.TITLE: logged.draw}, key="predict.tabs")

ui.under_the_hood("predict", Predictions.predict)
