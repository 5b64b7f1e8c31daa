"""Cut the encoder's 250,037 pieces to those that news in ten languages uses.

    python -m training.vocabulary --data DATA --base BASE --out OUT

BASE is the folder that `multilingual_encoder.py` unpacks.  Kept: every piece seen in the corpora, every single
character of the scripts at hand, every Arabic-script piece spelt with Arabic, Persian or Urdu letters, and then, up
to `--size`, the pieces that are the largest share of running text in any of the languages in which the same news is
told (word frequencies of `wordfreq`).  The rows of the embedding table are copied, so a kept piece has the vector
it had.
"""

import argparse
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
from wordfreq import top_n_list, word_frequency

from tasks.encoder import normalise
from training.corpora import DEVELOPMENT, TRAIN, read, read_jsonl
from training.meaning import LANGUAGES

WORDS = ("ar", "fa", "ur", "tr", "en", "fr", "es", "pt", "de", "ru", "zh", "sl")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
LETTERS = set("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگیۀهٔەےٹڈڑںھہۃۓؤٱـًٌٍَُِّْٰٓٔ۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩،؛؟٪٫٬")


def texts(data: Path) -> Iterator[str]:
    """Yield the running text whose pieces are counted, normalised as the encoder gets it."""
    for corpus in dict.fromkeys((*TRAIN, *DEVELOPMENT)):
        for sentence in read(data, corpus):
            yield " ".join(sentence.words)
    for name in ("ar_ant", "fa_news"):
        for record in read_jsonl(data / "news" / f"{name}.jsonl.gz"):
            for field in (record["title"], record["text"]):
                yield str(field)
                yield normalise(str(field), name[:2])[0]
    for record in read_jsonl(data / "langid" / "flores200_devtest.jsonl.gz"):
        if str(record["lang"])[:3] in LANGUAGES:
            yield str(record["text"])


def script(piece: str) -> str:
    """Return the script of the letters of a piece, "common" where it has none, "mixed" where several."""
    found = {unicodedata.name(c, "?").split()[0] for c in piece if c.isalpha()}
    return found.pop() if len(found) == 1 else "mixed" if found else "common"


def shares(tokenizer: Tokenizer) -> Counter[int]:
    """Return, for each piece, its largest share of the running text of any language."""
    largest: Counter[int] = Counter()
    for language in WORDS:
        words = [(word, word_frequency(word, language)) for word in top_n_list(language, 80_000)]
        # A headline starts its nouns, if not its words, with a capital.
        spelt = [(form, share) for word, share in words for form in {word, word.capitalize()}]
        found: Counter[int] = Counter()
        for (_, share), encoding in zip(spelt, tokenizer.encode_batch([form for form, _ in spelt]), strict=True):
            for piece in encoding.ids:
                found[piece] += share
        for piece, share in found.items():
            largest[piece] = max(largest[piece], share)
    return largest


def choose(vocabulary: list[tuple[str, float]], counts: Counter[int], largest: Counter[int], size: int) -> list[int]:
    """Return the ids to keep, in the old order."""
    keep = {i for i, (piece, _) in enumerate(vocabulary) if piece in SPECIAL}
    keep.update(counts)
    for i, (piece, _) in enumerate(vocabulary):
        bare = piece.lstrip("▁")
        of = script(bare)
        if (
            (len(bare) <= 1 and of in {"ARABIC", "LATIN", "CYRILLIC", "common"})
            or (of == "common" and len(bare) < 4)
            or (of == "ARABIC" and set(bare) <= LETTERS)
        ):
            keep.add(i)
    for i, _ in largest.most_common():
        if len(keep) >= size:
            break
        keep.add(i)
    return sorted(keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=89_000)
    arguments = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(arguments.base / "tokenizer.json"))
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts(arguments.data):
        batch.append(text)
        if len(batch) == 1000:
            for encoding in tokenizer.encode_batch(batch):
                counts.update(encoding.ids)
            batch = []
    for encoding in tokenizer.encode_batch(batch):
        counts.update(encoding.ids)

    specification = json.loads((arguments.base / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = specification["model"]["vocab"]
    ids = choose(vocabulary, counts, shares(tokenizer), arguments.size)
    assert ids[:4] == [0, 1, 2, 3], "the special pieces must keep their ids"
    specification["model"]["vocab"] = [vocabulary[i] for i in ids]
    specification["added_tokens"] = [t for t in specification["added_tokens"] if t["content"] != "<mask>"]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "tokenizer.json").write_text(json.dumps(specification, ensure_ascii=False), encoding="utf-8")
    PreTrainedTokenizerFast(
        tokenizer_file=str(arguments.out / "tokenizer.json"), bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        sep_token="</s>", cls_token="<s>", pad_token="<pad>", model_max_length=512,
    ).save_pretrained(arguments.out)  # fmt: skip

    model = BertModel.from_pretrained(arguments.base, add_pooling_layer=False)
    state = model.state_dict()
    name = "embeddings.word_embeddings.weight"
    state[name] = state[name][torch.tensor(ids)].clone()
    config = BertConfig.from_pretrained(arguments.base)
    config.vocab_size = len(ids)
    cut = BertModel(config, add_pooling_layer=False)
    cut.load_state_dict(state)
    cut.save_pretrained(arguments.out)
    seen = sum(counts.values())
    scripts = Counter(script(vocabulary[i][0].lstrip("▁")) for i in ids).most_common(5)
    print(f"{len(ids)} pieces kept, {len(counts)} of them seen in {seen} running pieces; {scripts}")


if __name__ == "__main__":
    main()
