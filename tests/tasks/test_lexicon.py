"""The ontology and lexicons: complete, consistent, and clear about what is wrong with them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import get_args

import pytest
import yaml

from schemas.errors import SettingsError
from schemas.events import Modality, Quad
from tasks import lexicon
from tasks.events_read import read_acts
from tasks.lexicon import LANGUAGES, Lexicon, ontology, read_lexicon, read_ontology
from tasks.lexicon_forms import noun_keys, verb_keys
from tasks.lexicon_reader import Reader, reader

PLOVER = {
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT",
    "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
}  # fmt: skip
OWN = {"X_DISASTER", "X_ACCIDENT", "X_OUTBREAK", "X_ELECTION", "X_APPOINT", "X_DEATH", "X_ECON"}


def test_the_ontology_has_the_sixteen_types_and_ours() -> None:
    assert set(ontology().types) == PLOVER | OWN
    assert len(ontology().contexts) == 37
    quads = {code: known.quad for code, known in ontology().types.items()}
    assert {quads[code] for code in PLOVER} == set(get_args(Quad))
    assert {quads[code] for code in OWN} == {None}
    assert sum(len(known.modes) for known in ontology().types.values()) == 67


def test_scores_have_the_sign_of_their_quad() -> None:
    for known in ontology().types.values():
        for score in [known.intensity, *(mode.intensity for mode in known.modes.values())]:
            if score is not None and known.quad in ("verbal_cooperation", "material_cooperation"):
                assert score > 0
            elif score is not None and known.quad == "material_conflict":
                assert score < 0


def test_every_act_of_every_status_is_derived_or_explained() -> None:
    for (code, known), modality, polarity, time in itertools.product(
        ontology().types.items(), get_args(Modality), ("affirmed", "negated"), ("current", "historical")
    ):
        for mode in [None, *known.modes]:
            derived = ontology().derive(code, mode, modality, polarity, time)
            assert (derived.type is None) == (derived.reason is not None)
            assert derived.reason != "no-rule"
            assert (derived.type is None) == (derived.quad is None) == (derived.intensity is None)


@pytest.mark.parametrize(
    ("act", "status", "counted"),
    [
        ("CONSULT", "planned affirmed", ("AGREE", None)),
        ("SUPPORT", "planned affirmed", ("AGREE", None)),
        ("COOPERATE", "planned affirmed", ("AGREE", None)),
        ("AID", "planned affirmed", ("AGREE", None)),
        ("RETREAT", "planned affirmed", ("CONCEDE", None)),
        ("CONSULT", "cancelled affirmed", ("REJECT", "meet")),
        ("CONSULT", "planned negated", ("REJECT", "meet")),
        ("CONSULT", "demanded affirmed", ("REQUEST", "meet")),
        ("CONSULT", "postponed affirmed", (None, None)),
        ("ASSAULT", "planned affirmed", ("THREATEN", "violence")),
        ("ASSAULT", "happened negated", (None, None)),
        ("ASSAULT", "claimed affirmed", ("ASSAULT", None)),
        ("PROTEST", "planned affirmed", (None, None)),
        ("SANCTION", "planned affirmed", ("THREATEN", "restrict")),
        ("X_ELECTION", "happened affirmed", (None, None)),
    ],
)
def test_the_coding_rules(act: str, status: str, counted: tuple[str | None, str | None]) -> None:
    modality, polarity = status.split()
    derived = ontology().derive(act, None, modality, polarity, "current")
    assert (derived.type, derived.mode) == counted
    assert ontology().derive(act, None, modality, polarity, "historical").type is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_has_words(language: str) -> None:
    known = lexicon.lexicon(language)
    counts = dict.fromkeys(PLOVER | OWN, 0)
    for entry in known.entries:
        counts[entry.type] += len(entry.nouns) + len(entry.verbs)
    assert min(counts.values()) >= 3, counts
    assert sum(counts.values()) >= (100 if language == "en" else 150)
    told = {cue.says for cue in known.cues} | {entry.governs for entry in known.entries}
    assert {"planned", "postponed", "cancelled", "hypothetical", "demanded", "claimed", "negated", "historical"} <= told
    assert max(cue.reach for cue in known.cues) <= 40
    assert reader(language).vocabulary


def test_the_version_names_the_files() -> None:
    assert lexicon.version() == lexicon.version()
    assert lexicon.version().startswith(ontology().version + "+")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = lexicon.bundled("en.yml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.yml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_an_unknown_act_code_names_the_file_line_and_entry(tmp_path: Path) -> None:
    path = changed(tmp_path, "{type: SUPPORT,", "{type: CHEER,")
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "CHEER" in text)
    with pytest.raises(SettingsError, match=rf"CHEER is unknown \(mine\.yml, line {line}, entry \d+ «praise»\)"):
        read_lexicon(path, ontology())


def test_an_unknown_mode_context_or_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CONSULT-picnic is unknown \(mine\.yml, line \d+, entry"):
        read_lexicon(changed(tmp_path, "mode: visit", "mode: picnic"), ontology())
    with pytest.raises(SettingsError, match=r"cooking is unknown \(mine\.yml, line \d+\)"):
        read_lexicon(changed(tmp_path, "  military: [", "  cooking: ["), ontology())
    with pytest.raises(SettingsError, match=r"mine\.yml, line \d+, entry entries\.0\.wieght"):
        read_lexicon(changed(tmp_path, "weight: 0.75", "wieght: 0.75"), ontology())


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text("version: '1'\ntypes: [", "utf-8")
    with pytest.raises(SettingsError, match=r"not YAML.*mine\.yml, line"):
        read_ontology(path)
    path.write_text("", "utf-8")
    with pytest.raises(SettingsError, match=r"mine\.yml"):
        read_ontology(path)


def test_a_rule_with_an_unknown_type_is_refused(tmp_path: Path) -> None:
    data = yaml.safe_load(lexicon.bundled("ontology.yml").read_text("utf-8"))
    data["rules"][2]["when"]["act_type"] = ["PICNIC"]
    path = tmp_path / "mine.yml"
    path.write_text(yaml.safe_dump(data), "utf-8")
    with pytest.raises(SettingsError, match="unknown type PICNIC"):
        read_ontology(path)


def test_a_persian_verb_needs_its_stems(tmp_path: Path) -> None:
    text = lexicon.bundled("fa.yml").read_text("utf-8").replace("دیدار کرد,", "دیدار فلانید,", 1)
    path = tmp_path / "fa.yml"
    path.write_text(text, "utf-8")
    known: Lexicon = read_lexicon(path, ontology())
    with pytest.raises(SettingsError, match="فلانید"):
        Reader(known)


@pytest.mark.parametrize(
    ("language", "parts", "forms"),
    [
        ("ar", "التقى/يلتقي", {"p:التقت", "p:التقيا", "p:التقوا", "i:تلتقي", "i:يلتق", "i:يلتقون", "i:يلتقيان"}),
        ("ar", "زار/يزور", {"p:زارت", "p:زاروا", "i:تزور", "i:يزورون"}),
        ("ar", "دعا/يدعو", {"p:دعت", "p:دعوا", "i:تدعو", "i:يدعون"}),
        ("ar", "بدأ/يبدأ", {"p:بدات", "p:بداوا", "i:تبدا", "i:يبداون", "i:يبدوون"}),
        ("ar", "هنأ/يهنئ", {"p:هنات", "i:تهني", "i:يهنيون"}),
        ("fa", "کرد/کن", {"p:كردند", "P:نكرد", "i:ميكند", "I:نميكنند", "s:بكند", "S:نكند", "d:كرده", "p:ميكرد"}),
        ("en", "ban", {"p:banned", "g:banning", "i:bans"}),
        ("en", "strike/struck", {"p:struck", "g:striking", "b:strike"}),
    ],
)
def test_paradigms(language: str, parts: str, forms: set[str]) -> None:
    assert forms <= verb_keys(parts.split("/"), language)


def test_nouns_have_their_plurals() -> None:
    assert {"n:زيارات", "n:زيارتين", "n:زياره"} <= noun_keys("زيارة", "ar")
    assert noun_keys("=سفيره", "ar") == {"x:سفيره"}


def test_an_idiom_is_blocked_where_its_second_word_opens_a_clause() -> None:
    assert not read_acts(reader("ar"), "دخل المبنى متعمدا التظاهر بأنه طبيب", [], None)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Six passengers were killed when a small plane crashed.", ["X_ACCIDENT"]),
        (
            "Six were killed when gunfire brought down a plane that crashed.",
            ["ASSAULT", "ASSAULT", "X_ACCIDENT"],
        ),
        ("You can meet the minister in Baghdad.", []),
        ("He said you can meet the minister in Baghdad.", ["CONSULT"]),
        ("Clashes often break out here; police arrested two men on Monday.", ["COERCE"]),
    ],
)
def test_vetoes_and_harm_hold_where_they_should(text: str, types: list[str]) -> None:
    assert [act.type for act in read_acts(reader("en"), text, [], None)] == types


def test_a_preposition_of_a_verb_is_attached_to_a_later_word() -> None:
    known = reader("ar")
    assert [act.mode for act in read_acts(known, "اتصل الرئيس التركي مساء الأحد بنظيره", [], None)] == ["phone"]
    assert not read_acts(known, "يتصل الجسر خلال الشتاء مع الضفة", [], None)


def test_a_persian_compound_brings_its_passive() -> None:
    assert [act.type for act in read_acts(reader("fa"), "قطعنامه دیروز تصویب شد", [], None)] == ["AGREE"]


def test_a_group_stands_for_its_words_and_an_unknown_one_is_named() -> None:
    base = lexicon.lexicon("en")
    verbs = ["sign/signed @paper"]
    entry = lexicon.Entry(type="AGREE", nouns=[], verbs=verbs)
    known = Reader(base.model_copy(update={"groups": {"paper": ["charter", "letter"]}, "entries": [entry]}))
    for text in ("They signed the letter.", "The charter was signed."):
        assert [act.type for act in read_acts(known, text, [], None)] == ["AGREE"]
    assert read_acts(known, "They signed the wall.", [], None) == []
    with pytest.raises(SettingsError, match="@paper"):
        Reader(base.model_copy(update={"groups": {}, "entries": [entry]}))


def test_a_persian_verb_belongs_to_the_noun_right_before_it() -> None:
    def types(text: str) -> list[str]:
        return [act.type for act in read_acts(reader("fa"), text, [], None)]

    assert types("متهم صحبت کرد.") == types("بسیج اظهار کرد.") == []
    assert types("دولت روزنامه‌نگار را متهم کرد.") == types("او پلیس را متهم هم کرد.") == ["ACCUSE"]
    assert types("کارگران خواهان پاسخ شدند.") == ["REQUEST"]
