"""What is used of Stanza, without what Stanza imports to train.

Its parser of dependencies, which nothing here uses, imports transformers where that is installed, and transformers
looks through the whole tree of its files: a second of the two that Stanza takes. An encoder of the official models that
needs transformers imports it when it loads.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Let a module that is not imported yet look as if it were not installed."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say: not to be imported
    try:
        yield
    finally:
        del sys.modules[name]


with _hidden("transformers"):
    import stanza
    from stanza.models.common import utils
    from stanza.models.common.foundation_cache import BertRecord, FoundationCache
    from stanza.resources.common import DEFAULT_MODEL_DIR

__all__ = ["DEFAULT_MODEL_DIR", "BertRecord", "FoundationCache", "stanza", "without_optimizers"]


@contextmanager
def without_optimizers() -> Iterator[None]:
    """Have Stanza make no optimizers for the models that it loads: the first one imports torch's compiler, 2 s."""
    made = utils.get_optimizer
    utils.get_optimizer = lambda *_, **__: None
    try:
        yield
    finally:
        utils.get_optimizer = made
