"""What the Release screen is made of."""
