"""The label as PDF by gLabels, without a display: `glabels_label.py [labels] [merge] [file.pdf]`.

Starts `glabels-3-batch` with `unit.glabels` and a CSV file of serials, and reports the CPU time of that process.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import job

PROGRAM = "glabels-3-batch"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def main():
    count, _, path = job.arguments(["merge"])
    if not shutil.which(PROGRAM):
        raise SystemExit(f"{PROGRAM} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "labels.pdf"
        seconds = run(Path(folder), made, count)
        if path:
            shutil.copy(made, path)
        job.report(count, seconds, made.stat().st_size)


def run(folder, made, count):
    rows = "".join(f"{serial},{job.grouped(serial)},{job.LINK}{serial}\n" for serial in job.serials(count))
    table = folder / "serials.csv"
    table.write_text("serial,grouped,link\n" + rows)
    label = folder / "unit.glabels"
    text = Path(__file__).with_name("unit.glabels").read_text(encoding="utf-8")
    label.write_text(text.replace("@LOGO@", str(job.LOGO)).replace("@CSV@", str(table)), encoding="utf-8")
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(fonts=job.ROOT / "fonts", cache=folder / "cache"))
    environment = os.environ | {"FONTCONFIG_FILE": str(fonts), "HOME": str(folder)}
    before = children_seconds()
    command = [PROGRAM, f"--output={made}", str(label)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode or not made.exists():
        raise SystemExit(f"{PROGRAM} made nothing: {done.stderr.strip()[:300]}")
    return children_seconds() - before


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
