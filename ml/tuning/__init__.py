"""Trains the encoder's upper layers. It needs PyTorch, and takes about 40 minutes of one core that multiplies 16-bit floats."""
