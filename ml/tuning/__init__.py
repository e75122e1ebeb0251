"""Trains the encoder's last layers. It needs PyTorch, and takes about six minutes of one core."""
