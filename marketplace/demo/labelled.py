"""A small labelled set for the demo, made up for it. Some rules are wrong about it, and one threshold is too low."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from decisions import BundleUnavailable
from marketplace.errors import Refused
from marketplace.moderation.detection import configured
from marketplace.tuning.importing import Row, import_rows
from marketplace.tuning.sets import DetectorsFail, set_names

NAME: Final = "demo"

HARMLESS: Final = (
    "Is the lamp still available? I could pick it up on Saturday.",
    "The desk arrived today and looks great, thank you.",
    "One drawer sticks a little, but for the price I am happy.",
    "Could you send me the measurements of the shelf again, please?",
    "I waited two hours at the station and nobody came.",
    "This chair is a piece of junk. The leg broke on the first day.",
    "What a stupid mistake of mine, I typed the wrong address.",
    "The screws are rubbish and the manual is useless.",
    "Honestly, the worst packaging I have ever seen.",
    "That stupid lamp flickers every time I turn it on.",
    "My idiot cat scratched the armchair, so it goes cheaper.",
    "You sent the wrong color, and now you do not answer. That is poor service.",
    "The dumb remote needs a battery nobody sells.",
    "These curtains are ugly, the photo looked much better.",
    "I feel like a fool for paying in advance.",
    "This is a joke. Three weeks and still no parcel.",
    "Shame on the courier, he threw the box over the fence.",
    "The delivery was late again, and I am tired of excuses.",
    "Kill the lights before you take the photo, the screen reflects.",
    "I would kill for a matching table, do you have one?",
    "The shot glasses are in a box with the cocktail set.",
    "It is a toy gun for the school play, the tip is orange.",
    "We will be at your door at six with the van.",
    "The knife block has six knives, all sharp.",
    "My grandfather shot this film in 1962.",
    "The bomb of a party is over, so the speakers are for sale.",
    "I will hit you up when I am back in town.",
    "Call me at 030 1234567 when you stand in front of the house.",
    "The tracking page is https://parcel.example/track/123.",
    "My mail is bea@example.org, please send the invoice there.",
    "Damn, I forgot the key. Can we meet at seven instead?",
    "What the hell happened to the box? It is soaked.",
    "The hell of a bike, it climbs like a goat.",
    "Holy crap, this sofa is comfortable.",
    "I sat on my ass all day waiting for the courier.",
    "The book about the history of slavery is complete.",
    "Selling a set of black and white photographs of a gay pride parade.",
    "I am disabled and need somebody to carry it upstairs.",
    "The buyer told me he would smash my window. Who can help?",
    "I am so sick of moving, I could cry.",
)
LABELLED: Final = (
    (("insult",), "You are an idiot and a liar."),
    (("insult",), "You pathetic fool, learn to read."),
    (("insult",), "What a stupid moron you are."),
    (("insult",), "You are a dishonest crook."),
    (("insult",), "Only a clown like you would ask for that price."),
    (("insult",), "You lazy piece of garbage, answer me."),
    (("profanity",), "Where is my fucking parcel?"),
    (("profanity",), "This is bullshit and you know it."),
    (("profanity",), "Shit, the mirror is broken again."),
    (("insult", "profanity"), "You are a fucking asshole."),
    (("threat",), "Pay today or I will break your fingers."),
    (("threat",), "I know where you live, and I will come tonight with my brothers."),
    (("threat",), "You will regret this. I will burn your shop down."),
    (("threat",), "Give me a refund or your windows will not last the week."),
    (("threat",), "I am going to find you and hurt you."),
    (("spam",), "Half price on my own site, write to me on WhatsApp and skip the fees!"),
    (("spam",), "Earn 500 euros a day from home, message me on t.me/easycash now."),
    (("spam",), "Pay me directly by bank transfer outside of this site and get 20% off."),
    (("hate",), "People like you should go back to where they came from, we do not want your kind here."),
    (("abuse", "insult"), "You are worthless, stupid, ugly trash and everybody hates you."),
    (("self_harm",), "I cannot go on like this. Some days I do not want to be alive any more."),
    (("sexual",), "Send me a photo of yourself naked and you get the lamp for free."),
)


def fill_set(*, now: datetime) -> None:
    """Unless there is a labelled set. Without working detectors, nothing."""
    if set_names():
        return
    texts = [((), text) for text in HARMLESS] + list(LABELLED)
    rows = [
        Row(str(number), text, categories, number) for number, (categories, text) in enumerate(texts, start=1)
    ]
    with suppress(DetectorsFail, Refused, BundleUnavailable):
        import_rows(NAME, rows, mode="normal", pipeline=configured(), now=now)
