"""Who lives together, where, and what they declared.

A household is known by what it answered, never by what was computed from it: this app asks, checks, keeps and
gives back, and knows nothing of scores. What a request changes is applied in one transaction, and the household
is then due: the apps above see `due_since` and do the rest.
"""
