"""Prints rules of recurring events and, for each, when dateutil says that it takes place: a referee for the server's own reckoning.

    recurrences.py SEED COUNT
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule, tz

ZONES = [
    "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago", "America/Sao_Paulo",
    "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Asia/Kathmandu", "Asia/Tokyo", "Africa/Cairo",
    "UTC",
]
FREQUENCIES = {"daily": rrule.DAILY, "weekly": rrule.WEEKLY, "monthly": rrule.MONTHLY, "yearly": rrule.YEARLY}
DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"]
WANTED = 60
HORIZON = timedelta(days=36_524)


def rule(chance):
    """A rule as clients send it, and the wall time at which it begins."""
    frequency = chance.choice(list(FREQUENCIES))
    drafted = {"frequency": frequency, "interval": chance.choice([1, 1, 1, 2, 3, 5, 12, 13, 51, 52])}
    if chance.random() < 0.5:
        drafted["by_weekday"] = chance.sample(DAYS, chance.randint(1, 4))
    if frequency != "weekly" and chance.random() < 0.4:
        drafted["by_month_day"] = chance.choice([1, 13, 28, 29, 30, 31])
    # Around the hours at which clocks are changed, and on days that some months and years do not have.
    hour = chance.choice([0, 1, 2, 2, 2, 3, 12, 23])
    day = chance.choice([datetime(2027, 3, 28), datetime(2027, 10, 30), datetime(2028, 2, 29), datetime(2027, 1, 31),
                         datetime(2026, 12, 30) + timedelta(days=chance.randint(0, 800))])
    start = day + timedelta(hours=hour, minutes=chance.choice([0, 15, 30, 45]))
    ending = chance.random()
    if ending < 0.3:
        drafted["count"] = chance.choice([1, 2, 10, 365])
    elif ending < 0.5:
        drafted["until"] = int((start + timedelta(days=chance.randint(0, 3000))).replace(tzinfo=timezone.utc).timestamp())
    return drafted, start


def moment(wall, zone):
    """When clocks show a time, the first time; what is skipped is as RFC 5545 says."""
    return int(tz.resolve_imaginary(wall.replace(tzinfo=zone, fold=0)).timestamp())


def expected(drafted, start, zone):
    days = rrule.rrule(
        FREQUENCIES[drafted["frequency"]], dtstart=start, interval=drafted["interval"], wkst=rrule.MO,
        byweekday=[DAYS.index(day) for day in drafted["by_weekday"]] if "by_weekday" in drafted else None,
        bymonthday=drafted.get("by_month_day"), count=drafted.get("count"),
        until=None if "count" in drafted else start + HORIZON)
    found = (moment(day, zone) for day in days if day <= start + HORIZON)
    return [at for at in islice(found, WANTED) if at <= drafted.get("until", at)]


chance = random.Random(int(sys.argv[1]))
cases = []
for number in range(int(sys.argv[2])):
    name = ZONES[number % len(ZONES)]
    drafted, start = rule(chance)
    zone = ZoneInfo(name)
    if not tz.datetime_exists(start.replace(tzinfo=zone)):
        continue
    cases.append({
        "timezone": name, "starts_at": moment(start, zone), "recurrence": drafted,
        "expected": expected(drafted, start, zone),
    })
print(json.dumps(cases))
