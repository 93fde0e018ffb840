"""Ask a model that is live: one customer, or a file."""

from functools import partial

from mlops.release.predictions import Predictions
from playground import ui
from playground.chain import noun
from playground.ui.predict import prediction

ui.header("Predict", "predict")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("No model is live yet.", "start", "Run the chain")
else:
    one, many = partial(prediction.one, chain), partial(prediction.batch, chain)
    ui.tabs({f"One {noun(chain)}": one, "A file": many}, key="predict.tabs")

ui.under_the_hood("predict", Predictions.predict)
