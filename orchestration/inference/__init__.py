"""Which endpoint answers for a model, and what that costs."""
