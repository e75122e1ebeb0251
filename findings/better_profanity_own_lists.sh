#!/usr/bin/env bash
# better-profanity 0.7.0 (Python 3.11): an empty word list means the list that it ships, and the caller's list is changed.
#
# `load_censor_words([])` asks for no words, such as where an owner has emptied the list. It loads the 916 words of the package
# instead, since it tests for truth and not for None. `whitelist_words` is lowercased in place: a list that a configuration still
# holds, or shows, has changed after the call.
#
# Seen:
#   one word: 1 False
#   no word: 916 True
#   the caller's list: ['hell']
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check better-profanity==0.7.0

cat > "$folder/ask.py" <<'PYTHON'
from better_profanity import Profanity

profanity = Profanity()
profanity.load_censor_words(["gadget"])
print("one word:", len(profanity.CENSOR_WORDSET), profanity.contains_profanity("hell"))
profanity.load_censor_words([])
print("no word:", len(profanity.CENSOR_WORDSET), profanity.contains_profanity("hell"))
kept = ["Hell"]
profanity.load_censor_words(whitelist_words=kept)
print("the caller's list:", kept)
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = "one word: 1 False
no word: 916 True
the caller's list: ['hell']"
