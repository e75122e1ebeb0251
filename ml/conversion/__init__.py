"""Turns the weights inside a published package into files that onnxruntime runs. Used by `make models`, never at run time."""
