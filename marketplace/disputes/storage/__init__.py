"""Storage of media bytes: local files by default, an S3 bucket by setting, behind one small interface."""
