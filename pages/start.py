"""The way in: run the whole chain once - data, config, run, model, staging, production - and see what it is worth."""

from playground import ui
from playground.chain import next_step
from playground.ui.start import arrival, builder

chain = ui.chain()
ui.header(arrival.HEADLINE, "start", arrival.STORY, builder.building(chain), arrival.notebook())
arrival.actions(chain)
arrival.path()
arrival.below(chain)
if chain.production:
    ui.under_the_hood("start", next_step)
