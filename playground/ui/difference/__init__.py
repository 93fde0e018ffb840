"""What the page is made of that shows everything that differs between two runs."""
