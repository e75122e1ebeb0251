"""A Spark job of the tests: runs each statement of a folder over its Parquet files. Needs PySpark, and nothing of Comity.

`jobs.json` lists the name, the statement, the session's zone; the facts are in the folder NAME, the answers go to NAME.out.
"""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession


def main(folder: Path) -> None:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.parquet.enableNestedColumnVectorizedReader", "false")  # docs/batch.md, "In Spark"
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    for name, statement, zone in json.loads((folder / "jobs.json").read_text(encoding="utf-8")):
        session.conf.set("spark.sql.session.timeZone", zone)
        session.read.parquet(str(folder / name)).createOrReplaceTempView("facts")
        session.sql(statement).write.mode("overwrite").parquet(str(folder / f"{name}.out"))
        print(f"{name} done", flush=True)  # noqa: T201
    session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
