"""The DRF surface: each operation parses, makes one call and renders."""
