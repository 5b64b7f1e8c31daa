"""Text that was read in a wrong encoding is read again; what lost its letters is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mojibake import is_unreadable, repair
from tasks.offset_map import EditedText

ARABIC = "أعلنت وزارة الخارجية أن الوفد سيصل غداً، ولم تحدد «الساعة» بعد."
PERSIAN = "سخنگوی وزارت امور خارجه گفت دور تازه گفت‌وگوها هفتهٔ آینده برگزار می‌شود؛ پژوهشگران هم می‌آیند."


def repaired(text: str) -> str:
    edited = EditedText(text)
    repair(edited)
    return edited.text


@pytest.mark.parametrize("text", [ARABIC, PERSIAN, f"{ARABIC}\nEnglish line\n{PERSIAN}"])
@pytest.mark.parametrize("encoding", ["cp1256", "latin-1"])
def test_misread_text_comes_back_whole(text: str, encoding: str) -> None:
    misread = text.encode().decode(encoding)
    assert is_unreadable(misread)
    assert repaired(misread) == text


def test_windows_1252_with_its_five_empty_places() -> None:
    misread = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in PERSIAN.encode())
    assert repaired(misread) == PERSIAN


def test_a_misread_line_among_good_ones() -> None:
    text = f"{PERSIAN * 5}\n{ARABIC.encode().decode('cp1256')}\n{PERSIAN}"
    assert repaired(text) == f"{PERSIAN * 5}\n{ARABIC}\n{PERSIAN}"


def test_a_lost_soft_hyphen_is_put_back() -> None:
    assert repaired("الحرب في الجنوب".encode().decode("cp1256").replace("\xad", "")) == "الحرب في الجنوب"


@pytest.mark.parametrize(
    "text", ["?????? ???? ??? ?????? ????", "\ufffd" * 30, ARABIC.encode().decode("cp1256").replace("§", "")]
)
def test_what_lost_its_letters_is_known(text: str) -> None:
    assert is_unreadable(repaired(text))


@pytest.mark.parametrize("text", [ARABIC, PERSIAN, "عطاء وغطاء وعظات", "Où est-il ? Ø 5 mm", "ماذا؟ لماذا؟ كيف؟", "?!"])
def test_good_text_stays(text: str) -> None:
    assert repaired(text) is text
    assert not is_unreadable(text)


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str) -> None:
    again = repaired(text)
    is_unreadable(again)
    assert repaired(again) == repaired(repaired(again))
