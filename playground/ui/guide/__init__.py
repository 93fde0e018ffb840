"""What the Guide screen is made of."""
