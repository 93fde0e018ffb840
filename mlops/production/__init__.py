"""Production: what becomes of a model once it is live - whether its inputs moved, whether it is still right."""
