"""People, their roles, and the tokens they call the API with."""
