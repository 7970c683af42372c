"""What thinks for an agent: how it is asked, over which endpoint, and how asking can fail."""
