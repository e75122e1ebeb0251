"""People and products to try Comity out with, and the tour that uses them."""
