"""The desk: the caseworker's home, the one search box and the household file; composes what the three apps know."""
