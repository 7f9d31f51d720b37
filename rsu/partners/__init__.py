"""Partners that do not exist: deliveries about the synthetic people of the registry, for the demo and the tests.

Deterministic: the same registry, day and seed give the same rows. Nothing here speaks of a real person or to a real partner.
"""
