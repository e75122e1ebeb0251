"""The moderators' desk: what needs the texts of all apps, such as reading one on record."""
