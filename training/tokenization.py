"""Train Stanza's tokenizers (sentences, tokens, clitic marks) and the Arabic clitic expander.

    python -m training.tokenization --data DATA --out OUT [--steps 2500]

Arabic: PADT train and the Parallel UD treebank; Persian: PerDT train, iPerUDT and Seraji.  Text is
normalised first, as at run time.  PADT comes without its running text: it is put back together with the
spacing of print, and in one paragraph of five with all its blanks, since both occur on the web.
"""

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stanza.models import mwt_expander, tokenizer

from tasks.encoder import normalise

NO_SPACE_BEFORE = set(".,:;!?)]}،؛؟…%٪")
NO_SPACE_AFTER = set("([{")


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    parts: tuple[str, ...] = ()
    blank_after: bool = True


def spelling(text: str) -> str:
    """Reduce a word to what clitics and their host keep when they are written together."""
    for letter, to in zip("أإآٱىةئؤ", "ااااييهيو", strict=False):
        text = text.replace(letter, to)
    return text.replace("لال", "لل")


def split_parts(words: list[str], tags: list[str]) -> list[Token]:
    """Return surface tokens of a PADT line: a token tagged `_` is followed by its parts, uncounted."""
    tokens, i = [], 0
    while i < len(words):
        if tags[i] != "_":
            tokens.append(Token(words[i]))
            i += 1
            continue
        surface = spelling(words[i])
        best = min(
            range(2, min(6, len(words) - i)),
            key=lambda k: (abs(len(surface) - len(spelling("".join(words[i + 1 : i + 1 + k])))), k),
            default=0,
        )
        tokens.append(Token(words[i], tuple(words[i + 1 : i + 1 + best])))
        i += 1 + best
    return tokens


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")


def padt(path: Path) -> Iterator[list[Token]]:
    for line in filter(None, lines(path)):
        words, _, tags = line.partition("\t")
        yield split_parts(words.split(" "), tags.split(" "))


def conllu(path: Path) -> Iterator[list[Token]]:
    sentence: list[Token] = []
    left: list[str] = []
    for line in lines(path):
        cells = line.split("\t")
        if len(cells) < 10:
            if sentence and not line.strip():
                yield sentence
                sentence = []
            continue
        blank = "SpaceAfter=No" not in cells[9]
        if "-" in cells[0]:
            first, last = map(int, cells[0].split("-"))
            left = [""] * (last - first + 1)
            sentence.append(Token(cells[1], tuple(left), blank))
        elif left:
            parts = (*sentence[-1].parts[len(sentence[-1].parts) - len(left) + 1 :], "")
            done = (*tuple(p for p in sentence[-1].parts if p), cells[1])
            sentence[-1] = Token(sentence[-1].text, done + ("",) * (len(parts) - len(done)), sentence[-1].blank_after)
            left.pop()
        elif cells[0].isdigit():
            sentence.append(Token(cells[1], (), blank))


def joined(sentence: list[Token]) -> list[Token]:
    """Write the clitics of the Parallel treebank, which are tokens there, on to their host again."""
    result: list[Token] = []
    attached = False
    for token in sentence:
        if attached and token.text[0].isalpha() and result[-1].text[-1].isalpha():
            last = result[-1]
            # The article loses its alef behind li-; PADT writes it again, so write it here as well.
            text = "ال" + token.text[1:] if last.text.endswith("ل") and token.text[:1] == "ل" else token.text
            parts = (*(last.parts or (last.text,)), text)
            result[-1] = Token(last.text + token.text, parts, token.blank_after)
        else:
            result.append(token)
        attached = not token.blank_after
    return result


def perdt(raw: Path, tokens: Path) -> Iterator[list[Token]]:
    """Pair raw sentences and gold tokens; a token with a blank in it becomes several."""
    gold: list[list[str]] = [[]]
    for line in lines(tokens):
        if line.strip():
            gold[-1].extend(line.split())
        elif gold[-1]:
            gold.append([])
    for text, words in zip(lines(raw), gold, strict=False):
        sentence: list[Token] = []
        at = 0
        for word in words:
            start = text.find(word, at)
            if start < 0 or text[at:start].strip():
                break
            if sentence and start == at:
                sentence[-1] = Token(sentence[-1].text, (), False)
            sentence.append(Token(word))
            at = start + len(word)
        else:
            if not text[at:].strip():
                yield sentence


def respace(sentence: list[Token], spaced: bool) -> list[Token]:
    """Give tokens without running text the spacing of print."""
    if spaced:
        return sentence
    result, inside = [], False
    for i, token in enumerate(sentence):
        following = sentence[i + 1].text if i + 1 < len(sentence) else ""
        blank = following[:1] not in NO_SPACE_BEFORE and token.text not in NO_SPACE_AFTER
        if token.text == '"':
            inside = not inside
            blank = blank and not inside
        elif following == '"' and inside:
            blank = False
        result.append(Token(token.text, token.parts, blank))
    return result


def prepare(sentences: list[list[Token]], language: str, stem: Path, chooser: random.Random, joiners: bool) -> None:
    """Write `stem`.txt, .toklabels (0 inside, 1 token, 2 sentence, 3 clitics, 4 both) and .conllu."""
    texts, labels, rows = [], [], []
    at = 0
    while at < len(sentences):
        size = chooser.choice((1, 1, 2, 3, 5, 8))
        strip = joiners and chooser.random() < 0.3
        text, label = "", ""
        for sentence in sentences[at : at + size]:
            row = []
            for i, token in enumerate(sentence):
                word = normalise(token.text, language)[0].replace(" ", "")
                word = word.replace("\u200c", "") or word if strip else word
                if not word:
                    continue
                last = i == len(sentence) - 1
                clitics = len(token.parts) > 1
                text += word + (" " if token.blank_after or last else "")
                label += "0" * (len(word) - 1) + str((2 if last else 1) + 2 * clitics)
                label += "0" if token.blank_after or last else ""
                row.append((word, token.parts if clitics else ()))
            rows.append(row)
        texts.append(text.rstrip())
        labels.append(label[: len(text.rstrip())])
        at += size
    stem.with_suffix(".txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    stem.with_suffix(".toklabels").write_text("\n\n".join(labels) + "\n", encoding="utf-8")
    expansions = Counter((word, parts) for row in rows for word, parts in row if parts)
    stem.with_suffix(".mwt.json").write_text(json.dumps([list(item) for item in expansions.items()]), encoding="utf-8")
    with stem.with_suffix(".conllu").open("w", encoding="utf-8") as out:
        for row in rows:
            at = 1
            for word, parts in row:
                if parts:
                    out.write(f"{at}-{at + len(parts) - 1}\t{word}" + "\t_" * 8 + "\n")
                for part in parts or (word,):
                    head = f"{at - 1}\t{'root' if at == 1 else 'dep'}"
                    out.write(f"{at}\t{part}\t_\tX\t_\t_\t{head}\t_\t_\n")
                    at += 1
            out.write("\n")


def arguments_of(language: str, out: Path, stem: str, steps: int) -> list[str]:
    return [
        "--mode", "train", "--lang", language, "--shorthand", f"{language}_rasad",
        "--txt_file", f"{out}/{stem}_train.txt", "--label_file", f"{out}/{stem}_train.toklabels",
        "--dev_txt_file", f"{out}/{stem}_dev.txt", "--dev_label_file", f"{out}/{stem}_dev.toklabels",
        "--mwt_json_file", f"{out}/{stem}_train.mwt.json", "--dev_conll_gold", f"{out}/{stem}_dev.conllu",
        "--conll_file", f"{out}/{stem}_dev.out.conllu",
        "--steps", str(steps), "--max_seqlen", "200", "--eval_steps", "250", "--report_steps", "100",
        "--anneal_after", "500", "--save_dir", str(out), "--save_name", f"{language}_tokenizer.pt", "--cpu",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--only", choices=("ar", "fa", "mwt"))
    arguments = parser.parse_args()
    out, ud = arguments.out, arguments.data / "ud"
    out.mkdir(parents=True, exist_ok=True)
    if arguments.only in (None, "ar", "mwt"):
        chooser = random.Random(1234)
        train = [respace(s, chooser.random() < 0.2) for s in padt(ud / "ar_padt_train.txt.gz")]
        development = [respace(s, False) for s in padt(ud / "ar_padt_dev.txt.gz")]
        parallel = [joined(s) for s in conllu(ud / "ar_pud.conllu.gz")]
        prepare(train + parallel[:900], "ar", out / "ar_train", chooser, joiners=False)
        prepare(development + parallel[900:], "ar", out / "ar_dev", chooser, joiners=False)
    if arguments.only in (None, "ar"):
        tokenizer.main(arguments_of("ar", out, "ar", arguments.steps))
    if arguments.only in (None, "mwt"):
        mwt_expander.main(
            [
                "--mode", "train", "--shorthand", "ar_rasad", "--train_file", f"{out}/ar_train.conllu",
                "--eval_file", f"{out}/ar_dev.conllu", "--gold_file", f"{out}/ar_dev.conllu",
                "--output_file", f"{out}/ar_mwt.out.conllu", "--num_epoch", "6", "--save_dir", str(out),
                "--save_name", "ar_mwt.pt", "--hidden_dim", "64", "--emb_dim", "32", "--cpu",
            ]
        )  # fmt: skip
    if arguments.only in (None, "fa"):
        chooser = random.Random(1234)
        train = list(perdt(ud / "fa_perdt_train_raw.txt.gz", ud / "fa_perdt_train_tokens.txt.gz"))
        train = chooser.sample(train, 12000)
        for name in ("fa_iperudt_train", "fa_seraji_dev"):
            train += [[Token(t.text, (), t.blank_after) for t in s] for s in conllu(ud / f"{name}.conllu.gz")]
        development = [[Token(t.text, (), t.blank_after) for t in s] for s in conllu(ud / "fa_perdt_dev.conllu.gz")]
        prepare(train, "fa", out / "fa_train", chooser, joiners=True)
        prepare(development, "fa", out / "fa_dev", chooser, joiners=False)
        tokenizer.main(arguments_of("fa", out, "fa", arguments.steps))


if __name__ == "__main__":
    main()
