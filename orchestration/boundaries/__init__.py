"""What data may flow where: labels of what a run read, and what is kept back on its way out."""
