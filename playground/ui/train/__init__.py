"""What the Train screen is made of."""
