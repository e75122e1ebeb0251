"""What goes over the wire, as strict pydantic models: the one contract of both surfaces, without Django."""
