"""What `benchmarks.chaos` is made of: an installation, errands, people who decide, a killer, and what must hold."""
