"""Fit the sentence projection and the event classifier, and print cross-validated figures.

    python -m training.event_types --data DATA [--bundle seeds/models] [--out seeds/events/classifier.safetensors]

Learns from: the judged sentences of GSR (by votes, ambiguous ones included, and the sentences whose spans are
marked) and our own golden sentences; further news and FLORES only shape the projection. None of their text is
kept: the file holds weights alone. The figures go to `training/scores/event_types.json`, whence
`python -m training.event_quality` takes them into `seeds/quality.csv`. Everything that depends on the encoder's
weights is refitted here, so this is the one command to run after the encoder changed. Folds are
drawn by document, several times, and by its name alone: the same ones every time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file

from tasks.clitics import words as split_words
from tasks.events_classifier import BUCKETS, WORD_LENGTH, buckets_of
from tasks.events_features import NUMBERS, lexicon_features, sentence_features
from tasks.events_read import read_acts
from tasks.lexicon import version as lexicon_version
from tasks.lexicon_reader import reader
from tasks.models import bundled_models
from tasks.sentence_projection import Floats, Projection, encoder_digest
from training.event_examples import JUDGED, Example, cached_means, golden_sentences, judged_sentences, other_sentences

Array = npt.NDArray[Any]

#: 96 bytes a sentence hold 97 % of what the linear classifier can use of the 1,536 means.
SIZE = 96
#: A vector's steps: four standard deviations to either side.
REACH = 4.0
FOLDS = 5
#: How often folds are drawn: with 49 sentences that tell a protest, the F1 of one draw is a tenth from another's.
DRAWS = 8
#: Penalties on squared weights, chosen on the judged sentences.
PENALTY = {"vector": 30.0, "words": 3.0, "numbers": 1.0, "names": 10.0}
#: A feature of the lexicon is learnt from where so many sentences have it.
FEWEST = 10


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


def best_threshold(chance: Floats, truth: Floats) -> float:
    """The threshold of the highest F1."""
    order = np.argsort(-chance, kind="stable")
    hits = np.cumsum(truth[order])
    scores = 2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())
    return float(chance[order][scores.argmax()])


def f1(chosen: Array, truth: Array) -> float:
    hits = float((chosen & truth).sum())
    return 2 * hits / max(1.0, float(chosen.sum() + truth.sum()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--out", type=Path, default=Path("seeds/events/classifier.safetensors"))
    parser.add_argument("--scores", type=Path, default=Path("training/scores/event_types.json"))
    parser.add_argument("--cache", type=Path, help="keep the encoder's means here, for repeated fits")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    bundle = bundled_models(arguments.bundle)
    types = list(JUDGED)
    examples = judged_sentences(arguments.data) + golden_sentences() + other_sentences(arguments.data)
    print(Counter(one.source for one in examples), flush=True)
    means = cached_means(arguments.cache, bundle, examples)

    offset = means.mean(0)
    # Principal components by the covariance: a matrix of the means' size, not of the sentences'.
    values, directions = np.linalg.eigh(np.cov(means, rowvar=False, bias=True))
    deviation = np.sqrt(values[::-1][:SIZE])
    matrix = directions[:, ::-1][:, :SIZE] * (127 / (REACH * deviation))
    # What ships is float16: the version is that of what ships.
    shipped = matrix.astype(np.float16), offset.astype(np.float16)
    digest = encoder_digest(bundle.folder) or ""
    version = hashlib.sha256(digest.encode() + b"".join(a.tobytes() for a in shipped)).hexdigest()[:8]
    projection = Projection(version, digest[:16], shipped[1].astype(np.float64), shipped[0].astype(np.float64))
    # Distances as they were, and one unit for the spread of a mean, so that penalties fit any encoder.
    scale = REACH * deviation / 127 / (means - offset).std() / 3
    vectors = projection.quantised(means) * scale

    words = np.zeros((len(examples), BUCKETS), dtype=np.float16)
    told: list[list[dict[str, float]]] = []
    for row, one in enumerate(examples):
        found = buckets_of(split_words(one.text, one.language).folded, one.language)
        facts = sentence_features(one.text)
        words[row, found] = WORD_LENGTH / max(1, len(found)) ** 0.5
        acts = read_acts(reader(one.language), one.text, [], None)
        told.append([lexicon_features(kind, acts, facts) for kind in types])
    target, weight = np.zeros((2, len(examples), len(types)))
    for row, one in enumerate(examples):
        for kind, (value, mass) in one.targets.items():
            target[row, types.index(kind)], weight[row, types.index(kind)] = value, mass

    learnt = weight > 0
    names, lexicon = lexicon_matrix(told, learnt)
    shrinking = np.array([PENALTY["numbers" if name in NUMBERS else "names"] for name in names])

    def model(rows: Array) -> tuple[Floats, Floats, Floats, Floats]:
        by_vector, bias = fit(vectors[rows], target[rows], weight[rows], PENALTY["vector"])
        by_words, more = fit(words[rows], target[rows], weight[rows], PENALTY["words"])
        by_lexicon = np.zeros((len(names), len(types)))
        bias = bias + more
        for column in range(len(types)):
            mass = weight[rows][:, [column]]
            beta, third = fit(lexicon[column][rows], target[rows][:, [column]], mass, shrinking)
            by_lexicon[:, column] = beta[:, 0]
            bias[column] += third[0]
        return by_vector, by_words, by_lexicon, bias

    def scored(rows: Array, parts: tuple[Floats, Floats, Floats, Floats]) -> Floats:
        by_vector, by_words, by_lexicon, bias = parts
        scores: Floats = vectors[rows] @ by_vector + words[rows] @ by_words + bias
        scores += np.einsum("trf,ft->rt", lexicon[:, rows], by_lexicon)
        return scores

    folds = [folds_by_document(examples, draw) for draw in range(DRAWS)]
    scores = np.zeros((DRAWS, *target.shape))
    some = learnt.sum(axis=1) > 0
    for draw, fold in enumerate(folds):
        for number in range(FOLDS):
            print(f"draw {draw + 1} of {DRAWS}, fold {number + 1} of {FOLDS}", flush=True)
            held_out = some & (fold == number)
            scores[draw, held_out] = scored(held_out, model(some & (fold != number)))
    platt, thresholds = np.zeros((2, len(types))), np.zeros((3, len(types)))
    scores_of: dict[str, float] = {}
    for column, kind in enumerate(types):
        rows = learnt[:, column] & np.array([one.source == f"gsr-{kind}" for one in examples])
        every, wanted, counted = (
            np.concatenate(list(part))[:, None]
            for part in (scores[:, rows, column], [target[rows, column]] * DRAWS, [weight[rows, column]] * DRAWS)
        )
        slope, shift = fit(every, wanted, counted, 0.01)
        platt[:, column] = slope[0, 0], shift[0]
        chances = 1 / (1 + np.exp(-(platt[0, column] * scores[:, :, column] + platt[1, column])))
        scores_of[kind], thresholds[:, column] = report(kind, examples, chances, folds)
    by_vector, by_words, by_lexicon, bias = model(some)
    word_scale = np.abs(by_words).max(0) / 127
    tensors = {
        "vector_version": _bytes(version),
        "encoder": _bytes(digest[:16]),
        "offset": shipped[1],
        "matrix": shipped[0],
        "types": _bytes(" ".join(types)),
        "judged": _bytes(" ".join(JUDGED)),
        "scale": scale.astype(np.float32),
        "vector_weights": by_vector.astype(np.float32),
        "word_weights": np.rint(by_words / word_scale).astype(np.int8),
        "word_weights.scale": word_scale.astype(np.float32),
        "features": _bytes(" ".join(names)),
        "lexicon_weights": by_lexicon.astype(np.float32),
        "bias": bias.astype(np.float32),
        "platt": platt.astype(np.float32),
        "thresholds": thresholds.astype(np.float32),
    }
    content = b"".join(name.encode() + np.ascontiguousarray(t).tobytes() for name, t in sorted(tensors.items()))
    made = hashlib.sha256(content).hexdigest()[:8]
    tensors["version"] = _bytes(made)
    save_file(tensors, arguments.out)
    figures = {"version": f"{lexicon_version()}+classifier-{made}"} | {k: round(v, 4) for k, v in scores_of.items()}
    arguments.scores.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {arguments.out}: {arguments.out.stat().st_size:,} bytes, vectors {version}")


def folds_by_document(examples: Sequence[Example], draw: int) -> Array:
    """The fold of each sentence, from 0 to FOLDS - 1; sentences of one document are in one fold."""
    names = [one.document or one.text for one in examples]
    return np.array([zlib.crc32(f"{draw or ''}{name}".encode()) % FOLDS for name in names])


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


def report(
    kind: str, examples: Sequence[Example], chances: Floats, folds: Sequence[Array]
) -> tuple[float, tuple[float, float, float]]:
    """Print the F1 of a judged type, each fold's threshold chosen on the others; return their mean and the thresholds.

    `chances` are (draws, sentences). The thresholds that ship are the best of all draws together.
    """
    rows = np.array([one.source == f"gsr-{kind}" and one.label != "ambiguous" for one in examples])
    label = np.array([one.label for one in examples])[rows]
    truth, easy = label == "yes", label != "difficult no"
    figures = []
    for chance, fold in zip(chances, folds, strict=True):
        share, part = chance[rows], fold[rows]
        chosen = np.zeros(len(truth), dtype=bool)
        for number in range(FOLDS):
            others = part != number
            chosen[part == number] = share[part == number] >= best_threshold(share[others], truth[others])
        figures.append((f1(chosen, truth), f1(chosen[easy], truth[easy]), float(chosen[~easy].mean())))
    whole, against_easy, hard_share = np.mean(figures, axis=0)
    print(
        f"{kind}: cross-validated F1 {whole:.3f} against all no ({', '.join(f'{one[0]:.3f}' for one in figures)}), "
        f"{against_easy:.3f} against easy no; {100 * hard_share:.0f} % of difficult no taken for yes"
    )
    threshold = best_threshold(chances[:, rows].ravel(), np.tile(truth, len(folds)))
    own = np.array([one.source == "golden" for one in examples])
    told = np.array([one.targets.get(kind, (0.0, 0.0))[0] > 0.5 for one in examples])[own]
    by_draw = [f1(chance[own] >= threshold, told) for chance in chances]
    print(f"{kind}: F1 {np.mean(by_draw):.3f} on our own sentences")
    return float(whole), (threshold, threshold, max(threshold, 0.8))


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


if __name__ == "__main__":
    main()
