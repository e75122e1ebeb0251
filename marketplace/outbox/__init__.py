"""Transactional outbox: effects are stored with the change and delivered after the commit."""
