"""The same target with its data in PostgreSQL."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine

from tests.support.attacking import TRAIL, Target

_COUNT = """CREATE FUNCTION see_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE seen_changes SET n = n + 1 WHERE name = TG_TABLE_NAME; RETURN NULL; END $$"""


@dataclass
class PostgresTarget(Target):
    """A running server whose database is PostgreSQL; asked over a connection of our own."""

    address: str = ""

    def __post_init__(self) -> None:
        self.engine: Engine = create_engine(self.address, isolation_level="AUTOCOMMIT")

    @property
    def url(self) -> str:
        return self.address

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            plain = sql.replace("?", "%s").replace("is_refused = 1", "is_refused")
            return [tuple(row) for row in connection.exec_driver_sql(plain, values)]

    def watch(self) -> None:
        names = [name for (name,) in self.read("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                 if name not in TRAIL]
        with self.engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE seen_changes (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
            connection.exec_driver_sql(_COUNT)
            for name in names:
                connection.exec_driver_sql("INSERT INTO seen_changes VALUES (%s, 0)", (name,))
                connection.exec_driver_sql(f'CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON "{name}" '
                                           "FOR EACH ROW EXECUTE FUNCTION see_change()")
