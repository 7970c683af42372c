"""Every address of the product, tried by those whose it is not."""
