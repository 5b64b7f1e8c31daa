"""The sample articles are what their labels say: whoever edits one learns here what else depends on it."""

import gzip
import json
import re
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml

ARTICLES = Path(__file__).parents[2] / "seeds" / "articles"
BROKEN = ARTICLES / "broken"
KNOWN_KEYS = {"id", "source", "url", "title", "author", "published_at", "language", "text"}
SENTENCE_END = re.compile(r"[.!?؟\n]+\s*")
PERSIAN_LETTERS = re.compile("[پچژگ]")

Name = tuple[str, str | int | None]
Record = dict[str, Any]


def read_lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def load_articles() -> dict[Name, Record]:
    """Every good article, under the name that the label files use: file, and id or line."""
    articles: dict[Name, Record] = {}
    for path in sorted(ARTICLES.glob("*/*.txt")):
        if path.parent != BROKEN:
            name = str(path.relative_to(ARTICLES))
            articles[name, None] = {"text": path.read_text(encoding="utf-8")}
    for path in sorted(ARTICLES.glob("*.jsonl*")):
        for number, line in enumerate(read_lines(path), start=1):
            record = json.loads(line)
            key = path.name, record.get("id", number)
            assert key not in articles, f"{key} twice"
            articles[key] = record
    return articles


GOOD = load_articles()
STORIES = yaml.safe_load((ARTICLES / "stories.yml").read_text(encoding="utf-8"))
DUPLICATES = yaml.safe_load((ARTICLES / "duplicates.yml").read_text(encoding="utf-8"))


def name_of(label: Record) -> Name:
    return label["file"], label.get("id", label.get("line"))


def members(duplicate_set: Record) -> list[Name]:
    return [name_of(duplicate_set["original"]), *map(name_of, duplicate_set["copies"])]


def language_of(name: Name) -> str:
    """What the record or the folder says, else the script."""
    file, _ = name
    record = GOOD[name]
    if "language" in record:
        return str(record["language"])
    if "/" in file:
        return file.split("/")[0]
    if not re.search("[\u0600-\u06ff]", record["text"]):
        return "en"
    return "fa" if PERSIAN_LETTERS.search(record["text"]) else "ar"


def body(name: Name) -> str:
    """The text without spelling: what is left must be nearly equal between copies."""
    text = GOOD[name]["text"].translate(str.maketrans("يكىأإآ٠١٢٣٤٥٦٧٨٩", "یکیااا0123456789"))
    return re.sub(r"[^\w]", "", text)


@pytest.mark.parametrize("name", GOOD, ids=str)
def test_good_article_has_text_and_a_zoned_time(name: Name) -> None:
    record = GOOD[name]
    assert len(record["text"].split()) >= 40
    assert record.keys() <= KNOWN_KEYS | {"section"}
    if "published_at" in record:
        assert datetime.fromisoformat(record["published_at"]).tzinfo is not None
    if "url" in record:
        assert ".example/" in record["url"]


def test_letters_belong_to_the_language() -> None:
    for name in GOOD:
        if language_of(name) == "ar":
            assert not PERSIAN_LETTERS.search(GOOD[name]["text"]), name


def test_counts_are_what_the_readme_says() -> None:
    readme = (ARTICLES / "README.md").read_text(encoding="utf-8")
    languages = [language_of(name) for name in GOOD]
    stated = {code: int(n) for code, n in re.findall(r"\| \w+ \((\w\w)\) \| (\d+) \|", readme)}
    assert stated == {code: languages.count(code) for code in set(languages)}

    places = dict(re.findall(r"\| `([\w./*]+)` \| (\d+) \|", readme))
    for place, count in places.items():
        if place != "broken/":
            found = [file for file, _ in GOOD if Path(file).match(place)]
            assert len(found) == int(count), place
    assert sum(int(n) for place, n in places.items() if place != "broken/") == len(GOOD)

    told_by_others = [s for s in STORIES.values() if len({language_of(name_of(x)) for x in s}) > 1]
    assert f"names the {len(STORIES)} stories" in readme
    assert f"{len(told_by_others)} of them are told in two languages or three" in readme


def test_stories_name_articles_that_exist_and_each_once() -> None:
    named = [name_of(label) for story in STORIES.values() for label in story]
    assert set(named) <= GOOD.keys()
    assert len(named) == len(set(named))
    assert all(len(story) >= 2 for story in STORIES.values())


def test_duplicates_name_articles_of_one_story() -> None:
    for title, duplicate_set in DUPLICATES.items():
        assert set(members(duplicate_set)) <= {name_of(label) for label in STORIES[title]}, title


def test_copies_are_exact_or_near_as_labelled() -> None:
    for title, duplicate_set in DUPLICATES.items():
        original, *copies = members(duplicate_set)
        for copy in copies:
            same = GOOD[copy]["text"] == GOOD[original]["text"]
            assert same == (duplicate_set["kind"] == "exact"), (title, copy)
            alike = SequenceMatcher(None, body(original), body(copy), autojunk=False).ratio()
            assert alike > 0.75, (title, copy, alike)


def test_the_original_is_the_earliest() -> None:
    for title, duplicate_set in DUPLICATES.items():
        times = [GOOD[name].get("published_at") for name in members(duplicate_set)]
        dated = [datetime.fromisoformat(time) for time in times if time]
        assert times[0] and min(dated) == dated[0], title


def test_no_long_sentence_stands_in_two_articles_but_copies() -> None:
    copy_set = {name: title for title, found in DUPLICATES.items() for name in members(found)}
    seen: dict[tuple[str, ...], Name] = {}
    for name, record in GOOD.items():
        for sentence in SENTENCE_END.split(record["text"]):
            words = sentence.split()
            if len(words) > 8:
                first = seen.setdefault(tuple(words), name)
                shared = copy_set.get(name, name) == copy_set.get(first, first)
                assert shared, f"{first} and {name}: {sentence}"


def test_broken_text_files_are_broken() -> None:
    with pytest.raises(UnicodeDecodeError) as bad:
        (BROKEN / "bad-utf8.txt").read_text(encoding="utf-8")
    assert f"first bad byte, {bad.value.start} " in (BROKEN / "README.md").read_text(encoding="utf-8")
    assert (BROKEN / "empty.txt").stat().st_size == 0
    blank = (BROKEN / "whitespace-only.txt").read_text(encoding="utf-8")
    assert blank and not blank.replace("\u200f", "").strip()


def test_broken_records_are_broken_each_in_its_own_way() -> None:
    invalid, array, *rest = read_lines(BROKEN / "broken.jsonl")
    with pytest.raises(json.JSONDecodeError):
        json.loads(invalid)
    assert isinstance(json.loads(array), list)

    no_text, empty, number, no_such_day, good, no_date = map(json.loads, rest)
    assert "text" not in no_text
    assert empty["text"] == ""
    assert isinstance(number["text"], int)
    assert no_such_day["text"] and no_date["text"]
    for record in (no_such_day, no_date):
        with pytest.raises(ValueError):
            datetime.fromisoformat(record["published_at"])
    assert good["id"] == "brk-7" and good["text"]
    assert datetime.fromisoformat(good["published_at"]).tzinfo


def test_the_cut_archive_gives_two_records_and_then_fails() -> None:
    with gzip.open(BROKEN / "cut.jsonl.gz", "rt", encoding="utf-8") as lines:
        assert json.loads(next(lines))["id"] == "cut-1"
        assert json.loads(next(lines))["id"] == "cut-2"
        with pytest.raises(EOFError):
            next(lines)


def test_archives_carry_no_time_so_that_they_can_be_made_again() -> None:
    for path in (ARTICLES / "exports.jsonl.gz", BROKEN / "cut.jsonl.gz"):
        assert path.read_bytes()[4:8] == bytes(4)
