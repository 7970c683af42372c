"""Pages of HOW: they read the request, call one action, answer."""
