"""Trains the encoder's upper layers. It needs PyTorch, and takes an hour and a half of one core that multiplies 16-bit floats."""
