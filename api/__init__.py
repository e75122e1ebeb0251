"""The HTTP doors of Comity: one contract, one admission, and two surfaces (DRF, Ninja) that adapt it."""
