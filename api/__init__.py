"""Comity's HTTP API: one contract and one request pipeline behind two surfaces, DRF and Ninja."""
