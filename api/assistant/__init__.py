"""What the assistant's operations do, once for both surfaces, which only read requests for them."""
