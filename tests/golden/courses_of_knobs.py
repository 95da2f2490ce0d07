#!/usr/bin/env python3
"""courses_of_knobs.py: the other half of courses.py, which tells how it works: each knob, loss, optimiser and stage. TAP."""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import courses

if __name__ == "__main__":
    sys.exit(courses.main("knobs", HERE / "courses_of_knobs.expected"))
