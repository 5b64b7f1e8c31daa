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

import numpy as np
import torch
from safetensors.numpy import save_file

from tasks.lexicon import version as lexicon_version
from tasks.models import bundled_models
from tasks.sentence_projection import Floats, Projection, encoder_digest
from training.event_examples import JUDGED, Example, cached_means, golden_sentences, judged_sentences, other_sentences
from training.event_model import Array, Inputs, Model, fit, fit_model, read

#: 96 bytes a sentence hold 97 % of what the linear classifier can use of the 1,536 means.
SIZE = 96
#: A vector's steps: four standard deviations to either side.
REACH = 4.0
FOLDS = 5
#: How often folds are drawn: with 49 sentences that tell a protest, the F1 of one draw is a tenth from another's.
DRAWS = 8


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
    examples = judged_sentences(arguments.data) + golden_sentences() + other_sentences(arguments.data)
    print(Counter(one.source for one in examples), flush=True)
    means = cached_means(arguments.cache, bundle, examples)
    projection, scale = projection_of(means, encoder_digest(bundle.folder) or "")
    inputs = read(examples, projection.quantised(means) * scale)
    platt, thresholds, scores = cross_validated(examples, inputs)
    languages = sorted({one.language for one in examples if one.source.startswith("gsr-")})
    model = fit_model(inputs, inputs.weight.sum(axis=1) > 0)
    made = tensors_of(projection, scale, inputs.features, model, languages)
    made |= {"platt": platt.astype(np.float32), "thresholds": thresholds.astype(np.float32)}
    content = b"".join(name.encode() + np.ascontiguousarray(t).tobytes() for name, t in sorted(made.items()))
    version = hashlib.sha256(content).hexdigest()[:8]
    save_file(made | {"version": _bytes(version)}, arguments.out)
    figures = {"version": f"{lexicon_version()}+classifier-{version}"} | {k: round(v, 4) for k, v in scores.items()}
    arguments.scores.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {arguments.out}: {arguments.out.stat().st_size:,} bytes, vectors {projection.version}")


def projection_of(means: Floats, digest: str) -> tuple[Projection, Floats]:
    """Return the projection on the means' principal components, and by what its vectors are multiplied to learn."""
    offset = means.mean(0)
    # By the covariance: a matrix of the means' size, not of the sentences'.
    values, directions = np.linalg.eigh(np.cov(means, rowvar=False, bias=True))
    deviation = np.sqrt(values[::-1][:SIZE])
    matrix = directions[:, ::-1][:, :SIZE] * (127 / (REACH * deviation))
    # What ships is float16: the version is that of what ships.
    shipped = matrix.astype(np.float16), offset.astype(np.float16)
    version = hashlib.sha256(digest.encode() + b"".join(a.tobytes() for a in shipped)).hexdigest()[:8]
    projection = Projection(version, digest[:16], shipped[1].astype(np.float64), shipped[0].astype(np.float64))
    # Distances as they were, and one unit for the spread of a mean, so that penalties fit any encoder.
    return projection, REACH * deviation / 127 / (means - offset).std() / 3


def cross_validated(examples: Sequence[Example], inputs: Inputs) -> tuple[Floats, Floats, Mapping[str, float]]:
    """Return Platt's slope and shift, the thresholds (each by type), and the F1 of each judged type."""
    folds = [folds_by_document(examples, draw) for draw in range(DRAWS)]
    scores = np.zeros((DRAWS, *inputs.target.shape))
    some = inputs.weight.sum(axis=1) > 0
    for draw, fold in enumerate(folds):
        for number in range(FOLDS):
            print(f"draw {draw + 1} of {DRAWS}, fold {number + 1} of {FOLDS}", flush=True)
            held_out = some & (fold == number)
            scores[draw, held_out] = fit_model(inputs, some & (fold != number)).scores(inputs, held_out)
    platt, thresholds = np.zeros((2, len(JUDGED))), np.zeros((3, len(JUDGED)))
    scores_of: dict[str, float] = {}
    for column, kind in enumerate(JUDGED):
        rows = (inputs.weight[:, column] > 0) & np.array([one.source == f"gsr-{kind}" for one in examples])
        target, weight = inputs.target[rows, column], inputs.weight[rows, column]
        every, wanted, counted = (
            np.concatenate(list(part))[:, None]
            for part in (scores[:, rows, column], [target] * DRAWS, [weight] * DRAWS)
        )
        slope, shift = fit(every, wanted, counted, 0.01)
        platt[:, column] = slope[0, 0], shift[0]
        chances = 1 / (1 + np.exp(-(platt[0, column] * scores[:, :, column] + platt[1, column])))
        scores_of[kind], thresholds[:, column] = report(kind, examples, chances, folds)
    return platt, thresholds, scores_of


def tensors_of(
    projection: Projection, scale: Floats, features: Sequence[str], model: Model, languages: Sequence[str]
) -> dict[str, Array]:
    """Return what ships of the projection and of the model; the weights of words in int8."""
    word_scale = np.abs(model.by_words).max(0) / 127
    return {
        "vector_version": _bytes(projection.version),
        "encoder": _bytes(projection.encoder),
        "offset": projection.offset.astype(np.float16),
        "matrix": projection.matrix.astype(np.float16),
        "types": _bytes(" ".join(JUDGED)),
        "judged": _bytes(" ".join(JUDGED)),
        "languages": _bytes(" ".join(languages)),
        "scale": scale.astype(np.float32),
        "vector_weights": model.by_vector.astype(np.float32),
        "word_weights": np.rint(model.by_words / word_scale).astype(np.int8),
        "word_weights.scale": word_scale.astype(np.float32),
        "features": _bytes(" ".join(features)),
        "lexicon_weights": model.by_lexicon.astype(np.float32),
        "bias": model.bias.astype(np.float32),
    }


def folds_by_document(examples: Sequence[Example], draw: int) -> Array:
    """The fold of each sentence, from 0 to FOLDS - 1; sentences of one document are in one fold."""
    names = [one.document or one.text for one in examples]
    return np.array([zlib.crc32(f"{draw or ''}{name}".encode()) % FOLDS for name in names])


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
