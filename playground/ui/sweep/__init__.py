"""What the Sweep screen is made of."""
