"""Who receives what, from when, until when.

Rights determined by score become proposals, a caseworker accepts or refuses them, and what is accepted is a dated
enrollment: per person for health cover, per household for direct aid, with the month's money line by line. It never
decides a score and never asks a family anything.
"""
