"""Build and measure the classifier, for its maintainers. No other package imports this."""
