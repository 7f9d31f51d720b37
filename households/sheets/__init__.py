"""Files of rows, as mobile units and partners send them: read as a stream, put in the shape of a declaration, written back.

Nothing here knows the database, but for the words of the catalog: a file is bytes, rows and sentences.
"""
