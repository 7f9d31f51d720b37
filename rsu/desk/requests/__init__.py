"""What a registered family asks: where a request begins, its own page, what it would do, the lists of those that wait."""
