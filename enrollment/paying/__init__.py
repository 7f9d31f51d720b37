"""How money leaves: what an account number must be, the files sent to the paying agency and those it answers with.

Nothing here reads or writes the database: rows come in, bytes go out, and back.
"""
