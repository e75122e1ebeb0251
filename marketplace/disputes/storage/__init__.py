"""Where the bytes of media are: local files by default, an S3 bucket by setting, behind one small interface."""
