"""How the classifier is made and measured, for its maintainers. Nothing outside imports this."""
