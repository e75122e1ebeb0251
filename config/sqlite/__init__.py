"""Django's SQLite backend, with writers of one process served in the order in which they came."""
