"""How each database spells what a policy needs."""
