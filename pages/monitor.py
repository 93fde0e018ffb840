"""How a live model does, month by month: what moved, what it cost, and what is to be done."""

from mlops.production.monitoring import Monitor
from playground import ui
from playground.ui.monitor import monitor

ui.header("Monitor", "monitor")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("Nothing is live, so there is nothing to watch.", "start", "Run the chain")
else:
    monitor.draw(chain)

ui.under_the_hood("monitor", Monitor.report)
