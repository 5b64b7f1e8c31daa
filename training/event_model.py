"""The event classifier while it is fitted: sentences as numbers, and a logistic model a type over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tasks.clitics import words as split_words
from tasks.events_classifier import BUCKETS, WORD_LENGTH, buckets_of
from tasks.events_features import NUMBERS, lexicon_features, sentence_features
from tasks.events_read import read_acts
from tasks.lexicon_reader import reader
from tasks.sentence_projection import Floats
from training.event_examples import JUDGED, Example

Array = npt.NDArray[Any]

#: Penalties on squared weights, chosen on the judged sentences.
PENALTY = {"vector": 30.0, "words": 3.0, "numbers": 1.0, "names": 10.0}
#: A feature of the lexicon is learnt from where so many sentences have it.
FEWEST = 10


@dataclass(frozen=True)
class Inputs:
    """Sentences by row: what the classifier reads of them, and what it shall say."""

    vectors: Floats  # (sentences, SIZE): projected means, in units that fit the penalties
    words: Array  # (sentences, BUCKETS) of float16: hashed words
    lexicon: Floats  # (types, sentences, features)
    features: list[str]  # the names of the lexicon's features
    target: Floats  # (sentences, types): the share of judges that see the type
    weight: Floats  # (sentences, types): 0 where the sentence says nothing of the type


@dataclass(frozen=True)
class Model:
    """Weights by feature and type, and one bias a type."""

    by_vector: Floats
    by_words: Floats
    by_lexicon: Floats
    bias: Floats

    def scores(self, inputs: Inputs, rows: Array) -> Floats:
        """Return the log-odds of every type for the sentences of `rows`: (sentences, types)."""
        found: Floats = inputs.vectors[rows] @ self.by_vector + inputs.words[rows] @ self.by_words + self.bias
        found += np.einsum("trf,ft->rt", inputs.lexicon[:, rows], self.by_lexicon)
        return found


def read(examples: Sequence[Example], vectors: Floats) -> Inputs:
    """Read sentences; `vectors` are their projected means."""
    words = np.zeros((len(examples), BUCKETS), dtype=np.float16)
    told: list[list[dict[str, float]]] = []
    for row, one in enumerate(examples):
        found = buckets_of(split_words(one.text, one.language).folded, one.language)
        facts = sentence_features(one.text)
        words[row, found] = WORD_LENGTH / max(1, len(found)) ** 0.5
        acts = read_acts(reader(one.language), one.text, [], None)
        told.append([lexicon_features(kind, acts, facts) for kind in JUDGED])
    target, weight = np.zeros((2, len(examples), len(JUDGED)))
    for row, one in enumerate(examples):
        for kind, (value, mass) in one.targets.items():
            target[row, JUDGED.index(kind)], weight[row, JUDGED.index(kind)] = value, mass
    features, lexicon = lexicon_matrix(told, weight > 0)
    return Inputs(vectors, words, lexicon, features, target, weight)


def fit_model(inputs: Inputs, rows: Array) -> Model:
    """Fit vectors, words and the lexicon's features one after another, each on the targets themselves."""
    target, weight = inputs.target[rows], inputs.weight[rows]
    shrinking = np.array([PENALTY["numbers" if name in NUMBERS else "names"] for name in inputs.features])
    by_vector, bias = fit(inputs.vectors[rows], target, weight, PENALTY["vector"])
    by_words, more = fit(inputs.words[rows], target, weight, PENALTY["words"])
    by_lexicon = np.zeros((len(inputs.features), len(JUDGED)))
    bias = bias + more
    for column in range(len(JUDGED)):
        own = inputs.lexicon[column][rows]
        beta, third = fit(own, target[:, [column]], weight[:, [column]], shrinking)
        by_lexicon[:, column] = beta[:, 0]
        bias[column] += third[0]
    return Model(by_vector, by_words, by_lexicon, bias)


def fit(x: Array, y: Floats, weight: Floats, penalty: float | Floats) -> tuple[Floats, Floats]:
    """Weights and biases of one logistic model a column of y: (features, types), (types).

    `penalty` is one for all features, or one for each.
    """
    shrinking = torch.as_tensor(penalty, dtype=torch.float32).reshape(-1, 1)
    targets, weights = (torch.from_numpy(np.ascontiguousarray(a)).float() for a in (y, weight))
    if x.dtype == np.float16:  # hashed words, of which one bucket in two hundred is set
        at = np.nonzero(x)
        values = torch.from_numpy(x[at].astype(np.float32))
        features = torch.sparse_coo_tensor(torch.from_numpy(np.stack(at)), values, x.shape).coalesce()
    else:
        features = torch.from_numpy(np.ascontiguousarray(x)).float()
    beta = torch.zeros(features.shape[1], targets.shape[1], requires_grad=True)
    bias = torch.zeros(targets.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([beta, bias], max_iter=80, history_size=8, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        score = (torch.sparse.mm(features, beta) if features.is_sparse else features @ beta) + bias
        loss: torch.Tensor = (weights * torch.nn.functional.softplus(score) - weights * targets * score).sum()
        loss = loss + (shrinking * beta.square()).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return beta.detach().double().numpy(), bias.detach().double().numpy()


def lexicon_matrix(told: Sequence[Sequence[Mapping[str, float]]], learnt: Array) -> tuple[list[str], Floats]:
    """The names of the features, and their values by type: (types, sentences, features).

    `told` has `lexicon_features` of every type for each sentence, `learnt` (sentences, types) says which of them are
    learnt from. A feature that fewer than FEWEST of a type's sentences have is 0 in all of them.
    """
    kept = []
    for column in range(learnt.shape[1]):
        count = Counter(name for row in np.flatnonzero(learnt[:, column]).tolist() for name in told[row][column])
        kept.append(NUMBERS | {name for name, number in count.items() if number >= FEWEST})
    names = sorted(frozenset().union(*kept))
    place = {name: at for at, name in enumerate(names)}
    values = np.zeros((learnt.shape[1], len(told), len(names)))
    for row, by_type in enumerate(told):
        for column, features in enumerate(by_type):
            for name in features.keys() & kept[column]:
                values[column, row, place[name]] = features[name]
    return names, values
