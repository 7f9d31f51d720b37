"""People and households that may be recorded twice: how they are compared, found and proposed.

The whole registry is looked at by steps, each one transaction with the place of the next, so that a kill loses one step.
Nobody is joined or parted here: people decide.
"""
