"""This installation: environment, settings, databases, logs, URLs and the WSGI application."""
