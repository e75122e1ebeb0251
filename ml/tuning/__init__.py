"""Trains the encoder's last layer. It needs PyTorch, and takes a quarter of an hour."""
