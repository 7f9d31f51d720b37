"""What the engine costs, measured on an invented kingdom of any size, each cost beside the bare one of the same rows.

`machine` says where, `pool` holds the worker processes, `steps` are the measures in the order they are taken, `bare` what
they are compared with. Nothing here is asserted: bars are printed beside the figures.
"""
