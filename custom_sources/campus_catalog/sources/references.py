"""What records name: urns in them, and taking those of refused entities out where the rest may stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from datahub.metadata.schema_classes import (
    FineGrainedLineageClass,
    QuerySubjectsClass,
    SchemaMetadataClass,
    UpstreamClass,
    UpstreamLineageClass,
)

from campus_catalog.sources.records import Opened

_URN = "urn:li:"
_KIND = re.compile(r"urn:li:[A-Za-z]+:")
#: where a urn without parentheses ends
_END = re.compile(r"[\s(),\"'/]|$")
#: aspects that say which datasets something is made of
_LINEAGE = frozenset({"upstreamLineage", "dataJobInputOutput", "querySubjects"})
#: keys under which a text is a statement
_STATEMENTS = frozenset({"viewLogic", "formattedViewLogic", "statement", "queryStatement", "topSqlQueries", "rawQuery"})
#: no statement that names a table is shorter
_SHORTEST = 8
#: how other texts begin that are a statement
_LOOKS_LIKE_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(?(?:select|with|insert|update|delete|merge|replace|create|alter|drop|truncate|call|"
    r"exec|begin|declare|copy|refresh)\b",
    re.IGNORECASE | re.DOTALL,
)


def urns_in(texts: Iterable[str]) -> set[str]:
    """Every urn in some texts, those inside of others too.

    Args:
        texts: of a record; parts of a patch's path are escaped there as JSON pointers are.

    Returns:
        The urns: of a column's also that of its dataset.
    """
    found: set[str] = set()
    for text in texts:
        start = text.find(_URN)
        while start >= 0:
            found.add(_urn_at(text, start))
            start = text.find(_URN, start + 1)
    return found


def _urn_at(text: str, start: int) -> str:
    kind = _KIND.match(text, start)
    opening = kind.end() if kind else start
    if not text.startswith("(", opening):
        return text[start : _END.search(text, opening).start()]  # type: ignore[union-attr]  # an end there is
    depth = 0
    for place in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return text[start : place + 1].replace("~1", "/").replace("~0", "~")
    return text[start:]


def loose(opened: Opened) -> set[str]:
    """What a plain table names and can do without: foreign keys and lineage.

    Args:
        opened: a record about a dataset or a query.

    Returns:
        The urns; what else it names makes it what it is.
    """
    found: set[str] = set()
    for aspect in opened.aspects:
        if isinstance(aspect, SchemaMetadataClass):
            for key in aspect.foreignKeys or []:
                found |= {key.foreignDataset} | urns_in([*(key.foreignFields or []), *(key.sourceFields or [])])
        elif isinstance(aspect, (UpstreamLineageClass, QuerySubjectsClass)):
            found |= urns_in(Opened(None, [aspect]).texts())
    if not opened.aspects and opened.names[:1] == ["upstreamLineage"]:
        found |= urns_in(opened.texts())
    return found


def made_of(opened: Opened) -> set[str] | None:
    """The datasets something is made of, or None where the record does not say.

    Args:
        opened: a record.
    """
    if _LINEAGE.isdisjoint(opened.names):
        return None
    parts = [aspect for aspect in opened.aspects if getattr(aspect, "ASPECT_NAME", "") in _LINEAGE]
    found = urns_in(Opened(None, parts).texts() if parts else opened.texts())
    return {urn for urn in found if urn.startswith("urn:li:dataset:")} - {opened.urn}


def statements(opened: Opened, texts: list[str]) -> list[str]:
    """The texts of a record that are statements of SQL: a view's definition, a query, the body of a procedure.

    Args:
        opened: a record.
        texts: all of its texts.
    """
    return [
        text
        for (_, keys), text in zip(opened.paths(), texts, strict=True)
        if len(text) > _SHORTEST and (not _STATEMENTS.isdisjoint(keys) or _LOOKS_LIKE_SQL.match(text))
    ]


def forget(is_refused: Callable[[str], bool], opened: Opened) -> bool:
    """Remove every reference to refused entities that can be removed.

    Args:
        is_refused: tells of a urn whether it is that of one.
        opened: changed in place: foreign keys, lineage, subjects of queries, operations of a patch.

    Returns:
        Whether anything is left of it.
    """

    def names(texts: Iterable[str]) -> bool:
        return any(map(is_refused, urns_in(texts)))

    for aspect in opened.aspects:
        if isinstance(aspect, SchemaMetadataClass) and aspect.foreignKeys:
            aspect.foreignKeys = [key for key in aspect.foreignKeys if not is_refused(key.foreignDataset)]
        elif isinstance(aspect, UpstreamLineageClass):
            aspect.upstreams = [up for up in aspect.upstreams if not is_refused(up.dataset)]
            lines = aspect.fineGrainedLineages or []
            aspect.fineGrainedLineages = [line for line in lines if not names(line.upstreams or [])] or None
            said: list[UpstreamClass | FineGrainedLineageClass] = [
                *aspect.upstreams,
                *(aspect.fineGrainedLineages or []),
            ]
            for one in said:
                one.query = None if one.query and is_refused(one.query) else one.query
        elif isinstance(aspect, QuerySubjectsClass):
            aspect.subjects = [subject for subject in aspect.subjects if not names([subject.entity])]
    if opened.aspects or not isinstance(opened.value, (list, dict)):
        return True
    patch = opened.value["patch"] if isinstance(opened.value, dict) and "patch" in opened.value else opened.value
    if not isinstance(patch, list):
        return True
    kept = [one for one in patch if not names(Opened(None, raw=opened.raw, value=one).texts())]
    if len(kept) < len(patch):
        opened.rewrite({**opened.value, "patch": kept} if isinstance(opened.value, dict) else kept)
    return bool(kept)
