"""A file of RAMED beneficiaries: its columns, what a row says, what can be wrong in it, and the statements that check and load it.

What one row says is judged in Python while it is read; what it takes the whole file, or the registry, to know is judged in SQL.
"""
