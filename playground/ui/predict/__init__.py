"""What the Predict screen is made of."""
