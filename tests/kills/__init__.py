"""Batches under `kill -9`: workers, broker and database die at random instants, and everything is computed again from scratch."""
