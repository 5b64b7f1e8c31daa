"""Assemble what ships: a folder that a plain `stanza.Pipeline` loads, and the manifest that guards it.

    python -m training.bundle --packed PACKED --tokenizers TOK --tagger-ar FILE --tagger-fa FILE --out seeds/models

Paths of the machine that trained, unused vocabularies and optimiser state are left behind.  The folder is built
beside its place and moved in whole; cards (*.md) that are there stay.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch

RELEASE = 1
ENCODER = "rasad-encoder"
LABELS = ["LOC", "MISC", "ORG", "PER"]
NAMES = {"ar": "Arabic", "fa": "Persian"}
MOST_BYTES, MOST_BYTES_A_FILE = 50_000_000, 45_000_000


def clean(source: Path, target: Path) -> None:
    """Copy a Stanza checkpoint without paths of files and without the word list that no embedding uses."""
    checkpoint = torch.load(source, map_location="cpu", weights_only=True)
    settings = checkpoint["config"]
    for key, value in list(settings.items()):
        if key.endswith(("_file", "_dir")) or (isinstance(value, str) and "/" in value):
            settings[key] = None
    if settings.get("bert_model"):
        settings["bert_model"] = ENCODER
        vocabulary = checkpoint["vocab"]
        vocabulary.pop("delta", None)
    # Half precision in the file, where Stanza loads with single: 3 MB less, and the same results.
    checkpoint["model"] = {
        name: tensor.half() if getattr(tensor, "dtype", None) == torch.float32 else tensor
        for name, tensor in checkpoint["model"].items()
        if not name.startswith("bert_model.")
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(checkpoint, target, _use_new_zipfile_serialization=False)


def digest(path: Path, kind: str) -> str:
    return hashlib.new(kind, path.read_bytes(), usedforsecurity=False).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("packed", "tokenizers", "tagger-ar", "tagger-fa", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    new = arguments.out.with_name(".models-new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for name in ("encoder.safetensors", "vocabulary.json.gz"):
        shutil.copyfile(arguments.packed / name, new / name)
    resources: dict[str, object] = {}
    for language, tagger in (("ar", arguments.tagger_ar), ("fa", arguments.tagger_fa)):
        clean(arguments.tokenizers / f"{language}_tokenizer.pt", new / language / "tokenize" / "rasad.pt")
        clean(tagger, new / language / "ner" / "rasad.pt")
        if language == "ar":
            clean(arguments.tokenizers / "ar_mwt.pt", new / language / "mwt" / "rasad.pt")
        kinds = sorted(path.parent.name for path in (new / language).rglob("rasad.pt"))
        entry: dict[str, object] = {
            "lang_name": NAMES[language],
            "packages": {"default": dict.fromkeys(kinds, "rasad")},
        }
        for kind in kinds:
            entry[kind] = {"rasad": {"md5": digest(new / language / kind / "rasad.pt", "md5")}}
        resources[language] = entry
    (new / "resources.json").write_text(json.dumps(resources, indent=1) + "\n", encoding="utf-8")
    files = {
        str(path.relative_to(new)): {"bytes": path.stat().st_size, "sha256": digest(path, "sha256")}
        for path in sorted(new.rglob("*"))
        if path.is_file()
    }
    sizes = [int(entry["bytes"]) for entry in files.values()]
    assert sum(sizes) <= MOST_BYTES and max(sizes) <= MOST_BYTES_A_FILE, files
    manifest = {"release": RELEASE, "labels": LABELS, "languages": sorted(NAMES), "files": files}
    (new / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for card in arguments.out.glob("*.md"):
        shutil.copyfile(card, new / card.name)
    old = arguments.out.with_name(".models-old")
    if arguments.out.exists():
        arguments.out.rename(old)
    new.rename(arguments.out)
    shutil.rmtree(old, ignore_errors=True)
    print(f"{sum(sizes) / 1e6:.1f} MB in {len(files)} files")


if __name__ == "__main__":
    main()
