"""How this installation is set up: environment, settings, databases, logs, URLs and the WSGI entry."""
