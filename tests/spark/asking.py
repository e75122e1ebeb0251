"""A Spark job of the tests: asks each expression in `questions.json`, and writes `answers.json`. Needs PySpark only."""

import json
import sys
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession


def main(folder: Path, zone: str) -> None:
    session = SparkSession.builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.conf.set("spark.sql.session.timeZone", zone)
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    answers = {name: [answer(session, sql) for sql in asked] for name, asked in questions.items()}
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    session.stop()


def answer(session: SparkSession, sql: str) -> Any:
    try:
        ((value,),) = session.sql(f"SELECT {sql}").collect()
    except PySparkException:
        return "raises"
    return value.asDict() if isinstance(value, Row) else value


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
