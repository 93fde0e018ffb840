"""Run the whole chain once: data, config, run, model, staging, production."""

from mlops import Workspace
from playground import ui

chain = ui.chain()
ui.header(
    "MLOps playground", "start", sentence="A model in production is a chain of versions.", running=ui.building(chain)
)
ui.chain_builder(chain)
if chain.production:
    ui.under_the_hood("start", Workspace.deploy)
