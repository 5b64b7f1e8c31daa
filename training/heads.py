"""Score the linear head of a fine-tuned encoder on gold words: how good is the encoder, before Stanza's tagger?

python -m training.heads --data DATA --encoder FOLDER
"""

import argparse
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast

from training.corpora import development_sentences
from training.network import Tagger, score, shallow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    arguments = parser.parse_args()
    model = Tagger(shallow(arguments.encoder, 99))
    model.head.load_state_dict(torch.load(arguments.encoder / "head.pt", weights_only=True))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(arguments.encoder)
    for corpus, result in score(model, tokenizer, development_sentences(arguments.data)).items():
        print(corpus, result.line(), flush=True)


if __name__ == "__main__":
    main()
