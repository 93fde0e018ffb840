"""What the teacher's page is made of."""
