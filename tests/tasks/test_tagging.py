"""The batched networks against plain ones: tokens as Stanza cuts them, probabilities as if counted one by one."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
import torch

from tasks.models import bundled_models
from tasks.splitting import BatchedSplitter, StanzaSplitter, splitter
from tasks.tagging import Decoder
from tasks.tagging_network import TagNetwork

if TYPE_CHECKING:
    from stanza.pipeline.ner_processor import NERProcessor

PARAGRAPHS = {
    "ar": [
        "نعم.",
        "وصل الوفد إلى عمّان أمس، وبحث مع الوزير ملف المياه. ثم غادر!",
        "قالت «وكالة الأنباء» إن 3.5 مليون شخص نزحوا، وإن U.N. تستعد لذلك",
        "ولم يعلق المكتب؛ وبحسب شهود فإن الطريق مغلق؟ لا أحد يعرف. " * 8,
    ],
    "fa": ["بله.", "وزیر نیرو شنبه به رشت رفت. او گفت آب کافی است!", "«می‌رویم»؛ ۲۵ نفر رفتند. " * 9],
}


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_unpacked_rows_split_as_stanza_splits_each_alone(language: str) -> None:
    processor = bundled_models().pipeline(language).processors["tokenize"]
    ours = splitter(processor)
    assert isinstance(ours, BatchedSplitter)
    assert ours(PARAGRAPHS[language]) == StanzaSplitter(processor)(PARAGRAPHS[language])


def test_scores_do_not_depend_on_the_sentences_beside_them() -> None:
    network = TagNetwork(bundled_models().pipeline("ar").processors["ner"].trainers[0].model)
    if network.cells is None:
        pytest.skip("this processor has no kernels whose rows are summed by themselves")
    chooser = torch.Generator().manual_seed(3)
    lengths = [31, 17, 17, 9, 2, 1]
    words = torch.randn(len(lengths), 31, 384, generator=chooser)
    together = network(words, lengths)
    for row, length in enumerate(lengths):
        alone = network(words[row : row + 1, :length], [length])
        assert torch.equal(alone[0], together[row, :length])


def test_without_the_kernels_double_precision_gives_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> object:
        raise RuntimeError("no such kernel")

    model = bundled_models().pipeline("ar").processors["ner"].trainers[0].model
    fast = TagNetwork(model)
    monkeypatch.setattr(TagNetwork, "_half", missing)
    plain = TagNetwork(model)
    assert plain.cells is None
    lengths = [13, 5]
    words = torch.randn(2, 13, 384, generator=torch.Generator().manual_seed(5))
    ours, theirs = fast(words, lengths), plain(words, lengths)
    assert torch.allclose(ours, theirs, atol=0.05)  # weights of half precision have three digits
    assert torch.equal(ours.argmax(-1)[0], theirs.argmax(-1)[0])


def test_best_tags_and_their_probabilities_are_those_of_all_sequences_counted() -> None:
    chooser = torch.Generator().manual_seed(8)
    tags = ["<PAD>", "<UNK>", "<EMPTY>", "<ROOT>", "O", "S-PER", "S-LOC"]
    transitions = torch.randn(len(tags), len(tags), generator=chooser)
    trainer = SimpleNamespace(
        model=SimpleNamespace(crits=[SimpleNamespace(_transitions=transitions)]),
        vocab={"tag": SimpleNamespace(items=lambda _: tags)},
    )
    decoder = Decoder(cast("NERProcessor", SimpleNamespace(trainers=[trainer])))
    assert decoder.labels == {"PER", "LOC"}
    lengths = [5, 3, 3, 1]
    logits = torch.randn(len(lengths), 5, len(tags), generator=chooser) * 3
    for row, (length, mentions) in enumerate(zip(lengths, decoder(logits, lengths), strict=True)):
        scored = {
            path: sum(float(logits[row, at, tag]) for at, tag in enumerate(path))
            + sum(float(transitions[a, b]) for a, b in itertools.pairwise(path))
            for path in itertools.product(range(4, len(tags)), repeat=length)
        }
        weights = {path: torch.tensor(score, dtype=torch.float64).exp().item() for path, score in scored.items()}
        best = max(scored, key=scored.__getitem__)
        expected = [
            (
                at,
                at + 1,
                tags[tag][2:],
                sum(w for path, w in weights.items() if path[at] == tag) / sum(weights.values()),
            )
            for at, tag in enumerate(best)
            if tags[tag] != "O"
        ]
        assert [mention[:3] for mention in mentions] == [mention[:3] for mention in expected]
        assert [mention[3] for mention in mentions] == pytest.approx([mention[3] for mention in expected], abs=1e-5)
