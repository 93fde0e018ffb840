"""From data to a model that answers: config, data, features, train, evaluate, predict - in this order."""
