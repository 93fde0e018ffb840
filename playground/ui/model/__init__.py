"""What the Model screen is made of."""
