"""The organisation that a first start makes, so that there is something to look at."""
