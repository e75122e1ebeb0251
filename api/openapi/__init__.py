"""The OpenAPI 3.1 document of the DRF surface, made of the contract, and what in a new one would break a consumer."""
