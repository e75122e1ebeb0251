"""Write a policy as SQL, from the typed tree. Decides many rows at once; see docs/batch.md."""
