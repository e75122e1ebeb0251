"""Files of disputes: validation, sanitizing, storage and download."""
