"""Models: a model as a function - what it takes, how it is built, how it scores, how good it is."""
