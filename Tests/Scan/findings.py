"""Prints what a report of wapiti names, apart from what is explained.

    findings.py REPORT EXPLAINED

The lines of EXPLAINED: a category, a tab, a regular expression for
"METHOD path parameter: what was found", a tab, why it is no vulnerability. Ends with status 1
if something remains.
"""

import json
import re
import sys

report, explained = sys.argv[1:]
rules = [line.rstrip("\n").split("\t") for line in open(explained) if line.strip() and not line.startswith("#")]
found = {
    (category, f"{item['method']} {item['path'].split('?')[0]} {item['parameter'] or ''}".strip() + f": {item['info']}")
    for group in ("vulnerabilities", "anomalies")
    for category, items in json.load(open(report))[group].items() for item in items}
remaining = 0
for category, what in sorted(found):
    why = next((why for name, pattern, why in rules if name == category and re.fullmatch(pattern, what)), None)
    print(f"{'explained' if why else 'FOUND'}: {category}: {what}" + (f" ({why})" if why else ""))
    remaining += why is None
sys.exit(1 if remaining else 0)
