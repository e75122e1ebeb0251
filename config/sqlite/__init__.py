"""Django's SQLite backend with first-come, first-served writers within a process."""
