"""Checks a bag against RFC 8493, with Python's standard library alone.

usage: bagcheck.py DIRECTORY

Written from the text of the RFC, without a look at the Go code, so that the two
can disagree. Exit status 0 and the word "valid" on success, else 1 and the reason.
"""
import hashlib
import os
import re
import sys
import unicodedata
from urllib.parse import unquote


def fail(why):
    print("invalid:", why)
    sys.exit(1)


def lines(path):
    with open(path, "rb") as f:
        raw = f.read()
    if raw.startswith(b"\xef\xbb\xbf"):
        fail(f"{path} begins with a byte order mark")
    return raw.decode("utf-8").splitlines()


def declaration(bag):
    # 2.1.1: exactly two lines, in this order
    got = lines(os.path.join(bag, "bagit.txt"))
    if len(got) != 2 or not re.fullmatch(r"BagIt-Version: \d+\.\d+", got[0]) or got[1] != "Tag-File-Character-Encoding: UTF-8":
        fail("bagit.txt")
    if got[0] != "BagIt-Version: 1.0":
        fail("not version 1.0")


def walk(bag):
    found = set()
    for base, dirs, files in os.walk(bag, followlinks=False):
        for name in files + dirs:
            if os.path.islink(os.path.join(base, name)):
                fail(f"link {name}")
        for name in files:
            found.add(os.path.relpath(os.path.join(base, name), bag).replace(os.sep, "/"))
    return found


def manifest(bag, name):
    # 2.1.3: checksum, whitespace, path; %, CR and LF are percent-encoded
    out = {}
    for line in lines(os.path.join(bag, name)):
        m = re.fullmatch(r"([0-9a-fA-F]+)[ \t]+\*?(.+)", line)
        if not m:
            fail(f"{name}: {line!r}")
        path = re.sub(r"%(0[ADad]|25)", lambda x: unquote(x.group(0)), m.group(2))
        if path.startswith("./"):
            path = path[2:]
        if path.startswith(("/", "~")) or ".." in path.split("/"):
            fail(f"{name}: unsafe path {path}")
        if path in out:
            fail(f"{name}: {path} twice")
        out[path] = m.group(1).lower()
    return out


def digest(path, algorithm):
    h = hashlib.new(algorithm)
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


def check(bag, listed, algorithm):
    for path, want in listed.items():
        full = os.path.join(bag, path)
        if not os.path.isfile(full):
            fail(f"{path} is missing")
        if digest(full, algorithm) != want:
            fail(f"{path} has another digest")


def oxum(bag, payload):
    # 2.2.2: octet count and stream count of the payload
    info = os.path.join(bag, "bag-info.txt")
    if not os.path.exists(info):
        return
    for line in lines(info):
        if line[:1] not in (" ", "\t") and ":" not in line:
            fail(f"bag-info.txt: {line!r}")
        if line.lower().startswith("payload-oxum:"):
            size = sum(os.path.getsize(os.path.join(bag, p)) for p in payload)
            if line.split(":", 1)[1].strip() != f"{size}.{len(payload)}":
                fail("Payload-Oxum")


def main(bag):
    if not os.path.isdir(os.path.join(bag, "data")):
        fail("no data/")
    declaration(bag)
    found = walk(bag)
    folded = [unicodedata.normalize("NFC", p).casefold() for p in found]
    if len(set(folded)) != len(folded):
        fail("two names differ by case or normalisation alone")
    payload = {p for p in found if p.startswith("data/")}
    manifests = [p for p in found if re.fullmatch(r"manifest-[a-z0-9]+\.txt", p)]
    if not manifests:
        fail("no payload manifest")
    for name in manifests:
        listed = manifest(bag, name)
        if set(listed) != payload:  # 3: every payload file in every payload manifest
            fail(f"{name} and the payload name other files")
        check(bag, listed, name[len("manifest-"):-4])
    for name in found:
        m = re.fullmatch(r"tagmanifest-([a-z0-9]+)\.txt", name)
        if not m:
            continue
        listed = manifest(bag, name)
        if any(p.startswith("data/") or re.match(r"tagmanifest-", p) for p in listed):
            fail(f"{name} lists what it must not")
        if not set(manifests) <= set(listed):  # 2.2.1: SHOULD list the payload manifests
            fail(f"{name} does not list the payload manifest")
        check(bag, listed, m.group(1))
    oxum(bag, payload)
    print("valid")


main(sys.argv[1])
