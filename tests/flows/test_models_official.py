"""Official models from a fetched folder: names, errors, the page's commands, without the network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.doctor import examine
from flows.model_fetch import fetch_models
from flows.model_list import list_models
from flows.run import execute
from flows.settings import NerSettings
from flows.stages import language_models
from schemas.errors import ModelCorrupt, ModelMismatch, ModelMissing
from tasks.models_official import official_bundle
from tests.flows.official import index_entry, served, train_tagger
from tests.flows.support import request
from warehouse.connection import open_reader
from warehouse.location import Location

ROOT = Path(__file__).parents[2]
TEXTS = {
    "ar": "زار حازم أمس .\nكتب الصحفي عن دمشق و اليونسكو .",
    "fa": "دیروز از مریم گفتند .\nسخن از تهران و مهرآباد بود .",
}


@pytest.fixture
def folder(
    official_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A fetched folder of the test's own: models are loaded once in a process for each folder."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(official_place) as (url, _):
        fetch_models(tmp_path / "stanza", url=url, languages=(), as_json=True)
    capsys.readouterr()
    return tmp_path / "stanza"


def test_names_are_those_of_stanza_under_rasad_s_labels(folder: Path) -> None:
    models = official_bundle(folder)
    assert models.version.startswith("official-1.15.0+")
    expected = {
        "ar": [("حازم", "PER", "PER"), ("دمشق", "LOC", "LOC"), ("اليونسكو", "ORG", "ORG")],
        "fa": [("مریم", "pers", "PER"), ("تهران", "loc", "LOC"), ("مهرآباد", "fac", "LOC")],
    }
    for language, text in TEXTS.items():
        (result,) = models.annotate(language, [text])
        assert isinstance(result, list), result
        ours = [(text[m.char_start : m.char_end], m.label) for sentence in result for m in sentence.mentions]
        theirs = [(entity.text, entity.type) for entity in models.pipeline(language)(text).ents]
        assert ours == [(name, label) for name, _, label in expected[language]]
        assert theirs == [(name, label) for name, label, _ in expected[language]]


def test_a_long_sentence_is_not_cut(folder: Path) -> None:
    """Only the bundled encoder has a longest sentence."""
    text = "دیروز از " + "و ".join(["مریم "] * 120) + "گفتند."
    (result,) = official_bundle(folder).annotate("fa", [text])
    assert isinstance(result, list), result
    assert len(text) > 600
    assert [(sentence.char_start, sentence.char_end) for sentence in result] == [(0, len(text))]


def test_a_run_without_its_models_ends_before_it_begins(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXTS["fa"])
    ner = {"models": "official", "resources": tmp_path / "none"}
    with pytest.raises(ModelMissing, match="rasad models fetch"):
        execute(request(article, warehouse=tmp_path / "warehouse", ner=ner))
    assert not (tmp_path / "warehouse").exists()


def test_a_run_writes_their_names(folder: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.jsonl"
    # The sentence is said again, so that the language is sure.
    article.write_text(json.dumps({"id": "1", "source": "Test", "language": "fa", "text": TEXTS["fa"] * 3}) + "\n")
    ner = {"models": "official", "resources": folder}
    report = execute(request(article, warehouse=tmp_path / "warehouse", ner=ner))
    assert not any(stage.rejected or stage.excluded for stage in report.stages)
    with open_reader(Location.at(tmp_path / "warehouse")) as reader:
        rows = reader.query("SELECT DISTINCT surface, label, model_version FROM entity_mentions").to_pylist()
    assert {("مریم", "PER"), ("تهران", "LOC"), ("مهرآباد", "LOC")} <= {(r["surface"], r["label"]) for r in rows}
    assert all(row["model_version"].startswith("official-") for row in rows)


def test_a_language_that_the_folder_lacks_ends_the_run(
    official_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(official_place) as (url, _):
        fetch_models(tmp_path / "stanza", url=url, languages=("fa",), as_json=True)
    article = tmp_path / "article.jsonl"
    article.write_text(json.dumps({"id": "1", "source": "Test", "language": "ar", "text": TEXTS["ar"] * 3}) + "\n")
    ner = {"models": "official", "resources": tmp_path / "stanza"}
    with pytest.raises(ModelMissing, match=r"stanza.ar.*rasad models fetch --language ar .*stanza"):
        execute(request(article, warehouse=tmp_path / "warehouse", ner=ner))


def test_a_missing_and_a_changed_file_are_named(folder: Path) -> None:
    path = folder / "ar" / "forward_charlm" / "letters.pt"
    content = path.read_bytes()
    path.write_bytes(content + b"!")
    with pytest.raises(ModelCorrupt, match=r"md5.*forward_charlm.letters\.pt.*rasad models fetch --language ar"):
        official_bundle(folder).annotate("ar", [TEXTS["ar"]])
    path.unlink()
    with pytest.raises(ModelMissing, match=r"forward_charlm.letters\.pt.*rasad models fetch --language ar"):
        official_bundle(folder).annotate("ar", [TEXTS["ar"]])
    path.write_bytes(content)
    assert isinstance(official_bundle(folder).annotate("ar", [TEXTS["ar"]])[0], list)


def test_an_unknown_label_is_named(folder: Path, tmp_path: Path) -> None:
    path = train_tagger(folder / "fa", "fa", rename={"pro": "vehicle"}, steps=1)
    assert path == folder / "fa" / "ner" / "arman.pt"
    index = folder / "resources.json"
    content = json.loads(index.read_text()) | {"fa": index_entry(folder / "fa", "fa")}
    index.write_text(json.dumps(content))
    with pytest.raises(ModelMismatch, match=r"'vehicle'.*rasad models fetch --language fa .*RASAD_NER__MODELS=bundled"):
        official_bundle(folder).annotate("fa", [TEXTS["fa"]])


def test_a_wrong_folder_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ModelMissing, match=r"resources\.json.*rasad models fetch"):
            language_models(NerSettings(models="official", resources=folder))
    (tmp_path / "resources.json").write_text("{")
    with pytest.raises(ModelCorrupt, match=r"resources\.json.*rasad models fetch"):
        official_bundle(tmp_path)
    (tmp_path / "resources.json").write_text("{}")
    with pytest.raises(ModelMissing, match=r"no Arabic or Persian.*rasad models fetch"):
        official_bundle(tmp_path)


def test_doctor_and_list_say_what_is_wrong(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RASAD_NER__MODELS", "official")
    monkeypatch.setenv("RASAD_NER__RESOURCES", str(folder))

    def finding() -> dict[str, object]:
        examine(tmp_path / "warehouse", as_json=True)
        findings = json.loads(capsys.readouterr().out)["findings"]
        return next(dict(one) for one in findings if one["subject"] == "language models")

    assert finding()["healthy"]
    (folder / "fa" / "ner" / "arman.pt").unlink()
    list_models(as_json=True)
    official = json.loads(capsys.readouterr().out)["sets"][1]
    states = {file["path"]: file["state"] for file in official["files"]}
    assert official["used"]
    assert {path for path, state in states.items() if state != "whole"} == {"fa/ner/arman.pt"}
    told = finding()
    assert not told["healthy"]
    assert "arman.pt" in str(told["detail"])
    assert f"rasad models fetch --language fa {folder}" in str(told["remedy"])


@pytest.mark.slow
def test_the_page_s_commands_run_and_need_no_network_after_the_fetch(official_place: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    fetch, *others = block.splitlines()
    assert fetch == "rasad models fetch"
    assert len(others) == 3
    log = tmp_path / "network.log"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "RASAD_WAREHOUSE": str(tmp_path / "warehouse"),
        "STANZA_RESOURCES_DIR": str(tmp_path / "stanza"),
        "no_proxy": "127.0.0.1",
    }

    def run(command: list[str], **extra: str) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=environment | extra, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with served(official_place) as (url, _):
        run(["sh", "-c", fetch], STANZA_RESOURCES_URL=url)
    guard = [sys.executable, str(Path(__file__).parent / "cut_off.py"), str(log)]
    for command in others:
        answer = run([*guard, "/bin/sh", "-c", command])
        assert log.read_text().splitlines()[1:] == [], command
        if "doctor" in command:
            assert "official models official-" in answer
