"""What migrations cannot say for both databases: the triggers that move the content version, and the text index.

install() runs after every migrate (apps.py), because SQLite drops the triggers of a table that a migration rebuilds.
"""

import uuid

from django.db import connection

from .models import ContentVersion, SearchText

TRIGGER = "discovery_version"
EVENTS = ("insert", "update", "delete")

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION discovery_move_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE discovery_contentversion SET token = gen_random_uuid()::text;
    RETURN NULL;
END $$
"""
# Before, and per statement: every writer locks the version first and rows after it, so that no two wait for each other.
POSTGRES_TRIGGER = """
CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION discovery_move_version()
"""
SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS "{name}_{trigger}_{event}" AFTER {event} ON {table}
BEGIN UPDATE discovery_contentversion SET token = lower(hex(randomblob(16))); END
"""

# A function, because these settings are for this query alone: the planner knows nothing of the words in an array, and
# would read all rows, in parallel, at fifty times the cost (docs/performance.md).
POSTGRES_SEARCH = """
CREATE OR REPLACE FUNCTION discovery_ids(query tsquery, phrase text, other tsquery, few integer) RETURNS text
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    IF other IS NOT NULL AND few <= (
        SELECT count(*) FROM (
            SELECT 1 FROM discovery_searchtext WHERE array_to_tsvector(string_to_array(tokens, ' ')) @@ other LIMIT few
        ) AS found
    ) THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT string_agg(id::text, ',') FROM discovery_searchtext
        WHERE array_to_tsvector(string_to_array(tokens, ' ')) @@ query AND (phrase IS NULL OR strpos(plain, phrase) > 0)
    );
END $$
"""
# The texts beside the table and not in it: a search then reads only ids, thirty times fewer pages.
POSTGRES_TEXTS_ASIDE = """
ALTER TABLE discovery_searchtext ALTER tokens SET STORAGE EXTERNAL, ALTER plain SET STORAGE EXTERNAL,
SET (toast_tuple_target = 128)
"""
POSTGRES_TEXT_INDEX = """
CREATE INDEX IF NOT EXISTS discovery_searchtext_tokens ON discovery_searchtext
USING gin (array_to_tsvector(string_to_array(tokens, ' ')))
"""
# An external-content table (sqlite.org/fts5.html, 4.4.3): the tokens are stored once, in discovery_searchtext.
SQLITE_TEXT_INDEX = [
    """CREATE VIRTUAL TABLE IF NOT EXISTS discovery_fts USING fts5(
        tokens, content='discovery_searchtext', content_rowid='id', detail='none', tokenize="unicode61 tokenchars '_'")
    """,
    """CREATE TRIGGER IF NOT EXISTS discovery_fts_insert AFTER INSERT ON discovery_searchtext BEGIN
        INSERT INTO discovery_fts(rowid, tokens) VALUES (new.id, new.tokens); END
    """,
    """CREATE TRIGGER IF NOT EXISTS discovery_fts_delete AFTER DELETE ON discovery_searchtext BEGIN
        INSERT INTO discovery_fts(discovery_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END
    """,
    """CREATE TRIGGER IF NOT EXISTS discovery_fts_update AFTER UPDATE ON discovery_searchtext BEGIN
        INSERT INTO discovery_fts(discovery_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens);
        INSERT INTO discovery_fts(rowid, tokens) VALUES (new.id, new.tokens); END
    """,
]


def install(tables):
    """Make what is missing of the triggers on `tables`, of the text index and of the version row."""
    present = set(connection.introspection.table_names())
    if not {ContentVersion._meta.db_table, SearchText._meta.db_table} <= present:
        if connection.vendor == "sqlite":  # of texts that are gone: it would find the new ones by the old words
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS discovery_fts")
        return  # migrated only in part, or back to before there was a version
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in (
            [POSTGRES_FUNCTION, POSTGRES_TEXTS_ASIDE, POSTGRES_TEXT_INDEX, POSTGRES_SEARCH]
            if postgres
            else SQLITE_TEXT_INDEX
        ):
            cursor.execute(statement)
        missing = sorted((present & set(tables)) - watched_tables())
        for table in missing:
            for statement in trigger_statements(table, postgres):
                cursor.execute(statement)
    _, made = ContentVersion.objects.get_or_create(pk=1, defaults={"token": str(uuid.uuid4())})
    if missing and not made:  # what changed while they were away moved nothing
        ContentVersion.objects.update(token=str(uuid.uuid4()))


def remove():
    """Take the triggers away: a migration that rebuilds or drops the version's own table fails on them."""
    postgres, quote = connection.vendor == "postgresql", connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in watched_tables():
            for name in [TRIGGER] if postgres else [f"{table}_{TRIGGER}_{event}" for event in EVENTS]:
                cursor.execute(f"DROP TRIGGER {quote(name)}" + (f" ON {quote(table)}" if postgres else ""))


def trigger_statements(name, postgres):
    table = connection.ops.quote_name(name)
    if postgres:
        return [POSTGRES_TRIGGER.format(trigger=TRIGGER, table=table)]
    return [SQLITE_TRIGGER.format(name=name, trigger=TRIGGER, table=table, event=event) for event in EVENTS]


def watched_tables():
    """The tables of which every change moves the content version, as the database says it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = %s", [TRIGGER]
            )
        else:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s "
                "GROUP BY tbl_name HAVING count(*) = 3",
                [f"%{TRIGGER}%"],
            )
        return {name for (name,) in cursor.fetchall()}
