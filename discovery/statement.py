"""The one SQL statement of a search: which search texts hold which tokens, in SQLite (FTS5) and in PostgreSQL.

An expression is a token, or a nested list ["and", …] or ["or", …] of expressions; 'token*' is the beginning of one.
Tokens hold only [a-z0-9_] (texts.py), so that no quoting is needed and no visitor's sign has a meaning.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Part:
    """A question for the statement: the ids of the texts that hold `expression`, but do not hold `but`.

    `phrase` must stand literally in them. With `unless` = (expression, number), the answer is nothing when that many
    texts hold that expression.
    """

    expression: Any
    phrase: str = ""
    but: Any = ("or",)
    unless: tuple[Any, int] | None = None


def ask(parts, kind=None):
    """{number of the part: [ids of search texts]} of the parts that find any. One query.

    With a `kind`, only texts of that kind: worth its cost when most texts are of another.
    """
    sql, parameters = (postgres if connection.vendor == "postgresql" else sqlite)(parts, kind)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {number: json.loads(f"[{ids}]") for number, ids in cursor.fetchall() if ids}


def sqlite(parts, kind):
    def query(expression, but=("or",)):
        both = written(of_kind(expression, kind), " AND ", " OR ", str)
        return f"{both} NOT {written(but, ' AND ', ' OR ', str)}" if len(but) > 1 else both

    found, parameters = [], []
    for number, part in enumerate(parts):
        ids = "SELECT group_concat(discovery_fts.rowid) FROM discovery_fts"
        if part.unless:  # a CASE, so that the ids are not looked up in vain
            expression, least = part.unless
            otherwise = "SELECT 1 FROM discovery_fts WHERE discovery_fts MATCH %s LIMIT %s"
            sql = f"SELECT {number}, CASE WHEN (SELECT count(*) FROM ({otherwise})) < %s THEN ("  # noqa: S608  (a number)
            found.append(f"{sql}{ids} WHERE discovery_fts MATCH %s) END")
            parameters += [query(expression), least, least]
        else:
            if part.phrase:
                ids += " JOIN discovery_searchtext ON id = discovery_fts.rowid AND instr(plain, %s) > 0"
                parameters.append(f" {part.phrase} ")
            found.append(f"SELECT {number}, ({ids} WHERE discovery_fts MATCH %s)")
        parameters.append(query(part.expression, part.but))
    return " UNION ALL ".join(found), parameters


def postgres(parts, kind):
    """By discovery_ids(), of which database.py says why it is a function."""

    def token(text):
        return f"'{text[:-1]}':*" if text.endswith("*") else f"'{text}'"

    def query(expression, but=("or",)):
        both = written(of_kind(expression, kind), " & ", " | ", token)
        return f"{both} & !{written(but, ' & ', ' | ', token)}" if len(but) > 1 else both

    found, parameters = [], []
    for number, part in enumerate(parts):
        expression, least = part.unless or (None, 0)
        found.append(f"SELECT {number}, discovery_ids(%s::tsquery, %s, %s::tsquery, %s)")
        parameters += [
            query(part.expression, part.but),
            f" {part.phrase} " if part.phrase else None,
            query(expression) if expression else None,
            least,
        ]
    return " UNION ALL ".join(found), parameters


def of_kind(expression, kind):
    return ["and", kind_token(kind), expression] if kind else expression


def kind_token(kind):
    """The token that every text of a kind has."""
    return f"k_{kind.replace('.', '_')}"


def written(expression, both, either, token):
    """An expression in the language of a database."""
    if isinstance(expression, str):
        return token(expression)
    joiner, *parts = expression
    return f"({(both if joiner == 'and' else either).join(written(part, both, either, token) for part in parts)})"
