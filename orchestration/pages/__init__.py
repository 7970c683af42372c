"""What single pages read, put together for them."""
