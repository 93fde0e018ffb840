"""What the Monitor screen is made of."""
