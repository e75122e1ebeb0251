"""Convert the weights of a published package for onnxruntime. Used by `make models`, never at run time."""
