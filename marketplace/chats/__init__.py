"""The chat between one buyer and one seller about one product."""
