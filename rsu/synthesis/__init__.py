"""Invented families for demonstrations, tests and benchmarks: nobody here exists, and every household is marked synthetic.

Pure Python, seeded: a seed and a day give the same rows on any machine. Territory, sizes, ages, schooling, dwelling and utilities
follow the 2024 census; what no census tells (assets, bills, jobs, covers) hangs on a latent welfare of each household (`welfare`).
"""
