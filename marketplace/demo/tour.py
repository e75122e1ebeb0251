"""The two-minute tour as shell commands with real ids and tokens."""

from marketplace.demo.cast import MODERATOR, Cast

TOUR = """\
# Comity listens on {url}. Paste these lines into another terminal.
API={url}/api/v1
BEA={bea}   # a buyer
SAM={sam}   # the seller

# Bea orders product {product}. She may not review it yet, and the answer says why.
ANSWER=$(curl -s $API/orders -H "Authorization: Bearer $BEA" -H 'Content-Type: application/json' \\
  -d '{{"product_id": {product}}}'); echo "$ANSWER"
ORDER=$(echo "$ANSWER" | sed 's/.*"id": *\\([0-9]*\\), *"product_id.*/\\1/')
CHAT=$(echo "$ANSWER" | sed 's/.*"chat_id": *\\([0-9]*\\).*/\\1/')
curl -s $API/products/{product}/review-eligibility -H "Authorization: Bearer $BEA"; echo

# Both sides confirm the sale; the second confirmation completes the order and locks the chat.
curl -s -X POST $API/orders/$ORDER/confirmations -H "Authorization: Bearer $BEA" \\
  -H 'Content-Type: application/json' -d '{{}}'; echo
curl -s -X POST $API/orders/$ORDER/confirmations -H "Authorization: Bearer $SAM" \\
  -H 'Content-Type: application/json' -d '{{}}'; echo
curl -s $API/chats/$CHAT/messages -H "Authorization: Bearer $BEA" \\
  -H 'Content-Type: application/json' -d '{{"text": "One more thing"}}'; echo

# Now the review is allowed; a second one would be refused.
curl -s $API/reviews -H "Authorization: Bearer $BEA" -H 'Content-Type: application/json' \\
  -d '{{"product_id": {product}, "rating": 5, "text": "As described."}}'; echo

# Edit a message in policies/review_eligibility.yaml, save it and ask again: the answer uses the new message.
curl -s $API/products/{product}/review-eligibility -H "Authorization: Bearer $BEA"; echo

# In the browser, moderators rule on texts that need a person: {url}/console/moderation/queue
# and see what is detected in a text of their own: {url}/console/moderation/try
# They tune thresholds on a small labelled set, and see which rules are wrong about it:
# {url}/console/moderation/profiles and {url}/console/moderation/rules
# Sign in as {moderator} with the password {password}

# The assistant, which answers from the policies: {url}/assistant/demo
# Signed out, your conversation disappears with the tab; signed in, it is kept in your inbox.
"""


def write_tour(cast: Cast, *, port: int, password: str) -> str:
    return TOUR.format(
        url=f"http://127.0.0.1:{port}",
        bea=cast.people["bea"].token,
        sam=cast.people["sam"].token,
        product=cast.products[0].pk,
        moderator=MODERATOR,
        password=password,
    )
