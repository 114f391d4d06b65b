"""2012: searching for the numbers that are not learned."""
