"""What is known about a live model so far, and what is not."""

from mlops.release.predictions import Predictions
from playground import ui
from playground.chain import noun
from playground.ui.kit import outcomes
from playground.ui.monitor import drawn, monitor

ui.header("Monitor", "monitor")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("Nothing is live, so there is nothing to watch.", "start", "Run the chain")
else:
    drawn.draw(chain.production.model["name"])
    monitor.known(chain)
    outcomes.add(chain.learned_from)
    if chain.predictions:
        monitor.logged(chain.production.model["name"])
    else:
        ui.empty("It has not been asked yet.", "predict", f"Ask it about a {noun(chain)}")

ui.under_the_hood("monitor", Predictions.list)
