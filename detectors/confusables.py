"""Characters that look like a Latin letter or ASCII punctuation, and ligatures that are written as two letters.

Full-width, circled and mathematical letters are not listed, since Unicode's compatibility decomposition resolves them.
"""

from __future__ import annotations

from typing import Final

_CYRILLIC: Final = dict(
    zip("аАВсСԁеЕЁёіІїЇјЈкКМмНоОрРԛѕЅТтуУхХһԝЬᴦ", "aABcCdeEEeiIiIjJkKMmHoOpPqsSTtyYxXhwbr", strict=True)
)
_GREEK: Final = dict(zip("αΑΒϲεΕηΗιΙκΚΜνΝοΟρΡτΤυΥχΧΖγω", "aABceEnHiIkKMvNoOpPtTuYxXZyw", strict=True))
_LATIN: Final = dict(
    zip("ıŀłŁøØđĐħŧſƒɑɡɩʏᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ†ᖴ", "illLoOdDhtsfagiyabcdeghijklmnoprtuvwztf", strict=True)
)
_MARKS: Final = dict(zip("“”„‟«»″‘’‚‛′`´‐‑‒–—―−․‥∕⁄∗", '"""""""' + "'''''''-------..//*", strict=True))

_LIGATURES: Final = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}

LOOKALIKES: Final = {**_CYRILLIC, **_GREEK, **_LATIN, **_MARKS, **_LIGATURES}

LEET: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"} | {
    "@": "a", "$": "s", "!": "i", "|": "l", "+": "t", "€": "e", "(": "c", "£": "l", "¥": "y",
}  # fmt: skip
"""What a digit or punctuation character stands for inside a word; `1` can also be an `l`."""
