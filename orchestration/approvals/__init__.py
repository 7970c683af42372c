"""Approvals as people read them: what is proposed, its card, whose inbox it is in, the form that answers it."""
