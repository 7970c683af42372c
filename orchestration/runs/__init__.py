"""Runs as they are read: listed, counted, as data for programs, told again from the ledger, as the file of a case."""
