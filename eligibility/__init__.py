"""What the law gives this household on this day.

A household's facts are read as of a day, scored by the formula then in force, and compared with each program's threshold;
every answer is kept with the figures and the provisions that made it.
This app knows households and the law; it knows nothing of who is enrolled, insured or paid.
"""
