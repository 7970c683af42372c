"""What the product shows before anyone brought data of their own: made up, seeded, nobody's real records."""
