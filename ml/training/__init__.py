"""Train the classifier's own heads from labelled texts. Used by `make train`, never at run time."""
