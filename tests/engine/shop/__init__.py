"""Example policies as a shop owner would write them. Each set of tiers is written as one table. Some tables are taken from
published sources."""
