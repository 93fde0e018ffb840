"""Run the whole chain once: data, config, run, model, staging, production."""

from playground import ui
from playground.chain import next_step
from playground.ui.start import builder

chain = ui.chain()
ui.header(
    "MLOps playground",
    "start",
    sentence="A model in production is a chain of versions.",
    running=builder.building(chain),
)
builder.chain_builder(chain)
if chain.production:
    ui.under_the_hood("start", next_step)
