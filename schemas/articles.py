"""What comes in and what is read off it: documents, articles, languages, sentences."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from schemas.record import Digest, Identifier, LanguageCode, Offset, Ordered, Share, StampedRecord, TableSpec

OFFSETS = Ordered("char_start", "char_end")


class RawDocument(StampedRecord):
    """A payload exactly as it came, kept so that it can be read again by later code."""

    table: ClassVar[TableSpec] = TableSpec(
        name="raw_documents", grain="one fetched payload", key=("document_id",), owner="document_id"
    )
    document_id: Identifier = Field(description="Digest of the source and the payload; for a page also of its address.")
    source: str = Field(description="Who published it, as the record or the user says.", min_length=1)
    uri: str = Field(description="Where it was read: a file, with the line for line-based formats.", min_length=1)
    fetched_at: datetime = Field(
        description="When the payload was fetched; for a local file, when it was last changed."
    )
    media_type: str = Field(
        description="What the payload is, as a MIME type; of a page that is not UTF-8 also the charset it was read in.",
        min_length=3,
    )
    content_sha256: Digest = Field(description="SHA-256 of the payload.")
    payload: bytes = Field(description="The bytes as they came.")
    metadata: str | None = Field(
        description="What its feed, archive, server or source said of it beside the payload, as a JSON object."
    )
    article_id: Identifier | None = Field(
        description="The article that it is a revision of; null where it could not be read."
    )


class Article(StampedRecord):
    """One article in its latest revision: clean text, and how each other fact about it was found."""

    table: ClassVar[TableSpec] = TableSpec(
        name="articles", grain="one article, latest revision", key=("article_id",), owner="article_id"
    )
    article_id: Identifier = Field(description="Digest of the source and the external id, else the URL, else the text.")
    document_id: Identifier = Field(description="The payload it was read from; see `raw_documents`.")
    source: str = Field(description="Who published it.", min_length=1)
    external_id: str | None = Field(description="The source's own id for it.")
    url: str | None = Field(description="Its address, as given.")
    title: str | None = Field(description="Its headline; null where nothing tells it.")
    title_method: Literal["record", "json-ld", "meta", "title-element", "heading", "none"] = Field(
        description="How the title was found: given in the record, in the page's JSON-LD, meta or title element, "
        "a heading of the page or text, or not at all."
    )
    text: str = Field(description="The clean text; all offsets count its code points.", min_length=1)
    text_method: Literal["record", "text", "trafilatura", "json-ld", "article", "density", "fragment"] = Field(
        description="How the text was found: given in the record, a plain text, or in a page: by trafilatura, in its "
        "JSON-LD, in the element marked as its article, or where most text stands; or a piece of HTML, such as feeds "
        "carry, read whole."
    )
    offset_map: str | None = Field(
        description="Where `text` lies in the raw text (see `raw_text`), piece by piece: `char:raw:n` for n characters "
        "that stand one for one, `char:raw:n:m` for n characters made of m raw ones; the rest was left out. Read it "
        "with `raw_span`. Null in rows of earlier versions, and for a page whose text stands nowhere in its HTML.",
        pattern=r"^[0-9]+:[0-9]+:[0-9]+(:[0-9]+)?( [0-9]+:[0-9]+:[0-9]+(:[0-9]+)?)*$",
    )
    author: str | None = Field(description="Its author, as given, or in a byline above the text.")
    published_at: datetime | None = Field(description="When it was published, in UTC.")
    published_precision: Literal["instant", "minute", "day"] | None = Field(
        description="How exact `published_at` is; null when there is none."
    )
    published_method: Literal["record", "json-ld", "meta", "time-element", "text", "none"] = Field(
        description="How `published_at` was found: given in the record, in the page's JSON-LD, meta or time element, "
        "a date line of the page or text, or not at all."
    )
    published_reason: str | None = Field(
        description="Why `published_at` is null: none was given, or it is unreadable, impossible or in the future "
        "(then `extra` keeps it as `declared_published_at`)."
    )
    extra: str | None = Field(description="Fields of the record that Rasad does not know, as a JSON object.")
    content_hash: Digest = Field(description="SHA-256 of everything above that later stages read.")
    language: LanguageCode | None = Field(
        description="ISO 639 code, `und` when in doubt, null until the language stage has run."
    )
    language_confidence: Share | None = Field(description="How sure the language is, from 0 to 1.")
    language_method: str | None = Field(description="What decided the language, or why it is `und`.")


class ParagraphLanguage(StampedRecord):
    """The language and script of one paragraph."""

    table: ClassVar[TableSpec] = TableSpec(
        name="paragraph_languages",
        grain="one paragraph of an article",
        key=("article_id", "paragraph_index"),
        owner="article_id",
        orders=(OFFSETS,),
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    paragraph_index: Offset = Field(description="Its place in the article, from 0.")
    char_start: Offset = Field(description="First code point of the paragraph in `articles.text`.")
    char_end: Offset = Field(description="One past its last code point.")
    language: LanguageCode = Field(description="ISO 639 code, or `und` when in doubt.")
    script: str = Field(
        description="ISO 15924 code of its main script, `Zyyy` without letters.", pattern=r"^[A-Z][a-z]{3}$"
    )
    confidence: Share = Field(description="How sure the language is, from 0 to 1.")


class ArticleSentence(StampedRecord):
    """One sentence, as the sentence splitter of its language found it."""

    table: ClassVar[TableSpec] = TableSpec(
        name="sentences",
        grain="one sentence of an article",
        key=("article_id", "sentence_index"),
        owner="article_id",
        orders=(OFFSETS,),
    )
    article_id: Identifier = Field(description="The article; see `articles`.")
    sentence_index: Offset = Field(description="Its place in the article, from 0.")
    char_start: Offset = Field(description="First code point of the sentence in `articles.text`.")
    char_end: Offset = Field(description="One past its last code point.")
    sentence_key: Identifier = Field(
        description="The same for the same words under the same models: read once, in whichever article."
    )
    vector: bytes | None = Field(
        description="What it means, as int8 numbers of the encoder; null without the bundled models."
    )
    vector_version: str | None = Field(description="The encoder and projection that gave `vector`.")
