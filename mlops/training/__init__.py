"""Training: from rows and a config to a model, at once, in a worker, or many times."""
