"""What holds for every test: property tests draw the same examples everywhere, and take the time they need."""

from hypothesis import settings

settings.register_profile("rasad", derandomize=True, deadline=None, database=None)
settings.load_profile("rasad")
