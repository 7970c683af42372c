"""A turn that a language model takes: asked, answered by tools, asked again, until it answers within its contract."""
