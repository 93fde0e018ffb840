"""What a run page and a model page are made of."""
