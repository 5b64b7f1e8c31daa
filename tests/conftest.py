"""What holds for every test: property tests draw the same examples everywhere, and take the time they need."""

import pytest
from hypothesis import settings

settings.register_profile("rasad", derandomize=True, deadline=None, database=None)
settings.load_profile("rasad")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the expected records of the golden pages anew")
