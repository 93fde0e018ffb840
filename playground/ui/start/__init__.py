"""What the Start screen is made of."""
