"""Reads an iCalendar file with `icalendar`, works out with dateutil when its event takes place, and prints that as JSON.

    read_calendar.py FILE COUNT
"""

import json
import sys
from datetime import timezone
from itertools import islice

from dateutil.rrule import rrulestr
from icalendar import Calendar


def seconds(value):
    return int(value.astimezone(timezone.utc).timestamp())


with open(sys.argv[1], "rb") as file:
    raw = file.read()
if any(len(line) > 75 for line in raw.split(b"\r\n")) or raw.count(b"\n") != raw.count(b"\r\n"):
    sys.exit("lines are not as RFC 5545 wants them")
calendar = Calendar.from_ical(raw)
series, changed = None, {}
for event in calendar.walk("VEVENT"):
    if event.errors:
        sys.exit(f"{event.errors}")
    if "RECURRENCE-ID" in event:
        changed[seconds(event["RECURRENCE-ID"].dt)] = event
    else:
        series = event

start = series["DTSTART"].dt
length = seconds(series["DTEND"].dt) - seconds(start) if "DTEND" in series else None
starts = [start]
if "RRULE" in series:
    starts = list(islice(rrulestr(series["RRULE"].to_ical().decode(), dtstart=start), int(sys.argv[2])))
dates = series.get("EXDATE", [])
gone = {seconds(day.dt) for some in (dates if isinstance(dates, list) else [dates]) for day in some.dts}
occurrences = []
for at in map(seconds, starts):
    if at in gone:
        continue
    event = changed.get(at)
    if event is None:
        occurrences.append([at, None if length is None else at + length])
    else:
        occurrences.append([seconds(event["DTSTART"].dt), seconds(event["DTEND"].dt) if "DTEND" in event else None])

print(json.dumps({
    "summary": str(series["SUMMARY"]), "description": str(series.get("DESCRIPTION", "")),
    "location": str(series.get("LOCATION", "")), "status": str(series["STATUS"]), "uid": str(series["UID"]),
    "occurrences": sorted(occurrences),
    "zones": [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")],
    "offsets": [
        [seconds(part["DTSTART"].dt.replace(tzinfo=timezone(part["TZOFFSETFROM"].td))),
         int(part["TZOFFSETTO"].td.total_seconds())]
        for zone in calendar.walk("VTIMEZONE") for part in zone.subcomponents],
}))
