"""Decide about every row of files, with the SQL of `engine.backends.sql` where it is exact and the engine itself elsewhere."""
