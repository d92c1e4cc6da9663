"""A database without any data, made once and copied after that."""

from sqlalchemy import Engine

from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.terms import DataKind
from tests.support.ready import built_once


@built_once
def build(engine: Engine) -> None:
    """Create the tables and nothing else."""
    create_database(engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai", title_zh="县", title_en="County"))
