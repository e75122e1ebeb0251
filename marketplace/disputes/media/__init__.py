"""Files of disputes: what is accepted, how it is made harmless, kept, and shown."""
