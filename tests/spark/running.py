"""Run a Spark job in the environment that `make test-spark` installs."""

import os
import subprocess
from pathlib import Path


def run(*command: object, cwd: Path) -> None:
    (cwd / "spark-defaults.conf").write_text(
        "spark.master local[2]\nspark.ui.enabled false\nspark.driver.host 127.0.0.1\nspark.driver.bindAddress 127.0.0.1\n"
    )
    python = Path(os.environ["COMITY_SPARK"]).resolve() / "bin" / "python"
    environment = {**os.environ, "SPARK_CONF_DIR": str(cwd), "SPARK_LOCAL_IP": "127.0.0.1"}
    ran = subprocess.run(
        [str(python), *map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-2_000:] + ran.stderr[-8_000:]
