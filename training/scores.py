"""Exact-span scores over PER, ORG, LOC (and MISC where the corpus has it)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tasks.encoder import normalise
from training.labels import COUNTRIES_AS_ACTORS
from training.places import countries, nationalities

Span = tuple[int, int, str]
GOLD = {"PERS": "PER", "GPE": "LOC", "MIS": "MISC", "NAT": "MISC"}
SCORED = ("PER", "ORG", "LOC")


@dataclass
class Score:
    """Counts of true, predicted and correct spans by label."""

    gold: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    correct: Counter[str] = field(default_factory=Counter)

    def add(self, gold: Iterable[Span], predicted: Iterable[Span]) -> None:
        gold, predicted = set(gold), set(predicted)
        self.gold.update(label for _, _, label in gold)
        self.predicted.update(label for _, _, label in predicted)
        self.correct.update(label for _, _, label in gold & predicted)

    def f1(self, labels: Iterable[str] = SCORED) -> float:
        labels = list(labels)
        correct = sum(self.correct[label] for label in labels)
        total = sum(self.gold[label] + self.predicted[label] for label in labels)
        return 200 * correct / total if total else 0.0

    def line(self) -> str:
        parts = [f"{label} {self.f1([label]):.1f}" for label in (*SCORED, "MISC") if self.gold[label]]
        correct = sum(self.correct[label] for label in SCORED)
        precision = 100 * correct / max(1, sum(self.predicted[label] for label in SCORED))
        recall = 100 * correct / max(1, sum(self.gold[label] for label in SCORED))
        return f"F1 {self.f1():.2f} (P {precision:.1f} R {recall:.1f}; {', '.join(parts)})"


def is_country_as_organization(corpus: str, surface: str, label: str) -> bool:
    """Say whether a gold span is one that Rasad's convention labels differently on purpose."""
    language = corpus[:2]
    name = " ".join(normalise(surface, language)[0].split())
    known = name in countries(language) or name in nationalities(language)
    return corpus in COUNTRIES_AS_ACTORS and label == "ORG" and known


def comparable(corpus: str, gold: list[tuple[Span, str]], predicted: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """Leave out gold spans that the convention excludes, and the predictions that overlap one of them."""
    left_out = [span for span, surface in gold if is_country_as_organization(corpus, surface, span[2])]
    kept = [(s, e, GOLD.get(label, label)) for (s, e, label), _ in gold if (s, e, label) not in left_out]
    free = [p for p in predicted if not any(p[0] < e and s < p[1] for s, e, _ in left_out)]
    return kept, free
