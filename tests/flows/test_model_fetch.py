"""`rasad models fetch` against a real server on loopback, with faults that real servers and lines have."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from flows.download import Limits
from flows.model_fetch import Fetched, fetch_models
from schemas.errors import ModelCorrupt, ModelMissing, SettingsError
from tests.flows.official import Handler, served
from tests.flows.support import rasad

Server = tuple[str, type[Handler]]
QUICK = Limits(pause=0.0, silence=10.0)
FA = {"fa/ner/arman.pt", "fa/pretrain/words.pt", "fa/tokenize/perdt.pt"}
AR = {
    "ar/backward_charlm/letters.pt", "ar/forward_charlm/letters.pt", "ar/mwt/padt.pt", "ar/ner/aqmar_charlm.pt",
    "ar/pretrain/words.pt", "ar/tokenize/padt.pt",
}  # fmt: skip
TAGGER = "fa/models/ner/arman.pt"


@pytest.fixture
def place(official_place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(official_place, tmp_path_factory.mktemp("copy") / "place"))


@pytest.fixture
def server(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(place) as found:
        yield found


def fetch(folder: Path, url: str, *languages: str, limits: Limits = QUICK) -> Fetched:
    return fetch_models(folder, url=url, languages=languages or ("fa",), as_json=True, limits=limits)


def files(folder: Path) -> dict[str, str]:
    """What is in a folder, by path: the md5 of each file, but for the index and the lock."""
    return {
        path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"resources.json", ".fetch.lock"}
    }


def change_index(place: Path, change: dict[str, Any]) -> None:
    (index,) = place.glob("resources_*.json")
    content = json.loads(index.read_text(encoding="utf-8"))
    index.write_text(json.dumps(content | change), encoding="utf-8")


def index_of(place: Path) -> dict[str, Any]:
    (index,) = place.glob("resources_*.json")
    return dict(json.loads(index.read_text(encoding="utf-8")))


def test_the_command_fetches_what_is_needed_and_once(server: Server, tmp_path: Path) -> None:
    url, handler = server
    first = rasad("models", "fetch", "--url", url, tmp_path / "stanza", "--format", "json")
    assert first.returncode == 0, first.stderr
    assert first.stderr == "", "no bars in a pipe"
    answer = json.loads(first.stdout)
    assert {file["path"] for file in answer["files"]} == AR | FA == files(tmp_path / "stanza").keys()
    assert not any("lemma" in path for path, _ in handler.asked)
    handler.asked.clear()
    again = fetch(tmp_path / "stanza", url, "ar", "fa")
    assert {file.state for file in again.files} == {"was there"}
    assert len(handler.asked) == 1, "the index alone is asked for again"


def test_it_leaves_what_stanza_s_own_download_leaves(server: Server, place: Path, tmp_path: Path) -> None:
    import stanza

    url, _ = server
    change_index(place, {"url": f"{url}/files/v{{resources_version}}/{{lang}}/models/{{filename}}"})
    fetch(tmp_path / "ours", url, "ar", "fa")
    for language in ("ar", "fa"):
        stanza.download(
            language, str(tmp_path / "theirs"), package=None, processors="tokenize,ner", resources_url=url,
            logging_level="ERROR",
        )  # fmt: skip
    assert files(tmp_path / "ours") == files(tmp_path / "theirs")
    theirs, ours = (json.loads((tmp_path / who / "resources.json").read_text()) for who in ("theirs", "ours"))
    assert ours == theirs


def test_a_language_more_leaves_the_other_as_it_is(server: Server, place: Path, tmp_path: Path) -> None:
    fetch(tmp_path / "stanza", server[0], "fa")
    entry = index_of(place)["fa"]
    change_index(place, {"fa": entry | {"lang_name": "a newer release"}})
    fetch(tmp_path / "stanza", server[0], "ar")
    assert files(tmp_path / "stanza").keys() == AR | FA
    assert json.loads((tmp_path / "stanza" / "resources.json").read_text())["fa"] == entry


def test_a_resources_folder_can_be_served_as_it_is(server: Server, tmp_path: Path) -> None:
    """Its index has Stanza's own address, which a user behind the server may not reach."""
    fetch(tmp_path / "one", server[0])
    index = tmp_path / "one" / "resources.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"url": "https://192.0.2.1/{lang}/{filename}"}))
    with served(tmp_path / "one") as (url, _):
        fetch(tmp_path / "two", url)
    assert files(tmp_path / "two") == files(tmp_path / "one")


def test_a_wrong_md5_is_named_and_nothing_of_it_stays(server: Server, place: Path, tmp_path: Path) -> None:
    path = next(place.glob(f"files/*/{TAGGER}"))
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(ModelCorrupt, match=r"fa.ner.arman\.pt.*rasad models fetch --url http") as caught:
        fetch(tmp_path / "stanza", server[0])
    assert "md5" in caught.value.problem
    assert not list((tmp_path / "stanza" / "fa" / "ner").iterdir())
    assert not (tmp_path / "stanza" / "resources.json").exists(), "a folder with an index is whole"


def test_a_damaged_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(tmp_path, server[0])
    whole = files(tmp_path)
    (tmp_path / "fa" / "ner" / "arman.pt").write_bytes(b"damaged")
    states = {file.path: file.state for file in fetch(tmp_path, server[0]).files}
    assert files(tmp_path) == whole
    assert states["fa/ner/arman.pt"] == "fetched"
    assert states["fa/tokenize/perdt.pt"] == "was there"


def test_a_broken_line_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    url, handler = server
    handler.cut[TAGGER] = [5_000, 10_000]
    handler.failing["perdt.pt"] = [503]
    fetch(tmp_path, url)
    assert [wanted for path, wanted in handler.asked if path.endswith(TAGGER)] == [None, "bytes=5000-", "bytes=15000-"]
    assert files(tmp_path).keys() == FA


def test_the_next_call_continues(server: Server, tmp_path: Path) -> None:
    url, handler = server
    handler.cut[TAGGER] = [20_000]
    with pytest.raises(ModelMissing, match=r"20,000 of .*20,000 bytes are kept.*rasad models fetch --url"):
        fetch(tmp_path, url, limits=Limits(attempts=1))
    handler.asked.clear()
    fetch(tmp_path, url)
    assert [wanted for path, wanted in handler.asked if path.endswith(TAGGER)] == ["bytes=20000-"]
    assert files(tmp_path).keys() == FA


def test_a_server_that_cannot_continue_starts_anew(server: Server, tmp_path: Path) -> None:
    url, handler = server
    handler.cut[TAGGER] = [20_000]
    handler.whole.append(TAGGER)
    fetch(tmp_path, url)
    assert files(tmp_path).keys() == FA


def test_a_part_that_is_no_part_of_the_file_does_no_harm(server: Server, place: Path, tmp_path: Path) -> None:
    md5 = index_of(place)["fa"]["ner"]["arman"]["md5"]
    part = tmp_path / "fa" / "ner" / f"arman.pt.{md5[:8]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 10_000_000)
    fetch(tmp_path, server[0])
    assert files(tmp_path).keys() == FA


def test_a_file_that_is_too_large_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"larger than 1,000 bytes"):
        fetch(tmp_path, server[0], limits=Limits(bytes=1_000))
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fa": None}, "cannot be used"),
        (
            {"fa": {"packages": {"default": {"tokenize": "perdt"}}, "tokenize": {"perdt": {"md5": "0"}}}},
            "no package for ner",
        ),
        ({"fa": {"packages": {"default": {"tokenize": "../../x", "ner": "y"}}, "tokenize": {}, "ner": {}}}, "cannot"),
        (
            {
                "fa": {
                    "packages": {"default": {"tokenize": "../../x", "ner": "y"}},
                    "tokenize": {"../../x": {"md5": "0"}},
                    "ner": {"y": {"md5": "0"}},
                }
            },
            "no name of a package",
        ),
        (
            {
                "fa": {
                    "packages": {"default": {"tokenize": "x", "ner": "y"}},
                    "tokenize": {"x": {}},
                    "ner": {"y": {}},
                }
            },
            "no md5",
        ),
    ],
    ids=["no object", "no tagger", "no such package", "a name that leads out", "no md5"],
)
def test_an_index_that_cannot_be_used(
    server: Server, place: Path, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    change_index(place, change)
    with pytest.raises((ModelCorrupt, ModelMissing), match=words) as caught:
        fetch(tmp_path / "stanza", server[0])
    assert "resources_" in str(caught.value.where)
    assert not files(tmp_path / "stanza")


def test_what_is_not_there_is_named(server: Server, place: Path, tmp_path: Path) -> None:
    url, _ = server
    with pytest.raises(ModelMissing, match=r"resources\.json \(404\).*/elsewhere/.*rasad models fetch"):
        fetch(tmp_path, f"{url}/elsewhere")
    next(place.glob(f"files/*/{TAGGER}")).unlink()
    with pytest.raises(ModelMissing, match=r"404 .*arman\.pt.*rasad models fetch"):
        fetch(tmp_path, url)
    change_index(place, {"fa": {"alias": "ar"}})
    content = index_of(place)
    del content["fa"]
    next(place.glob("resources_*.json")).write_text(json.dumps(content))
    with pytest.raises(ModelMissing, match=r"'fa', only for: ar"):
        fetch(tmp_path, url)
    next(place.glob("resources_*.json")).write_text("<html>")
    with pytest.raises(ModelCorrupt, match="no index of Stanza's"):
        fetch(tmp_path, url)


def test_no_server_no_address_no_folder(tmp_path: Path) -> None:
    with served(tmp_path) as (url, _):
        pass
    with pytest.raises(ModelMissing, match=r"cannot be reached.*type again: rasad models fetch"):
        fetch(tmp_path, url)
    for address in (tmp_path.as_uri(), "ftp://127.0.0.1/", "stanza"):
        with pytest.raises(SettingsError, match="no address"):
            fetch(tmp_path, address)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SettingsError, match="cannot be written"):
        fetch(tmp_path / "file", url)


def test_two_fetches_do_not_meet(server: Server, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".fetch.lock"), pytest.raises(SettingsError, match="another `rasad models fetch`"):
        fetch(tmp_path, server[0])
