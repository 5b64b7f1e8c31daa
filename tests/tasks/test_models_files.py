"""Folders of models: missing, corrupt and foreign files, versions, Stanza's own packages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from schemas.errors import ModelCorrupt, ModelMismatch, ModelMissing
from tasks import models_load as module
from tasks.models import ModelBundle, bundled_models, official_models

PERSIAN = "رئیس‌جمهور ایران روز شنبه به پاریس رفت. سازمان ملل از این سفر استقبال کرد."


@pytest.fixture(scope="module")
def models() -> ModelBundle:
    return bundled_models()


@pytest.fixture
def copy(tmp_path: Path, models: ModelBundle) -> Path:
    return Path(shutil.copytree(models.folder, tmp_path / "models"))


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "fa" / "ner" / "rasad.pt").unlink()
    with pytest.raises(ModelMissing, match=r"fa.ner.rasad\.pt.*rasad doctor"):
        bundled_models(copy).annotate("fa", ["تهران"])
    assert bundled_models(copy).version == bundled_models().version


def test_a_corrupt_file_is_named(copy: Path) -> None:
    path = copy / "encoder.safetensors"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"encoder\.safetensors.*rasad doctor"):
        bundled_models(copy).annotate("ar", ["دمشق"])


def test_a_manifest_is_needed_and_checked(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"labels": ["PER", "VEHICLE"]}), encoding="utf-8")
    with pytest.raises(ModelMismatch, match="VEHICLE"):
        bundled_models(copy)
    lacking = {name: value for name, value in manifest.items() if name != "release"}
    (copy / "manifest.json").write_text(json.dumps(lacking), encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="release: Field required"):
        bundled_models(copy)
    (copy / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelCorrupt, match=r"manifest\.json"):
        bundled_models(copy)
    (copy / "manifest.json").unlink()
    with pytest.raises(ModelMissing, match=r"manifest\.json"):
        bundled_models(copy)


def test_version_follows_the_content(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["encoder.safetensors"]["sha256"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundled_models(copy).version != bundled_models().version
    assert bundled_models().version.startswith("bundled-1+")


def test_unknown_language(models: ModelBundle) -> None:
    with pytest.raises(ModelMissing, match="'tr'"):
        models.annotate("tr", ["Ankara"])


def test_official_models_from_a_resources_folder(models: ModelBundle, tmp_path: Path) -> None:
    """A folder laid out as Stanza's, with a small model of random weights trained for six Persian types."""
    folder = tmp_path / "stanza_resources"
    shutil.copytree(models.folder / "fa", folder / "fa")
    shutil.copyfile(models.folder / "resources.json", folder / "resources.json")
    path = folder / "fa" / "ner" / "rasad.pt"
    _random_tagger(path, ["pers", "org", "loc", "fac", "event", "pro"])
    official = official_models(folder)
    assert official.languages == {"fa"}
    assert official.version.startswith("official-")
    (result,) = official.annotate("fa", [PERSIAN])
    assert isinstance(result, list) and len(result) == 2
    with pytest.raises(ModelMissing):
        official.sentence_encoder()
    _random_tagger(path, ["pers", "vehicle"])
    module.load.cache_clear()
    with pytest.raises(ModelMismatch, match="vehicle"):
        official.annotate("fa", [PERSIAN])
    module.load.cache_clear()


def test_official_models_need_their_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="rasad"):
        official_models(tmp_path)
    (tmp_path / "resources.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelMissing, match="no Arabic or Persian"):
        official_models(tmp_path)


def _random_tagger(path: Path, labels: list[str]) -> None:
    """Write a tagger of Stanza's with character features and random weights."""
    from stanza.models.ner.trainer import Trainer
    from stanza.models.ner.vocab import MultiVocab
    from stanza.models.pos.vocab import CharVocab, CompositeVocab, WordVocab

    torch.manual_seed(1)
    tags = ["O", *(f"{place}-{label}" for label in labels for place in "BIES")]
    vocabulary = MultiVocab(
        {
            "char": CharVocab([sorted(set(PERSIAN))], "fa_test"),
            "delta": WordVocab([[[word] for word in PERSIAN.split()]], "fa_test", cutoff=0, lower=True),
            "tag": CompositeVocab([[((tag,),) for tag in tags]], "fa_test", idx=0, sep=None),
        }
    )
    settings = {
        "word_emb_dim": 8, "char_emb_dim": 8, "char_hidden_dim": 8, "char_num_layers": 1, "hidden_dim": 8,
        "num_layers": 1, "char": True, "charlm": False, "char_rec_dropout": 0.0, "char_dropout": 0.0, "dropout": 0.0,
        "word_dropout": 0.0, "locked_dropout": 0.0, "rec_dropout": 0.0, "input_transform": True, "lowercase": True,
        "bert_model": None, "bert_finetune": False, "use_peft": False, "optim": "sgd", "lr": 0.1, "momentum": 0.0,
        "batch_size": 32, "shorthand": "fa_test", "scheme": "bioes",
    }  # fmt: skip
    Trainer(args=settings, vocab=vocabulary, device="cpu").save(str(path))


def test_models_load_without_what_trains_them() -> None:
    loading = (
        "import sys; from tasks.models import bundled_models; from tasks.models_load import load; "
        "[load(bundled_models().folder, language, True) for language in ('ar', 'fa')]; "
        "print(sorted({'transformers', 'torch._dynamo'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", loading], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]", "each takes a second or two of every start"
