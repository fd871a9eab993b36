"""What people write: select with mailbox, hash, tar, encrypt.
usage: script.py MBOX FOLDER FROM UNTIL [ADDRESS ...]   (dates YYYY-MM-DD, UTC)"""
import datetime
import email.utils
import mailbox
import os
import sys

store, folder, first, last, people = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], set(sys.argv[5:])
for n, message in enumerate(mailbox.mbox(store, create=False)):
    try:
        day = email.utils.parsedate_to_datetime(str(message["Date"])).astimezone(datetime.timezone.utc).strftime("%Y-%m-%d")
    except (TypeError, ValueError):
        continue
    if not first <= day <= last:
        continue
    if people:
        fields = [str(v) for k in ("from", "to", "cc", "bcc", "sender") for v in message.get_all(k, [])]
        if not people & {a.lower() for _, a in email.utils.getaddresses(fields)}:
            continue
    with open(os.path.join(folder, "%06d.eml" % n), "wb") as f:
        f.write(message.as_bytes())
