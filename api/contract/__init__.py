"""The wire format of both surfaces, as strict pydantic models without Django."""
