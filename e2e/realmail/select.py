#!/usr/bin/env python3
"""Selects messages from mbox files by the rules of DATES.md, and by nothing else.

usage: select.py QUESTION.json OUTPUT-FOLDER

Writes items.json (every item that is not outside), gaps.json, and the bytes of
each item that is given, under its id. Python 3, standard library only.
"""
import calendar
import datetime
import hashlib
import json
import os
import re
import sys

MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = b"sunday monday tuesday wednesday thursday friday saturday".split()
ZONES = {b"ut": 0, b"utc": 0, b"gmt": 0, b"z": 0, b"edt": -4, b"est": -5, b"cdt": -5,
         b"cst": -6, b"mdt": -6, b"mst": -7, b"pdt": -7, b"pst": -8}
END = calendar.timegm((2100, 1, 1, 0, 0, 0))
CLOCK = re.compile(rb"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?\Z")
OFFSET = re.compile(rb"([+-])([0-9]{2})([0-5][0-9])\Z")
NAME = re.compile(rb"[A-Za-z]{1,5}\Z")
SPACES = b" \t\r\n"


class Form(Exception):
    """The date is not of an accepted form."""


# --- dates (sections 3 and 4) ---

def local_seconds(day, month, year, clock):
    if not re.match(rb"[0-9]{1,2}\Z", day) or month.lower() not in MONTHS:
        raise Form
    mon, hms = MONTHS.index(month.lower()) + 1, CLOCK.match(clock)
    if not hms:
        raise Form
    h, m, s = int(hms[1]), int(hms[2]), int(hms[3] or 0)
    if h > 23 or m > 59 or s > 60:
        raise Form
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= int(day) <= [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][mon - 1]:
        raise Form
    if year < 1:
        return -1 << 40  # far out of range, and datetime has no such year
    days = datetime.date(year, mon, int(day)).toordinal() - datetime.date(1970, 1, 1).toordinal()
    return days * 86400 + h * 3600 + m * 60 + min(s, 59)


def zone_offset(zone):
    """Seconds ahead of UTC, or None if unknown."""
    if not zone:
        return None
    m = OFFSET.match(zone)
    if m:
        if int(m[2] + m[3]) > 1400:
            raise Form
        return (1 if m[1] == b"+" else -1) * (int(m[2]) * 3600 + int(m[3]) * 60)
    if not NAME.match(zone) or zone.lower() in (b"am", b"pm"):
        raise Form
    hours = ZONES.get(zone.lower())
    return None if hours is None else hours * 3600


def instant(local, off):
    """An interval and a reason; no interval where the date is out of range."""
    when = (local - off, local - off) if off is not None else (local - 14 * 3600, local + 12 * 3600)
    if when[0] < 0 or when[1] >= END:
        return None, "date_range"
    return when, "" if off is not None else "zone_unknown"


def without_comments(text):
    """Replaces comments by a space; the second result is false if one is unclosed."""
    out, depth, i = bytearray(), 0, 0
    while i < len(text):
        c = text[i:i + 1]
        if depth and c == b"\\":
            i += 1
        elif c == b"(":
            depth += 1
        elif depth and c == b")":
            depth -= 1
            if not depth:
                out += b" "
        elif not depth:
            out += c
        i += 1
    return bytes(out), depth == 0


def header_date(value):
    text, closed = without_comments(value)
    if not closed:
        return None, "date_form"
    words = re.split(rb"[ \t\r\n]+", text.strip(SPACES))
    if words == [b""]:
        return None, "no_date"
    try:
        # The comma may stand only directly behind the weekday, with or without space after it.
        head, comma, tail = words[0].partition(b",")
        if is_weekday(head):
            words[:1] = [tail] if tail else []
        if any(b"," in w for w in words) or len(words) not in (4, 5):
            raise Form
        if not re.match(rb"([0-9]{4}|[0-9]{2})\Z", words[2]):
            raise Form
        year = int(words[2])
        if len(words[2]) == 2:
            year += 2000 if year < 50 else 1900
        local = local_seconds(words[0], words[1], year, words[3])
        return instant(local, zone_offset(words[4] if len(words) == 5 else b""))
    except Form:
        return None, "date_form"


def is_weekday(w):
    return w.lower() in DAYS or w.lower() in [d[:3] for d in DAYS]


def separator_date(line, utc):
    """The date that ends a separator; Form if the line is none."""
    words = [w for w in re.split(rb"[ \t\r\n]+", line[len(b"From "):]) if w]
    zone = b""
    if words and re.match(rb"[+-]....\Z", words[-1], re.S):
        zone = words.pop()
    if not words or not re.match(rb"[0-9]{4}\Z", words[-1]):
        raise Form
    year = int(words.pop())
    if words and NAME.match(words[-1]):
        zone = zone or words[-1]
        if words.pop().lower() in (b"am", b"pm"):
            raise Form
    if len(words) < 4 or len(words[-4]) != 3 or not is_weekday(words[-4]):
        raise Form
    local = local_seconds(words[-2], words[-3], year, words[-1])
    return instant(local, zone_offset(zone or (b"UTC" if utc else b"")))


# --- messages and header fields (sections 1 and 2) ---

def messages(data, utc):
    """Yields (position, separator, its date, content); separator None is a preamble."""
    marks, at, after_empty = [], 0, True
    for line in data.split(b"\n"):
        end = at + len(line) + 1
        if after_empty and line.startswith(b"From ") and min(end, len(data)) - at <= 1024:
            try:
                marks.append((at, min(end, len(data)), line[:-1] if line.endswith(b"\r") and end <= len(data) else line, separator_date(line, utc)))
            except Form:
                pass
        after_empty = line in (b"", b"\r") and end <= len(data)
        at = end
    first = marks[0][0] if marks else len(data)
    if data[:first].strip(SPACES):
        yield 0, None, None, data[:first]
    for i, (at, start, sep, date) in enumerate(marks):
        content = data[start:marks[i + 1][0] if i + 1 < len(marks) else len(data)]
        m = re.search(rb"(?:\A|\n)(\r?\n)\Z", content)
        yield at, sep, date, content[:m.start(1)] if m else content


def header_block(content):
    m = re.search(rb"(?:\A|\n)\r?\n", content)
    return content[:m.end()] if m else content


def fields(block):
    for m in re.finditer(rb"(?:\A|(?<=\n))([^ \t\n][^\n]*(?:\n[ \t][^\n]*)*\n?)", block):
        f = re.match(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:", m[1])
        if f:
            yield f[1].lower(), m[1][f.end():]


# --- addresses (section 6) ---

HIDDEN_AT, HIDDEN_SPACE = -1, -2


def addresses(value):
    """Counted words, as lists of bytes in which hidden ones are negative."""
    found, text, angle, done = [], [], False, False

    def take():
        word = []
        for c in text + [0x20]:
            if c >= 0 and bytes([c]) in (b" ", b"\t", b"\r", b"\n"):
                ats = [i for i, x in enumerate(word) if x == 0x40]
                if ats and 0 < ats[-1] < len(word) - 1 and word[:2] != [0x3D, 0x3F]:
                    found.append(word)
                word = []
            else:
                word.append(c)
        text.clear()

    i = 0
    while i < len(value):
        c = value[i:i + 1]
        if c == b"(":
            depth = 0
            while i < len(value):
                d = value[i:i + 1]
                if d == b"\\":
                    i += 1
                depth += (d == b"(") - (d == b")")
                if depth == 0:
                    break
                i += 1
            text.append(0x20)
        elif c == b'"':
            m = re.compile(rb'"((?:\\.|[^"\\])*)"', re.S).match(value, i)
            if not m:
                break
            for d in re.sub(rb"\\(.)", rb"\1", m[1], flags=re.S):
                text.append(HIDDEN_AT if d == 0x40 else HIDDEN_SPACE if d in SPACES else d)
            i = m.end() - 1
        elif c == b"<":
            text, angle, done = clear(text), True, False
        elif c == b">" and angle:
            take()
            angle, done = False, True
        elif c == b":":
            text.clear()
        elif c == b";" or c == b"," and not (angle and text and text[0] == 0x40):
            if not done:
                take()
            text.clear()
            angle = done = False
        else:
            text.append(c[0])
        i += 1
    if not done:
        take()
    return found


def clear(text):
    text.clear()
    return text


def participant(word):
    """The form in which addresses compare, or None."""
    if len(word) > 320 or any(c < 0 for c in word):
        return None
    try:
        s = bytes(word).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(c <= " " or c == "," or "\x7f" <= c <= "\xa0" or c in "\u2028\u2029\ufffd" for c in s):
        return None
    return re.sub("[A-Z]", lambda m: m[0].lower(), s)


# --- the answer (sections 5, 7, 8, 9 and 10) ---

def times(found, sep_date):
    received = next((v for n, v in found if n == b"received"), None)
    when, why = (None, "no_date") if received is None or b";" not in received else header_date(received.rpartition(b";")[2])
    if when is None:
        when, why = sep_date
    dates = [v for n, v in found if n == b"date"]
    sent, sent_why = (None, "no_date") if not dates else (None, "date_twice") if len(dates) > 1 else header_date(dates[0])
    return when, why, sent, sent_why


def owner(question, found, when):
    values = [v for n, v in found if n == question["header"].lower().encode()]
    if not values:
        return None, "source.no_recipient"
    words = addresses(values[0])
    name = participant(words[0]) if len(words) == 1 else None
    if name is None:
        return None, "source.recipient_form"
    holds = question["addresses"].get(name, [])
    if when is None:
        ids = {h["account"] if len(holds) == 1 and h["from"] is None and h["until"] is None else None for h in holds}
    else:
        ids = {next((h["account"] for h in holds if (h["from"] is None or t >= h["from"]) and (h["until"] is None or t <= h["until"])), None) for t in when}
    if len(ids) != 1 or None in ids:
        return None, "source.not_resolved"
    return ids.pop(), ""


def side(when, q):
    if when is None:
        return "unsure"
    if q["from"] <= when[0] and when[1] <= q["until"]:
        return "in"
    return "out" if when[1] < q["from"] or when[0] > q["until"] else "unsure"


def verdict(q, counts, other):
    a, b = side(counts, q), side(other, q)
    if a == "unsure":
        return "undated"
    if a == "in":
        return "split" if b == "out" else "inside"
    return "near" if b == "in" else "outside"


def item_id(account, sep, block):
    h = hashlib.sha256()
    for part in (b"counterseal-mbox-item-v1", account.encode(), sep, block):
        h.update(len(part).to_bytes(8, "big") + part)
    return "mbox-" + h.digest()[:16].hex()


def judge(q, name, at, sep, sep_date, content, seen):
    """An item, a gap, or None."""
    place = {"place": "%s, byte %d" % (name, at)}
    if sep is None:
        return dict(place, reason="source.no_separator")
    block = header_block(content)
    if len(block) > 262144:
        return dict(place, reason="source.header_too_long")
    found = list(fields(block))
    when, why, sent, sent_why = times(found, sep_date)
    if side(when, q) == "out" and side(sent, q) == "out":
        return None
    account, gap = (q["account"], "") if not q["header"] else owner(q, found, when)
    if gap:
        return dict(place, reason=gap)
    if account != q["account"]:
        return None
    words = [w for n, v in found if n in (b"from", b"sender", b"to", b"cc", b"bcc") for w in addresses(v)]
    if len(words) > 1000:
        return dict(place, reason="source.too_many_addresses")
    key = item_id(account, sep, block)
    seen[key] = seen.get(key, 0) + 1
    if seen[key] > 1:
        key += "-%d" % seen[key]
    v = verdict(q, when, sent) if q["basis"] == "received" else verdict(q, sent, when)
    people = {participant(w) for w in words} - {None}
    if v == "outside" or q["participants"] and not people & set(q["participants"]):
        return None
    reasons = [k + ":" + r for k, r in (("received", why), ("sent", sent_why)) if r]
    return {"id": key, "verdict": v, "undated": " ".join(reasons), "received": list(when or []), "sent": list(sent or []),
            "participants": sorted(people), "content": content}


def main(question, folder):
    with open(question, encoding="utf-8") as f:
        q = json.load(f)
    items, gaps, seen = [], [], {}
    for name in q["files"]:
        with open(os.path.join(q["root"], name), "rb") as f:
            data = f.read()
        for at, sep, sep_date, content in messages(data, q["separator_utc"]):
            got = judge(q, name, at, sep, sep_date, content, seen)
            if got is None:
                continue
            if "reason" in got:
                gaps.append(got)
                continue
            content = got.pop("content")
            if q["flavour"] == "mboxrd":
                content = re.sub(rb"(?:\A|(?<=\n))>(>*From )", rb"\1", content)
            if got["verdict"] in ("inside", "split"):
                with open(os.path.join(folder, got["id"]), "wb") as f:
                    f.write(content)
            items.append(dict(got, size=len(content), sha256=hashlib.sha256(content).hexdigest()))
    for name, what in (("items.json", items), ("gaps.json", gaps)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            json.dump(what, f)


if __name__ == "__main__":
    main(*sys.argv[1:])
