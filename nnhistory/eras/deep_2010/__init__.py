"""2010 to 2015: nets that train because of how they begin, what their units are and how they are stepped."""
