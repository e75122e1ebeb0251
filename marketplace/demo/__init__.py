"""Demo users and products, and the tour that uses them."""
