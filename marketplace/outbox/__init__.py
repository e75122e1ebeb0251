"""Effects that wait for the commit: rows written with the change, delivered by whoever drains them later."""
