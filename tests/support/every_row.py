"""Every row of every table, to hold two databases against each other."""

from collections import Counter

from sqlalchemy import Engine, inspect


def read_every_row(engine: Engine) -> dict[str, Counter]:
    """Return each table's rows, the columns in order of their names; the same on both engines after the same writes."""
    found = {}
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            columns = sorted(column["name"] for column in inspect(connection).get_columns(name))
            quoted = ", ".join(f'"{column}"' for column in columns)
            found[name] = Counter(tuple(row) for row in connection.exec_driver_sql(f'SELECT {quoted} FROM "{name}"'))
    return found
