#!/usr/bin/env bash
# better-profanity 0.7.0 on the thousand most frequent words of other languages, by wordfreq 3.1.1 (Python 3.11).
#
# Its list is English, and it has no way to ask for a language, so small words that many messages in another language hold are
# censored: "how" and "can" in Romanian, "above" in Polish, Czech, Slovak and Slovenian, "good" in Swedish and Danish, "late" in
# French and Catalan, "hear" in Dutch, "room" and "sold out" in Swedish. Finnish, Hungarian, Italian and Turkish lose none of
# these words. A filter in front of a marketplace with sellers from these countries stops greetings.
#
# Seen:
#   catalan pot, massa, tard
#   czech nad, sex
#   danish god, sex, fat, slut
#   dutch hoor, god
#   finnish -
#   french loin, tard
#   hungarian -
#   italian -
#   polish nad, xx
#   romanian cum, pot, sex
#   slovak len, nad, hore
#   slovenian nad, pot
#   swedish slut, god, sex, massa, rum
#   turkish -
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check better-profanity==0.7.0 wordfreq==3.1.1

cat > "$folder/count.py" <<'PYTHON'
from better_profanity import profanity
from wordfreq import top_n_list

LANGUAGES = {
    "catalan": "ca", "czech": "cs", "danish": "da", "dutch": "nl", "finnish": "fi", "french": "fr", "hungarian": "hu",
    "italian": "it", "polish": "pl", "romanian": "ro", "slovak": "sk", "slovenian": "sl", "swedish": "sv", "turkish": "tr",
}
for language, code in LANGUAGES.items():
    print(language, ", ".join(filter(profanity.contains_profanity, top_n_list(code, 1000))) or "-")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/count.py")
echo "$seen"
test "$seen" = "catalan pot, massa, tard
czech nad, sex
danish god, sex, fat, slut
dutch hoor, god
finnish -
french loin, tard
hungarian -
italian -
polish nad, xx
romanian cum, pot, sex
slovak len, nad, hore
slovenian nad, pot
swedish slut, god, sex, massa, rum
turkish -"
