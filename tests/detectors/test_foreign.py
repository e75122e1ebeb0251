"""German, Spanish and French are read by rules of their own, clause by clause."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from detectors.foreign import OwnClauses
from detectors.pipeline import Pipeline
from detectors.repairing import GUESSED, HELD
from detectors.signal import CATEGORIES, READ_AS_ENGLISH, Signal
from tests.detectors.shipped import decided_whole, examined, outcome, pipeline, read, rules_of

MODES = pytest.mark.parametrize("mode", ["normal", "dispute"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Ich werde dich töten", "german.threat.will_kill"),
        ("ICH WERDE DICH TÖTEN", "german.threat.will_kill"),
        ("ich werde dich toeten", "german.threat.will_kill"),
        ("Morgen bring ich dich um", "german.threat.kill_now"),
        ("Ich br1ng dich um", "german.threat.kill_now"),
        ("Scheiß Türken", "german.hate.vile_group"),
        ("Te voy a matar", "spanish.threat.will_kill"),
        ("Voy a matarte", "spanish.threat.will_kill"),
        ("Te mataré", "spanish.threat.will_kill"),
        ("T e   v o y   a   m a t a r", "spanish.threat.will_kill"),
        ("Je vais te tuer", "french.threat.will_kill"),
        ("Je vais t’égorger", "french.threat.will_kill"),
        ("Je vais te casser les dents", "french.threat.body"),
        ("Ma sœur, tu vas mourir", "french.threat.death"),
    ],
)
def test_grammar_spelling_and_disguises_of_a_language_are_known(text, rule):
    assert rule in rules_of(text)
    assert outcome(text, "dispute") == "block"


@pytest.mark.parametrize(
    "text",
    [
        "The parcel is late again. Ich bring dich um.",
        "Answer me, sonst bist du tot",
        "I have waited three weeks, te voy a partir la cara",
        "Please refund me today, sinon je te casse la gueule",
        "Ich warte seit Wochen. I will kill you.",
        "Tu es un voleur. I am going to break your legs.",
        "You are a liar, du Hurensohn",
    ],
)
@MODES
def test_a_clause_in_another_language_is_read(text, mode):
    assert outcome(text, mode) == "block"


@pytest.mark.parametrize(
    "text",
    [
        "Encore du retard, la livraison devait arriver lundi",
        "Ich möchte das Abo kündigen, es läuft seit Mai",
        "Der Stoff ist dick und hell, das Rot ist sehr schön",
        "El bolso negro es muy bonito, me lo quedo",
        "Vestido negro talla M",
        "Zapatos negros talla 42",
        "¿Color negro?",
        "Le chat est sale mais la cage est propre",
        "A case of Modelo Negro bottles",
        "Signed by Jerry Van Dyke, 1966",
        "He played the piano with the sustain pedale on",
    ],
)
@MODES
def test_a_word_that_means_something_else_in_the_language_of_its_sentence_passes(text, mode):
    assert outcome(text, mode) == "allow"


@pytest.mark.parametrize(
    "text",
    [
        "Ich werde dich nicht umbringen, keine Sorge",
        "Ich habe nie gesagt, dass ich dich umbringe",
        "No te voy a matar, tranquilo",
        "Nunca dije que te iba a pegar",
        "Je ne vais pas te tuer, calme-toi",
        "Je te tuerai pas, promis",
    ],
)
@MODES
def test_a_denied_threat_passes(text, mode):
    assert outcome(text, mode) == "allow"


@pytest.mark.parametrize(
    "text",
    [
        "Das ist doch Unsinn, die Ware war nie da. Bitte zahlen Sie das Geld zurück",
        "El pedido no ha llegado y quiero mi dinero, por favor",
        "Je n'ai rien reçu et je veux être remboursé, s'il vous plaît",
        "La lampada è arrivata rotta, vorrei un rimborso per favore.",
        "Grazie mille, tutto perfetto, venditore molto gentile.",
        "È ancora disponibile la scrivania? Posso passare sabato con il furgone.",
        "Tack så mycket, allt kom fram som det skulle.",
        "Muito obrigado, tudo chegou em perfeitas condições.",
        "Ik vind dit een mooie lamp, is hij nog te koop?",
    ],
)
def test_no_repair_or_classifier_that_knows_only_english_reads_another_language(text):
    found = pipeline(classifier=True).examine(text)
    assert found.language not in READ_AS_ENGLISH
    assert [s for s in found.signals if s.detector == "classifier" or s.score in (HELD, GUESSED)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Är den slut?",
        "Varan är slut i lager.",
        "Bordet er desværre slut.",
        "Vi ses på søndag, kys.",
        "Paki send po ng tracking number.",
        "Wat een mooie tafel, is die nog beschikbaar?",
        "Sui tempi di consegna nulla da dire.",
        "Estou à espera, pede o reembolso.",
    ],
)
@MODES
def test_a_harmless_word_of_a_language_without_rules_is_read_by_a_person_and_no_more(text, mode):
    """Sold out, kiss, please, nice, on, ask for: English, French or a typo of it, these are slurs, abuse and threats."""
    decision = decided_whole(examined(text, classifier=True), mode)
    assert (decision.outcome, decision.rule) == ("flag", "not-english")


@pytest.mark.parametrize(
    "text",
    [
        "Ska du ha den eller inte, jag har väntat i två veckor. I will kill you.",
        "Ti ho pagato e non ho ancora niente. You are dead if I find you, I will break your legs.",
        "Du är en jävla faggot och jag vill inte ha den",
        "Jij bent een nigger en ik wil mijn geld",
    ],
)
@MODES
def test_english_in_a_language_without_rules_is_read(text, mode):
    assert outcome(text, mode) == "block"


def test_an_elided_word_is_a_word():
    assert read("Je t'aime, qu'il m'a dit").words == (
        ".",
        "je",
        "t'",
        "aime",
        ",",
        "qu'",
        "il",
        "m'",
        "a",
        "dit",
        ".",
    )
    assert read("I don't know, it is four o'clock").words[2:] == (
        "don't",
        "know",
        ",",
        "it",
        "is",
        "four",
        "o'clock",
        ".",
    )


@dataclass
class Detector:
    name: str
    fails: bool = False
    version = "1"
    categories = frozenset(CATEGORIES)
    rules: ClassVar[dict[str, str]] = {}

    def find(self, message):
        if self.fails:
            raise ValueError(message.original)
        return [Signal("threat", 0.9, 0, 3, self.name, "1", self.name)]


GERMAN = "Das ist mein Geld und ich will es zurück"


def test_a_text_is_judged_only_by_a_working_detector_of_its_language():
    german = Detector("clause_rules", fails=True)
    asked = Pipeline([Detector("lexicon")], foreign={"german": [german]})
    assert asked.examine(GERMAN).unavailable == CATEGORIES
    assert asked.examine("This is my money and I want it back").unavailable == ()
    german.fails = False
    assert asked.examine(GERMAN).unavailable == ()


def test_a_classifier_that_would_alone_judge_a_language_leaves_it_unjudged():
    asked = Pipeline([Detector("classifier")])
    assert asked.examine("This is my money and I want it back").unavailable == ()
    assert asked.examine(GERMAN).unavailable == CATEGORIES


@pytest.mark.parametrize(
    ("text", "language", "kept"),
    [
        ("Das ist mein Geld und ich will es", "english", False),
        ("Das ist mein Geld und ich will es", "german", True),
        ("The thing is my money and I want it", "english", True),
        ("Wow", "english", True),
        ("Wow", "german", False),
        ("Kys har du att ge mig", "english", False),
        ("Vad har du att ge mig", "english", True),
        ("Brötchen", "german", True),
    ],
)
def test_a_find_counts_in_a_sentence_of_its_language(text, language, kept):
    assert len(OwnClauses(Detector("lexicon"), language).find(read(text))) == kept
